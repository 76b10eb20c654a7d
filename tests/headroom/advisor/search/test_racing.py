"""What was dropped after few replications is not forgotten: it is surely worse, or it is looked at again."""

from __future__ import annotations

import pytest

from headroom.advisor.order import cost_usd
from headroom.advisor.prepared import prepare
from headroom.advisor.search.bounds import best_first
from headroom.advisor.search.racing import Line, settle, surely_out, ties
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.runs import Runs
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.scaling.policies import ScheduledAction
from tests.headroom.advisor.search.small import DAILY, WORLD, scenario

WHAT = scenario({"latency_limit_s": 0.3}, simulation={"replications": 3})


def fleet(kind: str, count: int) -> Deployment:
    return RealtimeDeployment(
        name=f"{count} x {kind}",
        instance_type=kind,
        initial_instance_count=count,
        routing_strategy="LEAST_OUTSTANDING_REQUESTS",
    )


BEST, AS_GOOD, DEARER = fleet("ml.c5.large", 2), fleet("ml.c5.xlarge", 1), fleet("ml.c5.xlarge", 3)


@pytest.fixture
def runs() -> Runs:
    made = Runs(prepare(WHAT, WORLD), None, lambda _: None)
    made.run([BEST], 3)
    made.run([AS_GOOD, DEARER], 2)
    return made


def test_what_may_be_as_good_gets_all_replications_and_what_is_dearer_does_not(runs):
    line = Line([], [BEST, AS_GOOD, DEARER])
    assert settle([line], runs, Ranking(WHAT))
    assert len(runs.results[AS_GOOD]) == 3
    assert len(runs.results[DEARER]) == 2


def test_the_same_price_is_not_surely_worse(runs):
    best = runs.evaluation(BEST)
    assert best.meets
    assert not surely_out(runs.evaluation(AS_GOOD), best, runs)
    assert surely_out(runs.evaluation(DEARER), best, runs)


def test_fine_settings_of_one_machine_are_one_choice_up_to_a_hundredth():
    what = scenario(traffic=DAILY, simulation={"duration_s": 43_200.0, "replications": 3})
    runs = Runs(prepare(what, WORLD), None, lambda _: None)
    made = [
        RealtimeDeployment(
            name=f"{target:g}",
            instance_type="ml.m5.large",
            scaling=InvocationsTracking(target_value=target),
            max_capacity=6,
        )
        for target in (900.0, 901.0)
    ]
    runs.run(made, 3)
    one, other = map(runs.evaluation, made)
    assert surely_out(other, one, runs)
    assert surely_out(one, other, runs)


def test_a_timetable_that_saves_a_third_of_a_per_cent_is_no_choice_beside_a_count_that_stays():
    """Ten minutes of a day with one instance less surely are cheaper, by less than counts."""
    what = scenario(traffic=DAILY, simulation={"duration_s": 86_400.0, "replications": 3})
    runs = Runs(prepare(what, WORLD), None, lambda _: None)
    fewer, back = (
        ScheduledAction(schedule=f"cron({minute} 3 * * ? *)", min_capacity=count, max_capacity=count)
        for minute, count in ((0, 1), (10, 2))
    )
    stays = fleet("ml.c5.large", 2)
    timed = stays.model_copy(update={"name": "timed", "scheduled_actions": (fewer, back), "max_capacity": 2})
    runs.run([stays, timed], 3)
    simple, complex_ = runs.evaluation(stays), runs.evaluation(timed)
    assert simple.meets
    assert complex_.meets
    assert 0.99 * cost_usd(simple) < cost_usd(complex_) < cost_usd(simple)
    assert surely_out(complex_, simple, runs)
    assert ties([simple, complex_], 0, runs) == ()
    assert best_first(Ranking(what), [complex_, simple]) == [simple, complex_]


def test_one_run_of_equally_priced_machines_is_a_tie():
    runs = Runs(prepare(WHAT, WORLD), None, lambda _: None)
    runs.run([BEST, AS_GOOD, DEARER], 1)
    best, as_good, dearer = (runs.evaluation(one) for one in (BEST, AS_GOOD, DEARER))
    assert ties([best, as_good, dearer], 0, runs) == (1,)
