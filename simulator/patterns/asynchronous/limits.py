"""What rules an asynchronous endpoint out: payload, time, container, instance type, GPU, memory, quota."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.engine.replication import Case
from simulator.model.limits import BrokenLimit, TimeLimit
from simulator.patterns import autoscaling, burstable, container
from simulator.patterns import hard_limits as hard
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.common import machine

MAX_PAYLOAD_MB = 1024.0  # facts row 1.1
TIME_LIMIT_S = 3600.0  # facts row 1.3


def limits(case: Case, deployment: AsynchronousDeployment) -> tuple[BrokenLimit, ...]:
    """Payload, time, instance type, GPU and memory (facts section 1)."""
    here = machine(case, deployment.instance_type, "instance_type")
    mean_s = case.workload.service_time.mean_ms / 1000 * here.factor
    return (
        *hard.users(case.workload),
        *hard.payload(case.workload, MAX_PAYLOAD_MB, "1.1"),
        *container.sizes(case.workload, case.workload.largest_request_mb, case.workload.response_mb),
        *hard.duration(mean_s, _longest(mean_s, time_limits(case, deployment))),
        *hard.instance(case, here.kind, batch=False),
        *burstable.limits(case, deployment, here),
        *autoscaling.beyond_quota(case, deployment),
    )


def time_limits(case: Case, deployment: AsynchronousDeployment) -> tuple[TimeLimit, ...]:
    """InvocationTimeoutSeconds, and the container's own."""
    field = AsynchronousDeployment.model_fields["invocation_timeout_s"]
    return (container.configured(deployment.invocation_timeout_s, field), *container.time_limit(case.workload))


def worth_knowing(case: Case, deployment: AsynchronousDeployment) -> Iterable[str]:
    """An update that a quota may refuse; what is assumed of the container and of a burstable type's CPU credits."""
    here = machine(case, deployment.instance_type, "instance_type")
    of_container = container.assumed(case, here, case.workload.largest_request_mb, case.workload.response_mb)
    return (*autoscaling.update_at_risk(case, deployment), *of_container, *burstable.assumed(here))


def _longest(mean_s: float, time_limits: tuple[TimeLimit, ...]) -> tuple[TimeLimit, ...]:
    """The same; beyond the most that the setting may be, it is AWS that forbids it."""
    if mean_s <= TIME_LIMIT_S:
        return time_limits
    return (
        TimeLimit(name="the largest InvocationTimeoutSeconds", seconds=TIME_LIMIT_S, whose="aws", row="1.3"),
        *time_limits[1:],
    )
