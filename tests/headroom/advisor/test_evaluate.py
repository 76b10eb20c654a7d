"""The advisor on the real engine: small workloads, so that each test takes a fraction of a second."""

from __future__ import annotations

import json

import pytest

from headroom.advisor.answer import Answer
from headroom.advisor.compare import compare
from headroom.advisor.evaluate import evaluate
from headroom.codec import from_json, to_json
from simulator.engine.batch_means import SHORT
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import Constant
from tests.headroom.advisor.outcomes import world

HOUR = Simulation(duration_s=3600, warmup_s=600, replications=3)


def scenario(payload_mb: float = 0.01) -> Scenario:
    return Scenario(
        workload=Workload(traffic=Constant(rate_per_s=40), request_mb=payload_mb),
        requirement=Requirement(latency_limit_s=0.5, min_zones=1),
        simulation=HOUR,
        deployments=(
            RealtimeDeployment(name="Two", initial_instance_count=2, routing_strategy="LEAST_OUTSTANDING_REQUESTS"),
            RealtimeDeployment(name="Ten", initial_instance_count=10),
        ),
    )


def test_a_deployment_is_simulated_billed_and_judged() -> None:
    asked = scenario()
    found = evaluate(asked, asked.deployments[0], world())
    assert found.outcome is not None
    assert sum(found.outcome.fates.values()) == found.outcome.offered
    assert {one.key for one in found.clauses} == {"latency", "errors", "deferred"}
    assert found.cost_usd_per_month is not None
    assert found.cost_usd_per_month.value >= 2 * 167.90
    p99 = found.latency_s["p99"]
    assert p99.n == 3
    assert p99.low is not None
    assert p99.low < p99.value < 0.5


def test_a_payload_over_the_limit_is_not_simulated() -> None:
    asked = scenario(payload_mb=26)
    found = evaluate(asked, asked.deployments[0], world())
    assert found.outcome is None
    assert [broken.row for broken in found.ruled_out] == ["1.1"]


def test_progress_goes_from_nothing_to_all_and_never_back() -> None:
    told: list[float] = []
    compare(scenario(), world(), told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    told.clear()
    compare(scenario(payload_mb=26), world(), told.append)
    assert told == [0.5, 1.0]


def test_the_same_scenario_gives_the_same_comparison() -> None:
    assert to_json(compare(scenario(), world())) == to_json(compare(scenario(), world()))


def test_every_percentile_of_the_tail_and_every_line_of_the_bill_has_an_interval() -> None:
    asked = scenario()
    found = evaluate(asked, asked.deployments[0], world())
    assert list(found.latency_s) == ["p50", "p90", "p95", "p99", "p99.9", "p99.99"]
    assert all(one.low is not None and one.high is not None for one in found.latency_s.values())
    assert found.bill is not None
    assert found.cost_usd_per_month is not None
    shown = [line for line in found.lines_usd if line is not None]
    assert len(found.lines_usd) == len(found.bill.lines)
    assert sum(line.value for line in shown) == pytest.approx(found.cost_usd_per_month.value)
    for one in shown:
        assert one.low is not None
        assert one.high is not None
        assert one.low <= one.value <= one.high


def test_a_percentile_beyond_all_that_was_answered_says_so() -> None:
    asked = scenario().model_copy(update={"simulation": HOUR.model_copy(update={"replications": 2})})
    rare = asked.workload.model_copy(update={"traffic": Constant(rate_per_s=0.2)})
    found = evaluate(asked.model_copy(update={"workload": rare}), asked.deployments[0], world())
    assert found.latency_s["p99"].low is not None
    assert found.latency_s["p99.99"].low is None
    assert found.latency_s["p99.99"].why


def test_a_single_run_of_a_day_is_judged_from_its_parts() -> None:
    day = Simulation(duration_s=86_400, warmup_s=600, replications=1)
    asked = scenario().model_copy(update={"simulation": day})
    prices = world(("realtime_data_in_gb", "realtime_data_out_gb"))
    found = evaluate(asked, asked.deployments[1], prices)
    cost, p99 = found.cost_usd_per_month, found.latency_s["p99"]
    assert cost is not None
    assert cost.n == p99.n == 1
    assert p99.low is not None
    assert p99.high is not None
    assert p99.low < p99.value < p99.high < 1.2 * p99.value
    assert cost.low == cost.value == cost.high  # a fixed fleet, and nothing else has a price here
    assert found.cost_usd_per_million is not None
    assert found.cost_usd_per_million.low is not None
    assert 0.98 * found.cost_usd_per_million.value < found.cost_usd_per_million.low < found.cost_usd_per_million.value
    data = json.loads(json.dumps(to_json(found), allow_nan=False))
    assert to_json(from_json(Answer, data)) == data


def test_a_single_short_run_says_why_it_has_no_interval() -> None:
    asked = scenario().model_copy(update={"simulation": HOUR.model_copy(update={"replications": 1})})
    found = evaluate(asked, asked.deployments[0], world())
    assert found.cost_usd_per_month is not None
    assert found.cost_usd_per_month.low is None
    assert found.cost_usd_per_month.why == SHORT
    assert {one.why for one in found.latency_s.values()} == {SHORT}
