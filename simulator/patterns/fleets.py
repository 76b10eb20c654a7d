"""What a search and the formulas know of every fleet of instances: candidates whose count stays or follows the time of
day, what quotas allow, and the fields that formulas know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator.engine.replication import Case
from simulator.patterns import schedules, sizing
from simulator.patterns.base import BaseDeployment
from simulator.patterns.candidates import SLACK, Ladder, Sought, Way, changed
from simulator.patterns.sizing import Kind, Load

MOST_INSTANCES = 1000
MODELLED = frozenset(
    {
        "instance_type",
        "initial_instance_count",
        "volume_size_in_gb",
        "scaling",
        "min_capacity",
        "max_capacity",
        "scheduled_actions",
    }
)
"""Fields of a deployment that the formulas of every fleet know."""
BUSY = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1)
"""How busy workers are meant to be, from bold to cautious."""

CLOCK = "by the clock"

UNSCALED: dict[str, Any] = {
    "scaling": None,
    "step_scale_out": None,
    "step_scale_in": None,
    "scheduled_actions": (),
}


def machine(deployment: Any) -> str:
    """The type of its instances."""
    name: str = deployment.instance_type
    return name


def way_of(policies: Mapping[str, object]) -> Way:
    """By the policies that a fleet has, by name; a timetable is named "by the clock"."""
    present = [name for name, policy in policies.items() if policy]
    if not present:
        return Way("a count that stays", 0)
    return Way(" and ".join(present), 2 if len(present) > 1 or CLOCK in present else 1)


def within_quotas(sought: Sought, deployment: Any) -> bool:
    """Whether the account and the search space allow its instances."""
    most: int = max(deployment.max_capacity, deployment.initial_instance_count)
    return most <= sought.most_instances(MOST_INSTANCES)


def fixed(own: Any, kind: Kind, least_most: tuple[int, int], enough: float, zones: int = 1) -> Ladder:
    """A count that stays. enough: how many may do, as a first guess."""
    least, most = least_most

    def make(count: int) -> BaseDeployment:
        made: BaseDeployment = changed(own, instance_type=kind.name, initial_instance_count=count)
        return made

    return Ladder(
        what="fixed",
        make=make,
        least=max(least, min(sizing.spread(least, zones), most)),
        most=most,
        guess=sizing.spread(sizing.whole(enough), zones),
        usd=lambda count: count * kind.usd * SLACK,
        floor=kind.service_s,
    )


def scheduled(
    case: Case, own: Any, kind: Kind, loads: tuple[Load, list[schedules.Floats]], least_most: tuple[int, int]
) -> Ladder:
    """Of an endpoint whose count follows the time of day."""
    load, slots = loads
    least, most = least_most

    def make(place: int) -> BaseDeployment:
        by_the_clock = schedules.actions(case, slots, kind.per_s * BUSY[place], least, most)
        counts = [action.min_capacity for action in by_the_clock]
        made: BaseDeployment = changed(
            own,
            instance_type=kind.name,
            scheduled_actions=by_the_clock,
            min_capacity=min(counts),
            max_capacity=max(*counts, 1),
            initial_instance_count=counts[-1],
        )
        return made

    def usd(place: int) -> float:
        return kind.usd * load.mean_instances(kind.per_s * BUSY[place], least) * SLACK

    return over(BUSY, "scheduled", kind, make, usd, guess=place(BUSY, 5, case.requirement.zones))


def place(levels: Sequence[float], usual: int, zones: int) -> int:
    """Where to begin among falling levels of load: at the usual place, or where the rest is as busy without a zone."""
    wanted = sizing.at_rest_of(levels[usual], zones)
    return next((place for place, level in enumerate(levels) if level <= wanted), len(levels) - 1)


def over(
    levels: Sequence[float],
    what: str,
    kind: Kind,
    make: Callable[[int], BaseDeployment],
    usd: Callable[[int], float],
    *,
    guess: int,
) -> Ladder:
    """A chain of one level of load after the other, from the fullest instances on. guess: a place in `levels`."""
    return Ladder(
        what=what,
        make=make,
        least=0,
        most=len(levels) - 1,
        guess=guess,
        usd=usd,
        counts=False,
        floor=kind.service_s,
    )


def bounds(kind: type[BaseDeployment]) -> dict[str, Any]:
    """Those of the default, for fleets that nothing scales."""
    return {name: kind.model_fields[name].default for name in ("min_capacity", "max_capacity")}
