from __future__ import annotations

import json
from functools import cache

import pytest

from headroom.advisor.explore.ranges import FIXED, RANGES, touching
from headroom.advisor.explore.tornado import Bar, Tornado, moved, tornado
from headroom.codec import from_json, to_json
from simulator.errors import InvalidScenario
from simulator.model.assumptions import Assumptions
from simulator.model.requirement import Requirement
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Profile
from tests.headroom.advisor.explore.cases import steady, world

LESS = ServerlessDeployment(memory_size_in_mb=1024, max_concurrency=50)
SCALED = RealtimeDeployment(
    instance_type="ml.m5.large", max_capacity=4, scaling=InvocationsTracking(target_value=600), name="Scaled"
)


def wavy(**more):
    """Seldom enough that serverless starts cold now and then, often enough that one instance is too few at the peak."""
    scenario = steady(1.0, **more)
    workload = scenario.workload.model_copy(update={"traffic": Profile(peak_rate_per_s=18, shape=(0.01, 0.01, 1))})
    simulation = scenario.simulation.model_copy(update={"duration_s": 86_400.0})
    return scenario.model_copy(update={"workload": workload, "simulation": simulation})


@cache
def found(deployment: Deployment) -> Tornado:
    return tornado(wavy(), deployment, world())


def bar(deployment: Deployment, field: str) -> Bar:
    (one,) = [one for one in found(deployment).by_cost if one.field == field]
    return one


def test_every_assumption_has_a_range_or_a_reason() -> None:
    fields = {one.field for one in RANGES}
    assert fields.isdisjoint(FIXED)
    assert fields | set(FIXED) == set(Assumptions.model_fields)
    assert len(fields) == len(RANGES)


@pytest.mark.parametrize("one", RANGES, ids=lambda one: one.field)
def test_moved_assumptions_are_valid(one) -> None:
    for value in (one.low, one.high):
        changed = moved(wavy(), one.field, value).assumptions
        assert Assumptions.model_validate(changed.model_dump()) == changed
        assert getattr(changed, one.field) == value


def test_a_least_takes_its_most_along() -> None:
    scenario = wavy(assumptions=Assumptions(alarm_delay_min_s=20, alarm_delay_max_s=30))
    assert moved(scenario, "alarm_delay_min_s", 120.0).assumptions.alarm_delay_max_s == 120
    assert moved(scenario, "alarm_delay_max_s", 10.0).assumptions.alarm_delay_min_s == 10


def test_overhead_is_added_to_every_answer() -> None:
    one = bar(LESS, "overhead_ms")
    assert (one.low, one.high) == (5.0, 25.0)
    assert one.at_low.latency_s is not None
    assert one.at_high.latency_s is not None
    assert one.at_high.latency_s - one.at_low.latency_s == pytest.approx(0.02, abs=0.01 * one.at_high.latency_s)
    assert one.at_low.cost_usd_per_month == pytest.approx(one.at_high.cost_usd_per_month)


def test_less_memory_per_vcpu_makes_serverless_quicker_and_cheaper() -> None:
    """1024 MB are more vCPU at 1,400 MB per vCPU than at 2,400 MB; billed is the time."""
    one = bar(LESS, "serverless_mb_per_vcpu")
    assert one.at_low.cost_usd_per_month is not None
    assert one.at_high.cost_usd_per_month is not None
    assert one.at_high.cost_usd_per_month / one.at_low.cost_usd_per_month == pytest.approx(2400 / 1400, rel=0.02)


def test_a_slow_start_of_instances_costs_money_while_it_is_billed() -> None:
    billed = bar(SCALED, "bill_while_provisioning")
    assert billed.value is True
    assert billed.at_high == billed.at_middle
    assert billed.at_low.cost_usd_per_month is not None
    assert billed.at_middle.cost_usd_per_month is not None
    assert billed.at_low.cost_usd_per_month < billed.at_middle.cost_usd_per_month


def test_bars_are_sorted_by_what_they_move() -> None:
    for deployment in (LESS, SCALED):
        costs = [one.cost_swing_usd for one in found(deployment).by_cost]
        latencies = [one.latency_swing_s for one in found(deployment).by_latency]
        assert costs == sorted(costs, reverse=True)
        assert latencies == sorted(latencies, reverse=True)
        assert set(found(deployment).by_cost) == set(found(deployment).by_latency)


def test_what_the_deployment_does_not_use_is_not_moved() -> None:
    def fields(deployment: Deployment) -> set[str]:
        return {one.field for one in touching(wavy(), deployment, world().hardware)}

    assert fields(RealtimeDeployment()).isdisjoint({"provisioning_cpu_median_s", "alarm_delay_min_s"})
    assert "provisioning_cpu_median_s" in fields(SCALED)
    assert "provisioning_gpu_median_s" not in fields(SCALED)
    assert "provisioning_gpu_median_s" in fields(SCALED.model_copy(update={"instance_type": "ml.g4dn.xlarge"}))
    assert "serverless_idle_s" in fields(LESS)
    assert "serverless_keep_warm_s" not in fields(LESS)
    assert "provisioned_concurrency_median_s" not in fields(LESS)
    assert "s3_mb_per_s" in fields(AsynchronousDeployment())
    assert "batch_start_median_s" in fields(BatchDeployment())


def test_a_fixed_keep_warm_time_is_moved_in_place_of_the_rules() -> None:
    scenario = wavy(assumptions=Assumptions(serverless_keep_warm_s=600))
    fields = {one.field for one in touching(scenario, LESS, world().hardware)}
    assert "serverless_keep_warm_s" in fields
    assert "serverless_idle_s" not in fields


def test_what_the_fast_answer_leaves_out_is_run_exactly() -> None:
    one = bar(LESS, "serverless_keep_warm_sigma")
    assert one.method in ("fast", "exact")
    assert {one.method for one in found(SCALED).by_cost} <= {"fast", "exact", "unsure"}


def test_the_sentence_quotes_the_largest_bars() -> None:
    first = found(LESS).by_cost[0]
    assert first.at_low.cost_usd_per_month is not None
    assert found(LESS).sentence.startswith(f"Serverless: {first.title} (")
    assert f"${first.at_low.cost_usd_per_month:.2f} to " in found(LESS).sentence


def test_a_deployment_that_is_ruled_out_has_no_tornado() -> None:
    with pytest.raises(InvalidScenario, match=r"ruled out by .*facts row"):
        tornado(wavy(requirement=Requirement(needs_gpu=True)), LESS, world())


def test_json_keeps_it() -> None:
    assert from_json(Tornado, json.loads(json.dumps(to_json(found(LESS)), allow_nan=False))) == found(LESS)
