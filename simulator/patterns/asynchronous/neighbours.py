"""Small changes of an asynchronous endpoint: what its ladders leave out, and finer steps of what they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.engine.replication import Case
from simulator.patterns import neighbours as common
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment

BACKLOG_TIMES = (0.5, 0.8, 1.25, 2.0)


def neighbours(_case: Case, deployment: AsynchronousDeployment) -> Iterator[AsynchronousDeployment]:
    """Deployments that differ in one setting."""
    return common.neighbours(deployment, _changes(deployment))


def _changes(deployment: AsynchronousDeployment) -> Iterator[dict[str, Any]]:
    if deployment.scheduled_actions:
        yield from common.clock_changes(deployment, least=0)
    if deployment.scaling:
        yield from ({"scaling": policy} for policy in common.policy_changes(deployment.scaling, BACKLOG_TIMES))
        yield from common.capacity_changes(deployment)


def same_hardware(deployment: AsynchronousDeployment) -> tuple[object, ...]:
    """Type of the instances, and which policies there are: what is left are fine settings."""
    policies = (deployment.scaling, deployment.step_scale_out, deployment.step_scale_in, deployment.scheduled_actions)
    return deployment.instance_type, tuple(bool(policy) for policy in policies)
