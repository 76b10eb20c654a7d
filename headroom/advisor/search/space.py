"""What the spaces of all patterns share: chains of candidates, and deployments made from the scenario's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from headroom.advisor.search.ladders import Chain
from headroom.advisor.search.surrogate import Asker
from simulator.fields import Spec
from simulator.patterns.registry import Deployment

Made = TypeVar("Made", bound=Spec)

SLACK = 0.97
"""Of a bound on cost: rates are expected ones, and some requests may end without an answer."""


@dataclass(frozen=True, slots=True)
class Space:
    """The chains of a pattern, and candidates that hard limits forbid or that have no price: what to say when there is
    nothing else.

    may_meet: whether the pattern can answer as the requirement wants.
    """

    pattern: str
    chains: tuple[Chain, ...]
    forbidden: tuple[Deployment, ...]
    may_meet: bool = True


def template(asker: Asker, kind: type[Made]) -> Made:
    """The scenario's first deployment of this pattern, else the default."""
    return next((one for one in asker.scenario.deployments if isinstance(one, kind)), kind())


def changed(deployment: Made, **values: Any) -> Made:
    """The same with other values, checked."""
    return type(deployment).model_validate({**dict(deployment), **values})
