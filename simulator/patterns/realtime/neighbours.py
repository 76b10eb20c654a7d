"""Small changes of a real-time endpoint: what its ladders leave out, and finer steps of what they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.engine.replication import Case
from simulator.patterns import neighbours as common
from simulator.patterns.realtime.deployment import RealtimeDeployment

TARGET_TIMES = (0.8, 0.9, 0.95, 1.05, 1.1, 1.25)


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


def same_hardware(deployment: RealtimeDeployment) -> tuple[object, ...]:
    """Type of the instances, and which policies there are: what is left are fine settings."""
    policies = (
        deployment.scaling,
        deployment.concurrency_scaling,
        deployment.step_scale_out,
        deployment.step_scale_in,
        deployment.scheduled_actions,
    )
    return deployment.instance_type, tuple(bool(policy) for policy in policies)
