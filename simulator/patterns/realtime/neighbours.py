"""Small changes of a real-time endpoint: what its ladders leave out, and finer steps of what they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.engine.replication import Case
from simulator.patterns import fleets
from simulator.patterns import neighbours as common
from simulator.patterns.candidates import Way
from simulator.patterns.realtime.deployment import RealtimeDeployment

TARGET_TIMES = (1.02, 1.05, 1.1, 1.25, 0.95, 0.8)
BOLDER = 1.04


def neighbours(_case: Case, deployment: RealtimeDeployment) -> Iterator[RealtimeDeployment]:
    """Deployments that differ in one setting."""
    return common.neighbours(deployment, _changes(deployment))


def _changes(deployment: RealtimeDeployment) -> Iterator[dict[str, Any]]:
    if deployment.scheduled_actions:
        yield from common.clock_changes(deployment, least=1)
    if deployment.scaling:
        yield from ({"scaling": policy} for policy in common.policy_changes(deployment.scaling, TARGET_TIMES))
    elif deployment.concurrency_scaling:
        policies = common.policy_changes(deployment.concurrency_scaling, TARGET_TIMES)
        yield from ({"concurrency_scaling": policy} for policy in policies)
    else:
        return
    yield from common.capacity_changes(deployment)


def bolder(deployment: RealtimeDeployment) -> RealtimeDeployment | None:
    """With a target 4 % higher."""
    policies = {"scaling": deployment.scaling, "concurrency_scaling": deployment.concurrency_scaling}
    return common.with_target_times(deployment, policies, BOLDER)


def way(deployment: RealtimeDeployment) -> Way:
    """By its policies."""
    return fleets.way_of(
        {
            "invocations": deployment.scaling,
            "concurrency": deployment.concurrency_scaling,
            "steps": deployment.step_scale_out or deployment.step_scale_in,
            fleets.CLOCK: deployment.scheduled_actions,
        }
    )
