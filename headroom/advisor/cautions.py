"""What a scenario says that is allowed and probably not meant. Where nothing sensible can be meant it is a problem
(`check`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from headroom.advisor import effort
from headroom.advisor.prepared import prepare
from headroom.advisor.tell import words
from headroom.advisor.world import World
from simulator.errors import Caution
from simulator.patterns.registry import BY_KEY
from simulator.scaling import schedule
from simulator.scaling.policies import actions_of
from simulator.scaling.schedule import Clock
from simulator.scenario import Scenario
from simulator.traffic.kinds import Jobs

MOST_ERRORS = 0.2
"""From this share of errors on it is likelier that per cent were meant than that so many may fail."""
LEAST_BUDGET_USD = 0.01


def cautions(scenario: Scenario, world: World) -> tuple[Caution, ...]:
    """What is allowed and probably not meant, in the order of the scenario's fields; of a scenario without problems."""
    return (
        *_requirement(scenario),
        *_load(scenario, world),
        *_faults(scenario),
        *_names(scenario),
        *_schedules(scenario),
        *_lives(scenario),
        *_search(scenario),
    )


def _requirement(scenario: Scenario) -> Iterator[Caution]:
    requirement = scenario.requirement
    if requirement.max_error_share >= MOST_ERRORS:
        yield Caution(
            "requirement.max_error_share",
            f"{requirement.max_error_share:g}",
            f"which lets {words.share(requirement.max_error_share)} of the requests fail",
            "It is a share of 1: write 0.01 for 1 %.",
        )
    if requirement.deadline_s and not isinstance(scenario.workload.traffic, Jobs):
        yield Caution(
            "requirement.deadline_s",
            words.seconds(requirement.deadline_s),
            "which means nothing without data sets",
            'A deadline is for traffic of the kind "jobs"; for requests there is latency_limit_s.',
        )
    if 0 < requirement.monthly_budget_usd < LEAST_BUDGET_USD:
        yield Caution(
            "requirement.monthly_budget_usd",
            f"{requirement.monthly_budget_usd:g} USD",
            "which nothing can keep to",
            "Write 0 for no budget.",
        )


def _load(scenario: Scenario, world: World) -> Iterator[Caution]:
    prepared = prepare(scenario, world)
    work_s = effort.evaluate_s(prepared, *scenario.deployments)
    if work_s > effort.ABSURD_S:
        requests = words.count(prepared.case.expected_requests())
        yield Caution(
            "simulation.duration_s",
            f"{words.round_seconds(scenario.simulation.duration_s)} with {requests} requests",
            f"which take about {words.round_seconds(work_s)} to simulate",
            "Simulate a shorter horizon or less traffic; costs are scaled to a month anyway.",
        )


def _faults(scenario: Scenario) -> Iterator[Caution]:
    horizon_s = scenario.simulation.duration_s
    for index, fault in enumerate(scenario.faults):
        if fault.at_s >= horizon_s:
            ends = f"which never happens: the horizon ends after {words.seconds(horizon_s)}"
            yield Caution(f"faults[{index}].at_s", words.seconds(fault.at_s), ends, "Let it happen earlier.")


def _names(scenario: Scenario) -> Iterator[Caution]:
    number = Counter(deployment.name for deployment in scenario.deployments)
    for index, deployment in enumerate(scenario.deployments):
        if number[deployment.name] > 1:
            several = f"which {number[deployment.name]} deployments are called"
            todo = "Give each a name of its own, so that they can be told apart."
            yield Caution(f"deployments[{index}].name", repr(deployment.name), several, todo)


def _schedules(scenario: Scenario) -> Iterator[Caution]:
    simulation = scenario.simulation
    clock = Clock(starts_on=simulation.starts_on, timezone=simulation.timezone)
    for index, deployment in enumerate(scenario.deployments):
        for number, action in enumerate(actions_of(deployment)):
            times_s = schedule.times_s(
                schedule.parse(action.schedule), action.timezone, clock, -simulation.warmup_s, simulation.duration_s
            )
            if not times_s:
                yield Caution(
                    f"deployments[{index}].scheduled_actions[{number}].schedule",
                    repr(action.schedule),
                    f"which never comes in the {words.round_seconds(simulation.duration_s)} that are simulated",
                    "Where a date matters, the horizon lies in the week of Monday 5 January 2026.",
                )


def _lives(scenario: Scenario) -> Iterator[Caution]:
    least_s, most_s = scenario.assumptions.serverless_life_min_s, scenario.assumptions.serverless_life_max_s
    if least_s and not most_s:
        yield Caution(
            "assumptions.serverless_life_min_s",
            words.seconds(least_s),
            "which has no effect while serverless_life_max_s is 0",
            "Set both.",
        )


def _search(scenario: Scenario) -> Iterator[Caution]:
    search = scenario.search
    repeated = [name for name, number in Counter((*search.patterns, *search.families)).items() if number > 1]
    for name in repeated:
        where = "search.patterns" if name in search.patterns else "search.families"
        yield Caution(where, f"{name!r} twice", "which says no more than once", "Remove one.")
    if search.patterns and all(BY_KEY[pattern].api is None for pattern in search.patterns):
        for field, value in (("families", search.families), ("max_instances", search.max_instances)):
            if value:
                given = words.joined(search.families) if field == "families" else str(value)
                why = f"which has no effect: {words.joined(search.patterns)} has no instances"
                yield Caution(f"search.{field}", given, why, "Leave it out, or look at other patterns too.")
