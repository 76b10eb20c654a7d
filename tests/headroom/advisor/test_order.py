"""The one order: what is best, what comes next, what comes closest; and that everybody who tells of it agrees."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headroom.advisor import compare, order
from headroom.advisor.answer import Answer, Comparison, Uncertain
from headroom.advisor.compare import conclude
from headroom.advisor.order import SAME_COST, SAME_LATENCY, SAME_MISS, Goal, Merit, best, ranked, would_win
from headroom.advisor.tell.argument import argue
from simulator.model.requirement import Requirement
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.scaling.policies import ScheduledAction
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace


def wanted(goal: str = "latency") -> Scenario:
    return Scenario(requirement=Requirement(), search=SearchSpace.model_validate({"goal": goal}))


def exact(name: str, ms: float, usd: float) -> Answer:
    return Answer(
        deployment=RealtimeDeployment(name=name),
        ruled_out=(),
        provenance="simulated once",
        latency_s={"p99": Uncertain(value=ms / 1000, low=None, high=None, n=1)},
        cost_usd_per_month=Uncertain(value=usd, low=None, high=None, n=1),
    )


def estimated(answer: Answer) -> Answer:
    """The same figures, by formulas that err by nothing."""
    assert answer.cost_usd_per_month is not None
    cost, latency = answer.cost_usd_per_month.value, answer.latency_s["p99"].value
    return replace(
        answer,
        provenance="estimated",
        latency_s={"p99": Uncertain(value=latency, low=latency, high=latency, n=0)},
        cost_usd_per_month=Uncertain(value=cost, low=cost, high=cost, n=0),
    )


def compared(*evaluations: Answer, goal: str = "latency") -> Comparison:
    return conclude(wanted(goal), evaluations)


def name(found: Comparison, place: int | None) -> str:
    assert place is not None
    return found.evaluations[place].deployment.name


WITHIN = (exact("dear", 100.0, 500), exact("cheap", 100.4, 300), exact("third", 130, 250))


def test_of_those_as_fast_as_any_the_cheapest_is_best_and_says_that_it_is_not_the_fastest() -> None:
    found = compared(*WITHIN)
    assert name(found, found.best) == "cheap"
    assert found.sentence == (
        "cheap is as fast as any within 1 %, and the cheapest of them, of the 3 deployments that meet the requirement:"
        " $300.00 a month; p99 latency is 100.4 ms instead of 100 ms, and it costs $200.00 a month less than dear."
    )
    assert found.reasons[1].startswith(
        "cheap meets every clause and, of those that do, is as fast as any within 1 %, and the cheapest of them:"
    )
    argument = argue(found)
    assert "as fast as any within 1 %, and the cheapest of them, of the 3 that meet every clause" in argument.choice
    assert "the fastest" not in f"{found.sentence} {found.reasons} {argument}"


def test_two_latencies_a_fiftieth_of_a_per_cent_apart_are_alike_wherever_they_lie() -> None:
    border_ms = 1000 * math.exp((round(math.log(0.1) / 0.01) + 0.5) * 0.01)
    for middle_ms in (border_ms, 100.0, 0.37, 25_000.0):
        found = compared(
            exact("dear", middle_ms * 0.9999, 500), exact("cheap", middle_ms * 1.0001, 300), exact("third", 1e6, 250)
        )
        assert name(found, found.best) == "cheap"


def test_the_runner_up_is_the_best_without_the_best_for_everybody_who_tells_of_it() -> None:
    found = compared(exact("best", 50, 500), exact("b", 100.0, 400), exact("c", 100.4, 100))
    assert name(found, found.best) == "best"
    assert name(found, order.runner_up(found)) == "c"
    assert "less than c." in found.sentence or "more than c." in found.sentence
    assert argue(found).next_best.startswith("The next best, c,")


def test_a_preview_with_the_same_figures_chooses_the_same() -> None:
    for goal in ("cost", "latency"):
        found = compared(*WITHIN, goal=goal)
        first = compare.preview(wanted(goal), [estimated(one) for one in WITHIN])
        assert first.best == found.best
    assert "as fast as any within 1 %, and the cheapest of them, of 3 deployments" in first.sentence


def test_a_lead_within_the_tolerance_is_one_of_cost() -> None:
    sure = [
        replace(one, cost_usd_per_month=Uncertain(value=usd, low=usd - 1, high=usd + 1, n=3))
        for one, usd in zip(WITHIN, (500.0, 300.0, 250.0), strict=True)
    ]
    assert "The intervals of its cost and of dear's do not overlap." in argue(compared(*sure)).confidence


CLOCK = ScheduledAction(schedule="cron(0 6 * * ? *)", min_capacity=1, max_capacity=2)
TIMED = RealtimeDeployment(name="timed", scheduled_actions=(CLOCK,), max_capacity=2)
TRACKED = RealtimeDeployment(name="tracked", scaling=InvocationsTracking(target_value=1000), max_capacity=2)
STAYS = RealtimeDeployment(name="stays")


def costing(deployment: RealtimeDeployment, usd: float) -> Answer:
    return replace(exact(deployment.name, 100.0, usd), deployment=deployment)


def test_three_dollars_of_nine_thousand_buy_no_timetable_over_tracking_and_no_tracking_over_a_count() -> None:
    found = compared(costing(TIMED, 8900), costing(TRACKED, 8903), costing(STAYS, 9900), goal="cost")
    assert name(found, found.best) == "tracked"
    assert found.sentence.startswith("tracked is as cheap as any within 0.5 %, and the simplest of them, of the 3")
    assert found.reasons[0] == (
        "timed meets every clause, and it costs $3.00 a month less than tracked, and of costs within 0.5 % the simpler"
        " is taken."
    )
    assert "the cheapest" not in f"{found.sentence} {found.reasons} {argue(found)}"
    found = compared(costing(TRACKED, 8900), costing(STAYS, 8903), goal="cost")
    assert name(found, found.best) == "stays"


def test_a_hundredth_of_the_cost_does_buy_a_timetable() -> None:
    found = compared(costing(TIMED, 8900), costing(TRACKED, 8990), goal="cost")
    assert name(found, found.best) == "timed"
    assert found.sentence.startswith("timed is the cheapest of the 2")


def test_what_misses_by_about_as_much_goes_by_cost() -> None:
    near = Merit(meets=False, broken=1, missed_by=2.0, cost_usd=1000.0)
    cheap = replace(near, missed_by=2.0 * (1 + SAME_MISS), cost_usd=10.0)
    far = replace(near, missed_by=2.0 * (1 + SAME_MISS) + 0.01, cost_usd=1.0)
    assert ranked("cost", [near, cheap, far]) == [1, 0, 2]
    assert ranked("cost", [cheap, far]) == [1, 0], "of those that are left, the far one misses by about as much"


def test_fewer_broken_clauses_come_first_and_what_can_be_measured_before_what_cannot() -> None:
    merits = [
        Merit(meets=False, ruled_out=True, broken=1, cost_usd=1.0),
        Merit(meets=False, broken=2, missed_by=1.1, cost_usd=1.0),
        Merit(meets=False, broken=1, unmeasured=1, cost_usd=1.0),
        Merit(meets=False, broken=1, missed_by=9.0, cost_usd=9.0),
        Merit(meets=True, cost_usd=99.0),
    ]
    assert ranked("cost", merits) == [4, 3, 2, 1, 0]


def test_nothing_is_best_where_nothing_meets() -> None:
    assert best("cost", []) is None
    assert best("latency", [Merit(meets=False)]) is None
    assert not would_win("cost", Merit(meets=False), [])


@pytest.mark.parametrize("goal", ["cost", "latency"])
def test_what_only_equals_another_does_not_win(goal: Goal) -> None:
    one = Merit(meets=True, cost_usd=1.0, latency_s=1.0)
    assert not would_win(goal, one, [one])
    assert would_win(goal, one, [])
    assert would_win(goal, replace(one, cost_usd=0.5), [one])


goals = st.sampled_from(["cost", "latency"])
latencies = st.sampled_from([0.1, 0.1004, 0.1009, 0.1011, 0.1019, 0.2, 3.0, math.inf]) | st.floats(1e-4, 1e4)
costs = st.sampled_from([1.0, 1.004, 1.005, 1.006, 2.0, 3.0, math.inf]) | st.floats(0, 1e9)
upkeeps = st.integers(0, 2)
meets = st.builds(Merit, meets=st.just(True), cost_usd=costs, latency_s=latencies, upkeep=upkeeps)
misses = st.builds(
    Merit,
    meets=st.just(False),
    ruled_out=st.booleans(),
    broken=st.integers(1, 2),
    missed_by=st.sampled_from([1.0, 1.01, 1.4, 1.6, 2.0, 3.5]),
    cost_usd=costs,
    latency_s=latencies,
    upkeep=upkeeps,
)
merits = meets | misses


@given(goals, st.lists(merits, max_size=6))
def test_the_order_is_the_best_then_the_best_of_the_rest(goal: Goal, some: list[Merit]) -> None:
    left = list(range(len(some)))
    meeting = [place for place in ranked(goal, some) if some[place].meets]
    for place in meeting:
        best_left = best(goal, [some[one] for one in left])
        assert best_left is not None
        assert left[best_left] == place
        left.remove(place)
    assert sorted(ranked(goal, some)) == list(range(len(some)))


ALIKE = Merit(meets=False, ruled_out=True, broken=1, cost_usd=1.0, latency_s=1.0)


@given(goals, st.lists(merits, min_size=1, max_size=4))
@example("cost", [replace(ALIKE, upkeep=1), ALIKE])
@example("latency", [replace(ALIKE, meets=True, upkeep=1), replace(ALIKE, meets=True)])
def test_the_order_does_not_depend_on_who_is_asked_first(goal: Goal, some: list[Merit]) -> None:
    expected = [some[place] for place in ranked(goal, some)]
    for shuffled in itertools.permutations(some):
        assert [shuffled[place] for place in ranked(goal, shuffled)] == expected


@given(st.lists(meets, min_size=3, max_size=3))
def test_by_cost_the_order_of_two_that_are_as_simple_is_the_same_in_every_company(some: list[Merit]) -> None:
    some = [replace(one, upkeep=1) for one in some]
    places = ranked("cost", some)
    for first, second in itertools.combinations(places, 2):
        assert ranked("cost", [some[first], some[second]]) == [0, 1]


@given(st.lists(meets, min_size=1, max_size=6))
def test_the_best_is_within_the_tolerance_of_the_fastest_and_nothing_as_fast_is_cheaper(some: list[Merit]) -> None:
    winner = some[best("latency", some) or 0]
    least_s = min(one.latency_s for one in some)
    assert winner.latency_s <= least_s * (1 + SAME_LATENCY)
    assert all(one.cost_usd >= winner.cost_usd for one in some if one.latency_s <= least_s * (1 + SAME_LATENCY))


@given(st.lists(meets, min_size=1, max_size=6))
def test_the_best_is_within_the_tolerance_of_the_cheapest_and_nothing_as_cheap_is_simpler(some: list[Merit]) -> None:
    winner = some[best("cost", some) or 0]
    most_usd = min(one.cost_usd for one in some) * (1 + SAME_COST)
    assert winner.cost_usd <= most_usd
    assert all(one.upkeep >= winner.upkeep for one in some if one.cost_usd <= most_usd)
    assert all(one.cost_usd >= winner.cost_usd for one in some if one.upkeep == winner.upkeep)


@given(goals, merits, st.lists(merits, max_size=5))
def test_what_would_win_is_the_best_once_it_is_there(goal: Goal, candidate: Merit, others: list[Merit]) -> None:
    together = [*others, candidate]
    assert would_win(goal, candidate, others) == (best(goal, together) == len(others))
