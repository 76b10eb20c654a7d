"""The advisor on the real engine: small workloads, so that each test takes a fraction of a second."""

from __future__ import annotations

from advisor.compare import compare
from advisor.evaluate import evaluate
from advisor.evaluation import comparison_to_json
from simulator.patterns.realtime import RealtimeDeployment
from simulator.requirement import Requirement
from simulator.scenario import Scenario
from simulator.simulation import Simulation
from simulator.traffic.spec import Constant
from simulator.workload import Workload
from tests.advisor.outcomes import world

HOUR = Simulation(duration_s=3600, warmup_s=600, replications=3)


def scenario(payload_mb: float = 0.01) -> Scenario:
    return Scenario(
        workload=Workload(traffic=Constant(rate_per_s=40), request_mb=payload_mb),
        requirement=Requirement(latency_limit_s=0.5),
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
    assert comparison_to_json(compare(scenario(), world())) == comparison_to_json(compare(scenario(), world()))
