"""Small changes of an asynchronous endpoint: what its ladders leave out, and finer steps of what they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.engine.replication import Case
from simulator.patterns import fleets
from simulator.patterns import neighbours as common
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.candidates import Way

BACKLOG_TIMES = (0.5, 0.8, 1.25, 2.0)
BOLDER = 1.25


def neighbours(_case: Case, deployment: AsynchronousDeployment) -> Iterator[AsynchronousDeployment]:
    """Deployments that differ in one setting."""
    return common.neighbours(deployment, _changes(deployment))


def _changes(deployment: AsynchronousDeployment) -> Iterator[dict[str, Any]]:
    if deployment.scheduled_actions:
        yield from common.clock_changes(deployment, least=0)
    if deployment.scaling:
        yield from ({"scaling": policy} for policy in common.policy_changes(deployment.scaling, BACKLOG_TIMES))
        yield from common.capacity_changes(deployment)


def bolder(deployment: AsynchronousDeployment) -> AsynchronousDeployment | None:
    """With a target backlog 25 % higher."""
    return common.with_target_times(deployment, {"scaling": deployment.scaling}, BOLDER)


def way(deployment: AsynchronousDeployment) -> Way:
    """By its policies."""
    return fleets.way_of(
        {
            "backlog": deployment.scaling,
            "steps": deployment.step_scale_out or deployment.step_scale_in,
            fleets.CLOCK: deployment.scheduled_actions,
        }
    )
