"""The requirement with one Availability Zone lost: who is held to it, what is left, and what is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from headroom.advisor.answer import Answer, Clause
from headroom.advisor.availability import LOST
from headroom.advisor.compare import compare
from headroom.advisor.evaluate import evaluate, preview
from headroom.advisor.order import required_latency_s
from headroom.advisor.prepared import prepare
from headroom.advisor.search.one_zone import best_in_one_zone
from headroom.advisor.search.planner import plan
from headroom.advisor.tell.argument import argue_plan
from simulator.estimate.answer import reckon
from simulator.estimate.fleet_path import left
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Batching, ServiceTime, Workload
from simulator.patterns import instances, sizing
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Constant
from tests.engine import make_case
from tests.headroom.advisor.search.small import WORLD, scenario

SPARED: dict[str, Any] = {"min_zones": "auto"}


def fixed(count: int) -> RealtimeDeployment:
    """Of instances with four workers each."""
    return RealtimeDeployment(
        name=f"{count} fixed", initial_instance_count=count, routing_strategy="LEAST_OUTSTANDING_REQUESTS"
    )


def steady(per_s: float = 20, **requirement: Any) -> Scenario:
    return scenario(SPARED | requirement, traffic=Constant(rate_per_s=per_s))


def spoken(answer: Answer) -> Clause:
    (clause,) = [clause for clause in answer.clauses if clause.key == "availability"]
    return clause


def asked(deployment: Deployment, per_s: float = 20, **requirement: Any) -> Answer:
    return preview(steady(per_s, **requirement), deployment, WORLD)


@pytest.mark.parametrize(
    ("requirement", "zones"),
    [
        ({}, 2),
        ({"latency_percentile": 99.9}, 2),
        ({"latency_percentile": 95}, 1),
        ({"latency_limit_s": 0}, 1),
        ({"answer_may_be_deferred": True}, 1),
        ({"min_zones": 1}, 1),
        ({"min_zones": 3, "answer_may_be_deferred": True}, 3),
    ],
)
def test_a_zone_is_spared_where_a_tail_is_waited_for_unless_the_user_says_otherwise(
    requirement: dict[str, Any], zones: int
) -> None:
    assert Requirement(**requirement).zones == zones


@pytest.mark.parametrize("zones", [2, 3])
def test_the_fewest_of_which_enough_are_left(zones: int) -> None:
    for needed in range(1, 40):
        count = sizing.spread(needed, zones)
        assert left(count, zones) >= needed
        assert count == zones or left(count - 1, zones) < needed
    assert [left(count, 0) for count in (1, 2, 5)] == [1, 2, 5]


def test_a_single_instance_does_not_meet_and_is_told_why() -> None:
    answer = asked(fixed(1))
    clause = spoken(answer)
    assert not answer.meets
    assert (clause.title, clause.value, clause.limit, clause.margin, clause.row) == (
        "Fewest instances", "1", "at least 2 in 2 zones", 2.0, "1.44",
    )  # fmt: skip
    assert asked(fixed(1), min_zones=1).meets


def test_two_meet_where_one_carries_the_load_and_not_where_it_does_not() -> None:
    # 20 /s of 60 ms keep 1.2 of 4 workers busy, 80 /s keep 4.8.
    light, heavy = asked(fixed(2)), asked(fixed(2), 80)
    assert light.meets
    assert spoken(light).title == f"p99 latency {LOST}" == "p99 latency with one zone lost"
    assert not heavy.meets
    assert [clause.key for clause in heavy.clauses if not clause.met] == ["availability"]
    assert spoken(heavy).title == "Share of errors with one zone lost"
    assert asked(fixed(2), 80, min_zones=1).meets


def test_of_three_zones_a_third_is_lost() -> None:
    assert not asked(fixed(2), min_zones=3).meets
    assert not asked(fixed(3), 80, min_zones=2).meets  # one of them is left
    assert asked(fixed(3), 80, min_zones=3).meets  # two are


def test_a_fleet_is_held_to_the_fewest_that_its_scaling_allows() -> None:
    scaled = fixed(2).model_copy(update={"scaling": InvocationsTracking(target_value=500), "max_capacity": 6})
    assert not asked(scaled).meets
    assert asked(scaled.model_copy(update={"min_capacity": 2})).meets
    at_night = {"schedule": "cron(0 20 * * ? *)", "min_capacity": 0, "max_capacity": 0}
    off_at_night = RealtimeDeployment.model_validate(
        scaled.model_dump() | {"min_capacity": 2, "scheduled_actions": [at_night]}
    )
    assert instances.least(off_at_night) == 2
    asleep = AsynchronousDeployment(initial_instance_count=0, min_capacity=0)
    assert (spoken(asked(asleep)).value, spoken(asked(asleep)).margin) == ("0", None)


def test_serverless_and_batch_lose_nothing() -> None:
    assert spoken(asked(ServerlessDeployment(max_concurrency=50))).value == "AWS runs it in the other zones"
    assert asked(ServerlessDeployment(max_concurrency=50)).meets
    assert "run again" in spoken(asked(BatchDeployment())).value


@pytest.mark.parametrize(
    "deployment",
    [fixed(4), AsynchronousDeployment(scaling=None, initial_instance_count=4)],
    ids=lambda one: one.pattern,
)
def test_what_is_left_is_judged_as_a_fleet_of_so_many(deployment: Any) -> None:
    case = make_case(Workload(traffic=Constant(rate_per_s=100), service_time=ServiceTime(mean_ms=60)))
    half = deployment.model_copy(update={"initial_instance_count": 2})
    lost, smaller = reckon(replace(case, zones=2), deployment, 1), reckon(case, half, 1)
    assert {name: figure.value for name, figure in lost.latency_s.items()} == {
        name: figure.value for name, figure in smaller.latency_s.items()
    }
    assert lost.error_share.value == smaller.error_share.value


def test_an_estimate_and_a_run_are_held_to_the_same_figure() -> None:
    exact, quick = evaluate(steady(60), fixed(2), WORLD), asked(fixed(2), 60)
    assert spoken(exact) == spoken(quick)
    # And the run of what is left agrees with it.
    alone = evaluate(steady(60, min_zones=1), fixed(1), WORLD)
    assert alone.meets == exact.meets
    left_s = float(spoken(exact).margin or 0) * 0.4
    assert left_s == pytest.approx(required_latency_s(steady(), alone), rel=0.25)


def test_what_no_formula_knows_is_said() -> None:
    workload = Workload(traffic=Constant(rate_per_s=20), service_time=ServiceTime(mean_ms=60), batching=Batching())
    batched = Scenario(workload=workload, simulation=Simulation(duration_s=3600, warmup_s=0, replications=2))
    clause = spoken(preview(batched, fixed(2), WORLD))
    assert clause.met
    assert clause.value.startswith("not known with one zone lost: the fast answer leaves out ")


def test_of_what_is_too_slow_anyway_nothing_more_is_said() -> None:
    assert "availability" not in {clause.key for clause in asked(fixed(2), latency_limit_s=0.02).clauses}


def test_the_search_keeps_to_it_and_says_what_it_costs() -> None:
    searched = steady(20).model_copy(update={"search": SearchSpace(patterns=("realtime",), families=("ml.c5",))})
    decided = plan(searched, WORLD)
    best = decided.comparison.evaluations[decided.comparison.best or 0]
    assert decided.comparison.best is not None
    least = BY_KEY["realtime"].zone_loss
    assert least is not None
    assert least.least is not None
    assert least.least(best.deployment) >= 2
    assert spoken(best).met
    alone = decided.in_one_zone
    assert alone is not None
    assert alone == best_in_one_zone(prepare(searched, WORLD))
    assert best.cost_usd_per_month is not None
    assert alone.cost_usd_per_month.value < 0.7 * best.cost_usd_per_month.value
    said = argue_plan(decided).choice
    assert f"were one zone enough (min_zones = 1), {alone.deployment.name} would do for " in said
    one = searched.model_copy(update={"requirement": searched.requirement.model_copy(update={"min_zones": 1})})
    assert plan(one, WORLD).in_one_zone is None


def test_no_more_zones_are_sought_than_instances_are_allowed() -> None:
    search = SearchSpace(patterns=("realtime",), families=("ml.c5",), max_instances=1)
    decided = plan(steady(20).model_copy(update={"search": search}), WORLD)
    assert decided.comparison.best is None
    assert (
        "fewest instances is 1, at least 2 in 2 zones is needed (min_zones; 1: one zone is enough)"
        in decided.comparison.sentence
    )


def test_the_sentence_of_a_comparison_names_the_lost_zone() -> None:
    compared = compare(steady(80).model_copy(update={"deployments": (fixed(2), fixed(4))}), WORLD)
    assert compared.best == 1
    assert "share of errors with one zone lost is " in compared.reasons[0]
