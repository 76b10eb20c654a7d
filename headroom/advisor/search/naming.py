"""Names of candidates, and what candidates have in common: each pattern says it of its own deployments."""

from __future__ import annotations

from simulator.patterns.registry import BY_KEY, Deployment

_MOST = 80


def named(deployment: Deployment) -> Deployment:
    """The same deployment under a name made from its settings: what a reader needs to tell one from the other."""
    name = BY_KEY[deployment.pattern].description.name(deployment)
    return deployment.model_copy(update={"name": name[:_MOST]})


def same_way(deployment: Deployment) -> tuple[str, str]:
    """A key that is equal for deployments whose capacity is decided on in the same way, whatever their machine."""
    return deployment.pattern, BY_KEY[deployment.pattern].searching.way(deployment).name


def same_hardware(deployment: Deployment) -> tuple[object, ...]:
    """A key that is equal for deployments of the same way on the same machine, which differ in fine settings only."""
    return *same_way(deployment), BY_KEY[deployment.pattern].searching.machine(deployment)
