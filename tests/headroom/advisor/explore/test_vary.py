from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.evaluate import evaluate
from headroom.advisor.explore import vary
from simulator.model.requirement import Requirement
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import (
    KINDS,
    Bursts,
    Constant,
    Counts,
    Jobs,
    NamedTrace,
    Profile,
    Spike,
    Step,
    Steps,
    Timestamps,
    Traffic,
)
from tests.headroom.advisor.explore.cases import steady, world

TRAFFIC: tuple[Traffic, ...] = (
    Constant(rate_per_s=2),
    Profile(peak_rate_per_s=3, shape=(0, 1, 2), weekend_factor=0.5),
    Steps(steps=(Step(at_s=0, rate_per_s=1), Step(at_s=600, rate_per_s=4)), spikes=(Spike(at_s=100, factor=3),)),
    Bursts(),
    Jobs(records=1000),
    NamedTrace(scale=2),
    Counts(requests=(1, 5, 0, 2)),
    Timestamps(t_s=(1.0, 2.5, 7.0), repeat=False),
)


def of(traffic: Traffic) -> Scenario:
    return Scenario(workload=Workload(traffic=traffic))


def test_every_kind_of_traffic_is_tried_here() -> None:
    assert {type(one) for one in TRAFFIC} == set(KINDS)


@pytest.mark.parametrize("traffic", TRAFFIC, ids=lambda one: one.kind)
@pytest.mark.parametrize("times", [0.5, 3.0])
def test_volume_multiplies_the_requests_of_a_month(traffic: Traffic, times: float) -> None:
    before = vary.requests_per_month(of(traffic), world())
    after = vary.requests_per_month(vary.vary(of(traffic), "volume", times), world())
    assert after == pytest.approx(times * before)


@given(st.sampled_from(TRAFFIC), st.floats(-3, 3))
def test_within_its_span_a_varied_scenario_is_valid(traffic: Traffic, exponent: float) -> None:
    low, high = vary.span(of(traffic), "volume")
    varied = vary.vary(of(traffic), "volume", min(max(10**exponent, low), high))
    assert Scenario.model_validate(varied.model_dump(by_alias=True)) == varied


@pytest.mark.parametrize("key", ["service_time", "latency_limit", "payload", "service_cv", "gaps_cv"])
def test_a_value_is_what_it_was_set_to_and_today_changes_nothing(key: str) -> None:
    scenario = Scenario(workload=Workload(request_mb=2, max_request_mb=6))
    today = vary.value_of(scenario, key)
    assert today is not None
    assert vary.vary(scenario, key, today) == scenario
    assert vary.value_of(vary.vary(scenario, key, 1.5 * today), key) == pytest.approx(1.5 * today)


def test_payloads_keep_their_proportion() -> None:
    scenario = Scenario(workload=Workload(request_mb=2, max_request_mb=6))
    assert vary.value_of(scenario, "payload") == 6
    varied = vary.vary(scenario, "payload", 3).workload
    assert (varied.request_mb, varied.max_request_mb) == (1, 3)


def test_what_has_no_meaning_cannot_be_varied() -> None:
    scenario = Scenario(
        requirement=Requirement(latency_limit_s=0),
        workload=Workload(traffic=Jobs(), service_time=ServiceTime(distribution="exponential")),
    )
    for key in ("latency_limit", "deadline", "service_cv", "gaps_cv"):
        assert not vary.applies(scenario, key)
        with pytest.raises(KeyError, match=key):
            vary.vary(scenario, key, 1.0)


def test_reach_ends_where_the_fields_end() -> None:
    assert vary.looked_at(of(Constant(rate_per_s=1e5)), "volume")[1] == pytest.approx(10)
    assert vary.looked_at(of(Jobs(records=10)), "volume")[0] == pytest.approx(0.1)
    assert vary.looked_at(of(Constant(rate_per_s=0)), "volume") == (0.01, 100)
    assert vary.span(of(Constant()), "price")[1] == math.inf


def test_a_price_multiplies_its_line_of_the_bill() -> None:
    scenario, deployment = steady(1.0), RealtimeDeployment(instance_type="ml.m5.large")
    before = evaluate(scenario, deployment, world()).bill
    assert before is not None
    line = vary.compute_line(before)
    assert line is not None
    family = vary.price_family(scenario, world(), line)
    assert {one.dimension.rpartition(".")[0] for one in family} == {"ml.m5"}
    dearer = vary.at_price(vary.at_price(scenario, family, 2.0), family, 3.0)
    after = evaluate(dearer, deployment, world()).bill
    assert after is not None
    assert len(dearer.prices) == len(family) > 1
    assert line.amount_usd is not None
    assert after.total_usd == before.total_usd + 2 * line.amount_usd  # the volume costs what it did
