"""When an answer is wanted, as one choice: while the caller waits, within minutes, or by the next morning."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.scenario import Scenario
from simulator.traffic.kinds import Jobs


@dataclass(frozen=True, slots=True)
class Wanted:
    """A choice. unit: of its limit, with its length in seconds. usual: the limit that it begins with, in that unit."""

    title: str
    unit: str
    seconds: float
    usual: float
    deferred: bool


AT_ONCE, MINUTES, MORNING = "at once", "minutes", "morning"
CHOICES = {
    AT_ONCE: Wanted("While the caller waits", "ms", 0.001, 500.0, deferred=False),
    MINUTES: Wanted("Within minutes", "min", 60.0, 15.0, deferred=True),
    MORNING: Wanted("By morning", "h", 3600.0, 6.0, deferred=True),
}
_HOUR_S, _LONG_S = 3600.0, 10.0


def wanted_of(scenario: Scenario) -> str:
    """The key of the choice that a requirement amounts to."""
    if not scenario.requirement.answer_may_be_deferred:
        return AT_ONCE
    limit_s = limit_of(scenario)
    return MINUTES if 0 < limit_s < _HOUR_S else MORNING


def limit_of(scenario: Scenario) -> float:
    """The limit that the choice speaks of, in seconds: of data sets the deadline where there is one; 0 without any."""
    requirement = scenario.requirement
    if isinstance(scenario.workload.traffic, Jobs) and requirement.answer_may_be_deferred and requirement.deadline_s:
        return requirement.deadline_s
    return requirement.latency_limit_s


def unit_of(key: str, limit_s: float) -> tuple[str, float]:
    """The unit in which a limit is typed, and its length in seconds; a long wait of a caller in seconds."""
    choice = CHOICES[key]
    return ("s", 1.0) if key == AT_ONCE and limit_s >= _LONG_S else (choice.unit, choice.seconds)


def with_wanted(scenario: Scenario, key: str) -> Scenario:
    """The scenario with another choice and its usual limit."""
    choice = CHOICES[key]
    requirement = scenario.requirement.model_copy(
        update={"answer_may_be_deferred": choice.deferred, "latency_limit_s": 0.0, "deadline_s": 0.0}
    )
    return with_limit(scenario.model_copy(update={"requirement": requirement}), choice.usual * choice.seconds)


def with_limit(scenario: Scenario, limit_s: float) -> Scenario:
    """The scenario with another limit, where the present one is; 0 for none."""
    requirement = scenario.requirement
    of_data_sets = isinstance(scenario.workload.traffic, Jobs) and requirement.answer_may_be_deferred
    field = "deadline_s" if of_data_sets and not requirement.latency_limit_s else "latency_limit_s"
    changed = type(requirement).model_validate({**dict(requirement), field: limit_s})
    return scenario.model_copy(update={"requirement": changed})
