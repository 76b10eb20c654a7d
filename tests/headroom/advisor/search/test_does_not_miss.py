"""Workloads on which much cheaper deployments were once missed: the plan takes what a plain grid finds, and is honest
about what it did not simulate.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.advisor.order import cost_usd
from headroom.advisor.prepared import prepare
from headroom.advisor.search.planner import look_deeply, plan
from headroom.advisor.search.types import Plan
from headroom.advisor.tell.argument import argue_plan
from headroom.sharing.toml_file import read_scenario
from simulator.model.workload import ServiceTime
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.traffic.kinds import Constant, NamedTrace
from tests.headroom.advisor.search.small import WORLD, scenario

CASES = Path(__file__).resolve().parents[3] / "cases"


@pytest.fixture(scope="module")
def msmall() -> Plan:
    scenario = read_scenario((CASES / "search_msmall.toml").read_text("utf-8"))
    search = scenario.search.model_copy(update={"patterns": ("realtime",), "families": ("ml.c5",)})
    return plan(scenario.model_copy(update={"search": search}), WORLD)


def test_the_cheapest_way_of_scaling_is_found(msmall):
    assert msmall.comparison.best is not None
    winner = msmall.comparison.evaluations[msmall.comparison.best]
    assert isinstance(winner.deployment, RealtimeDeployment)
    assert winner.deployment.scaling is not None
    assert winner.deployment.min_capacity >= 2
    assert winner.meets
    volumes_usd = 179.49 / (0.102 * 730) * 30 * 0.14
    assert cost_usd(winner) < (179.49 + volumes_usd) * 1.01  # 1700 invocations a minute, 2 to 5 x ml.c5.large


def test_nothing_that_promises_to_be_cheaper_is_passed_over_in_silence(msmall):
    assert msmall.comparison.best is not None
    usd = cost_usd(msmall.comparison.evaluations[msmall.comparison.best])
    left = {point.deployment for point in msmall.left}
    passed_over = [
        point
        for point in msmall.points
        if not point.exact and point.meets and point.cost_usd_per_month.value < usd * 0.99
    ]
    assert all(point.deployment in left for point in passed_over)
    assert not (msmall.left and msmall.decided)


def test_the_nearest_cheaper_one_is_called_too_slow_only_when_it_is(msmall):
    assert msmall.comparison.best is not None
    usd = cost_usd(msmall.comparison.evaluations[msmall.comparison.best])
    choice = argue_plan(msmall).choice
    cheaper = [point for point in msmall.points if point.cost_usd_per_month.value < usd and point.meets_rest]
    nearest = max(cheaper, key=lambda point: point.cost_usd_per_month.value)
    assert ("is too slow" in choice) == (not nearest.meets)


def test_a_burst_that_fits_into_the_queues_of_many_small_instances_is_not_paid_for_with_few_large_ones():
    bursty = scenario(
        {"latency_percentile": 50.0, "latency_limit_s": 0.61, "max_error_share": 0.01, "needs_gpu": True},
        {"patterns": ("realtime",), "families": ("ml.g5", "ml.p4de")},
        traffic=NamedTrace(trace="azure-function-194", scale=295.0),
        service_time=ServiceTime(mean_ms=244.0),
        reference_instance_type="ml.g5.xlarge",
        parallel_fraction=0.5,
        memory_mb=2500.0,
        simulation={"duration_s": 28_800.0, "replications": 1},
    )
    found, _, _ = look_deeply(prepare(bursty, WORLD), "realtime")
    assert found.best is not None
    assert isinstance(found.best.deployment, RealtimeDeployment)
    assert found.best.deployment.instance_type == "ml.g5.xlarge"
    assert 185 <= found.best.deployment.initial_instance_count <= 196  # 193 by exact runs, 16 % below 10 x ml.p4de


def test_jobs_run_as_seldom_as_the_limit_allows():
    deferred = scenario(
        {"latency_percentile": 50.0, "latency_limit_s": 14_400.0, "answer_may_be_deferred": True},
        {"patterns": ("batch",), "families": ("ml.c5",)},
        traffic=NamedTrace(trace="azure-functions-http", scale=0.05),
        service_time=ServiceTime(mean_ms=689.0, cv=2.0),
        simulation={"duration_s": 86_400.0, "replications": 1},
    )
    found, _, _ = look_deeply(prepare(deferred, WORLD), "batch")
    assert found.best is not None
    assert isinstance(found.best.deployment, BatchDeployment)
    assert found.best.meets
    assert found.best.deployment.schedule_every_s > 4 * 3600  # a start is paid each time
    assert found.best.latency_s["p50"].value > 0.9 * 14_400


def test_a_packing_of_records_that_the_search_chose_itself_does_not_rule_jobs_out():
    slow = scenario(
        {"latency_percentile": 95.0, "latency_limit_s": 14_400.0, "answer_may_be_deferred": True},
        {"patterns": ("batch",), "families": ("ml.m5",)},
        traffic=Constant(rate_per_s=0.11),  # a hundred objects a day: 96 records each, 634 s in one call of 600 s
        request_mb=0.05,
        service_time=ServiceTime(mean_ms=6610.0, cv=0.2),
        simulation={"duration_s": 86_400.0, "replications": 1},
    )
    found, _, _ = look_deeply(prepare(slow, WORLD), "batch")
    assert found.best is not None
    assert found.best.meets
    assert cost_usd(found.best) < 33  # asynchronous instances, which were taken instead, cost 80


@pytest.mark.parametrize(
    ("pattern", "field"), [("asynchronous", "invocation_timeout_s"), ("batch", "invocations_timeout_s")]
)
def test_a_time_out_that_costs_nothing_does_not_make_the_errors(pattern, field):
    long = scenario(
        {"latency_percentile": 95.0, "latency_limit_s": 7200.0, "answer_may_be_deferred": True},
        {"patterns": (pattern,), "families": ("ml.m5",)},
        traffic=Constant(rate_per_s=0.02),
        service_time=ServiceTime(mean_ms=200_000.0, cv=1.0),  # 2 % take more than 900 s, and 0.1 % may fail
        simulation={"duration_s": 86_400.0, "replications": 1},
    )
    found, _, _ = look_deeply(prepare(long, WORLD), pattern)
    assert found.best is not None
    assert found.best.meets
    assert getattr(found.best.deployment, field) == 3600
    own = long.model_copy(update={"deployments": (type(found.best.deployment).model_validate({field: 800.0}),)})
    kept, _, _ = look_deeply(prepare(own, WORLD), pattern)
    assert kept.best is not None
    assert getattr(kept.best.deployment, field) == 800  # what the scenario sets is its own
