"""Small changes of a serverless endpoint: one provisioned environment more or fewer, and as many places as it needs."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.engine.replication import Case
from simulator.model.assumptions import Assumptions
from simulator.patterns import neighbours as common
from simulator.patterns.candidates import FreePlaces, Sought, Way
from simulator.patterns.serverless.deployment import MOST_CONCURRENCY, ServerlessDeployment
from simulator.scaling.policies import is_scaled

PLACES = (1, 2, 3, 5, 10, 15, 20, 30, 50, 75, 100, 150)
"""Values of MaxConcurrency that are proposed; more than these is all that is allowed."""


def neighbours(_case: Case, deployment: ServerlessDeployment) -> Iterator[ServerlessDeployment]:
    """Deployments that differ in one setting."""
    least, most = 0, deployment.max_concurrency
    if is_scaled(deployment):
        least, most = deployment.min_capacity, deployment.max_capacity
    counts = (deployment.provisioned_concurrency + by for by in (-1, 1))
    return common.neighbours(
        deployment, ({"provisioned_concurrency": count} for count in counts if least <= count <= most)
    )


def within_quotas(sought: Sought, deployment: ServerlessDeployment) -> bool:
    """Whether the account has as much concurrency left."""
    return deployment.max_concurrency <= (sought.serverless_concurrency_quota or MOST_CONCURRENCY)


def machine(deployment: ServerlessDeployment) -> int:
    """The memory, which decides on the vCPU."""
    return deployment.memory_size_in_mb


def way(deployment: ServerlessDeployment) -> Way:
    """On demand, with environments that are kept ready, and by what their number is scaled."""
    if deployment.scaling or deployment.scheduled_actions:
        return Way("scaled", 2 if deployment.scheduled_actions else 1)
    return Way("provisioned" if deployment.provisioned_concurrency else "on demand", 0)


def _most(assumptions: Assumptions, quota: int) -> int:
    limits = (MOST_CONCURRENCY, quota, assumptions.serverless_account_concurrency)
    return min(limit for limit in limits if limit)


FREE_PLACES = FreePlaces(
    steps=PLACES,
    gauge="in_flight",
    places=lambda deployment: int(deployment.max_concurrency),
    least=lambda deployment: max(1, int(deployment.provisioned_concurrency)),
    most=_most,
    with_places=lambda deployment, places: deployment.model_copy(update={"max_concurrency": places}),
)
