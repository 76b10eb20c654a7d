"""The decided answer: exact, meeting, honest about ties, and the same as evaluating the winner by itself."""

from __future__ import annotations

import json

import pytest

from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import evaluate
from headroom.advisor.search.planner import plan
from headroom.advisor.search.types import Plan, Screen
from headroom.codec import from_json, to_json
from simulator.model.assumptions import Assumptions
from simulator.model.faults import InstanceLoss
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.traffic.kinds import Jobs, Step, Steps
from tests.headroom.advisor.search.small import DAILY, WORLD, scenario


def winner(found: Plan) -> Answer:
    assert found.comparison.best is not None
    return found.comparison.evaluations[found.comparison.best]


@pytest.fixture(scope="module")
def planned() -> tuple[Plan, list[Screen]]:
    first: list[Screen] = []
    what = scenario(traffic=DAILY, simulation={"duration_s": 86_400.0, "replications": 2})
    found = plan(what, WORLD, on_screen=first.append)
    return found, first


def test_the_winner_meets_in_the_exact_run_and_is_what_evaluate_says(planned):
    found, _ = planned
    best = winner(found)
    assert best.meets
    assert to_json(best) == to_json(evaluate(found.comparison.scenario, best.deployment, WORLD))


def test_a_winner_under_faults_is_what_evaluate_says_with_its_recoveries():
    lost = InstanceLoss(at_s=3600.0, instances=1)
    what = scenario({"max_error_share": 0.5}, {"patterns": ("realtime",), "families": ("ml.c5",)})
    what = what.model_copy(update={"faults": (lost,)})
    best = winner(plan(what, WORLD))
    assert best.outcome is not None
    assert best.outcome.recoveries
    assert to_json(best) == to_json(evaluate(what, best.deployment, WORLD))


def test_every_pattern_is_compared_and_the_scenario_holds_them(planned):
    found, _ = planned
    patterns = [one.deployment.pattern for one in found.comparison.evaluations]
    assert set(patterns) == {"realtime", "serverless", "asynchronous", "batch"}
    assert found.comparison.scenario.deployments == tuple(one.deployment for one in found.comparison.evaluations)


def test_the_first_recommendation_comes_first(planned):
    found, first = planned
    assert len(first) == 1
    assert first[0].best is not None
    assert found.screened > first[0].screened


def test_the_efficient_set_is_in_order_and_has_the_winner_or_something_as_good(planned):
    found, _ = planned
    points = [found.points[at] for at in found.efficient]
    costs = [one.cost_usd_per_month.value for one in points]
    latencies = [one.latency_s.value for one in points]
    assert costs == sorted(costs)
    assert latencies == sorted(latencies, reverse=True)
    assert any(one.meets for one in points)


def test_a_plan_turns_into_json_and_back(planned):
    data = json.loads(json.dumps(to_json(planned[0]), allow_nan=False))
    assert to_json(from_json(Plan, data)) == data


def test_progress_rises_to_one():
    told: list[float] = []
    plan(scenario(search={"patterns": ("serverless",)}), WORLD, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_nothing_that_meets_is_said_and_the_nearest_is_shown():
    found = plan(scenario({"latency_limit_s": 0.01}, {"patterns": ("realtime",), "families": ("ml.m5",)}), WORLD)
    assert found.comparison.best is None
    assert not found.decided
    assert found.comparison.evaluations


def test_equally_good_types_are_a_tie():
    # Two ml.c5.large cost what one ml.c5.xlarge costs, and work on as many requests.
    search = {"patterns": ("realtime",), "families": ("ml.c5", "ml.c6i")}
    found = plan(scenario({"latency_limit_s": 0.3}, search), WORLD)
    assert not found.decided
    assert found.ties


@pytest.mark.slow
def test_a_nightly_data_set_is_for_batch():
    what = scenario(
        {"latency_limit_s": 0.0, "deadline_s": 4 * 3600.0, "answer_may_be_deferred": True},
        traffic=Jobs(records=200_000, at_s=3600, submit_over_s=3600),
        simulation={"duration_s": 86_400.0, "replications": 2},
    )
    found = plan(what, WORLD)
    assert winner(found).deployment.pattern == "batch"


def test_the_budget_goal_keeps_the_budget():
    search = {"goal": "latency", "patterns": ("realtime",), "families": ("ml.c5",)}
    found = plan(scenario({"monthly_budget_usd": 400.0}, search), WORLD)
    best = winner(found)
    assert best.meets
    assert best.cost_usd_per_month is not None
    assert best.cost_usd_per_month.value <= 400.0


@pytest.mark.slow
def test_bursts_that_come_at_no_known_hour_are_for_the_metric_of_ten_seconds():
    """The standard metric takes minutes longer to see a burst: more instances would have to be there at all times."""
    burst = Steps(
        steps=tuple(Step(at_s=3600.0 * hour, rate_per_s=400.0 if hour % 6 == 3 else 4.0) for hour in range(12))
    )
    what = scenario(
        {"latency_percentile": 90.0, "latency_limit_s": 1.0, "max_error_share": 0.02},
        {"patterns": ("realtime",), "families": ("ml.c5",)},
        traffic=burst,
        simulation={"duration_s": 6 * 3600.0, "replications": 2},
    )
    what = what.model_copy(update={"assumptions": Assumptions(provisioning_cpu_median_s=60.0)})
    best = winner(plan(what, WORLD))
    assert isinstance(best.deployment, RealtimeDeployment)
    assert best.deployment.concurrency_scaling is not None
    assert best.deployment.scaling is None
    assert best.meets
    target = 0.9 * 60 * 2 / 0.06  # two workers, 90 % busy
    slower = best.deployment.model_copy(
        update={"concurrency_scaling": None, "scaling": InvocationsTracking(target_value=target)}
    )
    assert not evaluate(what, slower, WORLD).meets
