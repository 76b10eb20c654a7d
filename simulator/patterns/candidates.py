"""Candidates for a search: rows of deployments from cheap to dear, what they are made for, and what they cost at least.

A pattern's folder makes them in terms of usage; what a unit of usage costs is asked of a function that is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from simulator.engine.gauges import GaugeName
from simulator.engine.replication import Case
from simulator.model.assumptions import Assumptions
from simulator.patterns.base import BaseDeployment

Made = TypeVar("Made", bound=BaseDeployment)

SLACK = 0.97
"""Of a bound on cost: rates are expected ones, and some requests may end without an answer."""


SLOWER = 1.5
"""A type may be so much slower than the reference, when a time-out is held against the time of a call."""

SPARE = 0.25
"""Of the errors that are allowed, a time-out that is not needed may make so many."""


class Way(NamedTuple):
    """How the capacity of a deployment is decided on. upkeep: what there is to look after, so that of two that are as
    good the lower is simpler: 0 a setting that stays, 1 a policy that follows the load, 2 a timetable or several
    policies.
    """

    name: str
    upkeep: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What candidates are made for.

    deployments: those of the scenario, whose settings are kept where the search does not vary them.
    instance_types(key): types that may be looked at and have a price for this usage key, in order. unit_usd(key,
    dimension): price of a unit of usage at low volume, None when it is not known; month_s: seconds of the month that
    costs are told for. Quotas are 0 where there is none. rough: for a first look, which leaves out finer rows.
    """

    case: Case
    deployments: tuple[BaseDeployment, ...]
    instance_types: Callable[[str], Sequence[str]]
    unit_usd: Callable[[str, str], float | None]
    month_s: float
    max_instances: int
    serverless_concurrency_quota: int
    transform_instances_quota: int
    rough: bool

    def most_instances(self, allowed: int) -> int:
        """Instances of one deployment: what AWS, the account and the search space allow."""
        limits = (self.max_instances, self.case.assumptions.instances_per_endpoint_quota)
        return min(allowed, *(limit for limit in limits if limit), allowed)

    def zones(self, most: int) -> int:
        """Availability Zones that instances stand in, as far as their number allows it; 1: one is enough."""
        return min(self.case.requirement.zones, most)

    def template(self, kind: type[Made]) -> Made:
        """The scenario's first deployment of this kind, else the default."""
        return next((deployment for deployment in self.deployments if isinstance(deployment, kind)), kind())


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Candidates in a row from cheap to dear, the later the faster: sizes of one kind of machine, or ever more cautious
    scaling.

    make(i) for least <= i <= most. usd(i): what it costs a month at least, without what all candidates pay alike.
    guess: where it may begin to do; what: the kind of ladder: a guess that was wrong for one is corrected for the
    others of its kind, in proportion where places are counts of something. floor: a time by which ladders are put in
    order, fast ones first.
    """

    what: str
    make: Callable[[int], BaseDeployment]
    least: int
    most: int
    guess: int
    usd: Callable[[int], float]
    floor: float
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Candidates:
    """The ladders of a pattern, and candidates that hard limits forbid or that have no price: what to say when there is
    nothing else.
    """

    ladders: tuple[Ladder, ...]
    forbidden: tuple[BaseDeployment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FreePlaces:
    """A setting that costs nothing but counts against quotas: how many requests may be in flight.

    steps: the values that are proposed, rising. gauge: the series of what was in flight. places(deployment): the
    setting; least(deployment): its least value; most(assumptions, quota): what AWS and the account allow;
    with_places(deployment, places): the same deployment with another one.
    """

    steps: tuple[int, ...]
    gauge: GaugeName
    places: Callable[[Any], int]
    least: Callable[[Any], int]
    most: Callable[[Assumptions, int], int]
    with_places: Callable[[Any, int], Any]

    def roomy(self, needed: int, most: int) -> int:
        """Twice as many, rounded up to a step, at most `most`: a burst that nobody saw is not to be refused."""
        return min(most, next((step for step in self.steps if step >= 2 * needed), most))


def changed(deployment: Made, **values: Any) -> Made:
    """The same with other values, checked; raises ValueError where they are not allowed or have no such name."""
    return type(deployment).model_validate({**dict(deployment), **values})
