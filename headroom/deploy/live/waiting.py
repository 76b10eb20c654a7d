"""Waiting for what takes minutes: endpoints, which have nine statuses, and transform jobs that are stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from headroom.deploy.live.aws import Aws
from headroom.deploy.live.look import describe
from headroom.deploy.live.observe import IN_PROGRESS
from simulator.errors import HeadroomError
from simulator.patterns.resources import ResourceKind

MOST_WAIT_S: Final = 3 * 3600.0
"""Longer than SageMaker looks for instances, downloads and starts a container."""
TOLD: Final[Mapping[str, str]] = {
    "Creating": "being created",
    "Updating": "being updated",
    "SystemUpdating": "being maintained by AWS",
    "RollingBack": "being rolled back to what it served before",
    "Deleting": "being deleted",
    "InService": "in service",
    "OutOfService": "out of service: it takes no requests",
    "Failed": "failed",
    "UpdateRollbackFailed": "stuck: the update failed, and so did its rollback",
}
"""Every status that an endpoint can have, in words."""

Tell = Callable[[str], None]


class StillUnderWay(HeadroomError):
    """What was waited for did not end in time."""


def settled(aws: Aws, name: str, tell: Tell) -> dict[str, Any] | None:
    """The endpoint once its status ends nothing by itself any more; None where it is gone. Raises StillUnderWay."""
    told = ""

    def ended(endpoint: dict[str, Any]) -> bool:
        nonlocal told
        status = str(endpoint["EndpointStatus"])
        if status != told:
            told = status
            tell(f"{name} is {TOLD.get(status, status)}.")
        return status not in IN_PROGRESS

    return _until(aws, "endpoint", {"EndpointName": name}, ended)


def stopped(aws: Aws, name: str) -> None:
    """Wait until a transform job does not run any more. Raises StillUnderWay."""
    _until(
        aws,
        "transform_job",
        {"TransformJobName": name},
        lambda job: job["TransformJobStatus"] not in {"InProgress", "Stopping"},
    )


def _until(
    aws: Aws, kind: ResourceKind, identity: Mapping[str, Any], ended: Callable[[dict[str, Any]], bool]
) -> dict[str, Any] | None:
    start = aws.pace.now()
    while True:
        description = describe(aws, kind, identity)
        if description is None or ended(description):
            return description
        if aws.pace.now() - start > MOST_WAIT_S:
            name = next(iter(identity.values()))
            raise StillUnderWay(f"{name} is not settled after {MOST_WAIT_S / 3600:g} hours. It may be billed.")
        aws.pace.sleep(aws.pace.poll_s)
