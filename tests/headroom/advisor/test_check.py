from __future__ import annotations

from decimal import Decimal

import pytest

from headroom.advisor.compare import compare
from headroom.advisor.evaluate import evaluate
from headroom.advisor.prepared import check
from simulator.errors import InvalidScenario
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import PriceOverride, Scenario
from simulator.traffic.kinds import WEEK_S, Counts, Jobs, NamedTrace
from tests.headroom.advisor.outcomes import world

WRONG = Scenario(
    region="us-east-11",
    workload=Workload(traffic=NamedTrace(trace="nasa"), reference_instance_type="ml.m5.xlarg"),
    deployments=(
        ServerlessDeployment(),
        RealtimeDeployment(instance_type="ml.m5.xxlarge"),
        AsynchronousDeployment(instance_type="m5.xlarge"),
        BatchDeployment(instance_type="ml.t2.medium"),
    ),
    prices=(PriceOverride(usage="hosting_instance", dimension="ml.m5.xlarge", usd=Decimal(1)),),
)


def test_a_scenario_of_known_names_has_no_problem() -> None:
    assert check(Scenario(), world()) == ()


def test_every_unknown_name_is_found_at_once_with_the_nearest_known_one() -> None:
    found = {problem.where: str(problem) for problem in check(WRONG, world())}
    assert list(found) == [
        "region",
        "workload.traffic.trace",
        "workload.reference_instance_type",
        "prices[0].usage",
        "deployments[1].instance_type",
        "deployments[2].instance_type",
        "deployments[3].instance_type",
    ]
    assert "nearest: us-east-1" in found["region"]
    assert "nearest: ml.m5.xlarge" in found["workload.reference_instance_type"]
    assert "hosting_instance_s" in found["prices[0].usage"]
    assert "nearest: ml.m5.xlarge" in found["deployments[1].instance_type"]
    assert "a type that the API refuses" in found["deployments[3].instance_type"]


def test_a_window_beyond_its_trace_is_found() -> None:
    scenario = Scenario(workload=Workload(traffic=Counts(requests=(1, 2), window_start_s=120)))
    assert [problem.where for problem in check(scenario, world())] == ["workload.traffic.window_start_s"]


def test_nothing_runs_while_there_is_a_problem() -> None:
    with pytest.raises(InvalidScenario) as caught:
        compare(WRONG, world())
    assert caught.value.problems == check(WRONG, world())


def test_one_deployment_answers_for_its_own_names_and_the_shared_ones() -> None:
    with pytest.raises(InvalidScenario) as caught:
        evaluate(WRONG, WRONG.deployments[1], world())
    places = [problem.where for problem in caught.value.problems]
    assert "deployments[1].instance_type" in places
    assert "deployments[2].instance_type" not in places


def test_a_deployment_from_elsewhere_is_named_without_a_place() -> None:
    with pytest.raises(InvalidScenario, match=r"^deployment\.instance_type"):
        evaluate(Scenario(), RealtimeDeployment(instance_type="ml.unknown"), world())


def test_a_data_set_that_comes_more_seldom_than_the_horizon_is_long_is_refused() -> None:
    weekly = Workload(traffic=Jobs(every_days=7))
    found = check(Scenario(workload=weekly), world())
    assert [problem.where for problem in found] == ["simulation.duration_s"]
    assert "at least 604800 s" in str(found[0])
    assert check(Scenario(workload=weekly, simulation=Simulation(duration_s=WEEK_S)), world()) == ()
