from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from headroom.advisor.tell.warn import repeated
from headroom.sharing.packaged_traces import load_traces
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Client, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import PriceOverride, Scenario
from simulator.traffic.kinds import DAY_S, WEEK_S, Constant, Counts, Jobs, NamedTrace, Profile, Timestamps
from simulator.traffic.sources import span_s
from tests.headroom.advisor.outcomes import instances, judged, outcome, world

TWICE = Scenario(simulation=Simulation(replications=2))


def warnings(deployment: Deployment, scenario: Scenario = TWICE, left_out: tuple[str, ...] = (), **made: Any) -> str:
    return "\n".join(judged(scenario, deployment, outcome(**made), world(left_out)).warnings)


@pytest.mark.parametrize(
    ("deployment", "rows"),
    [
        (RealtimeDeployment(initial_instance_count=4), ["10.6"]),
        (RealtimeDeployment(initial_instance_count=5), ["10.1", "10.6"]),
        (RealtimeDeployment(scaling=InvocationsTracking(), max_capacity=9), ["10.1", "10.6"]),
        (RealtimeDeployment(initial_instance_count=2, instance_type="ml.t2.medium"), []),
        (RealtimeDeployment(initial_instance_count=3, instance_type="ml.t2.medium"), ["10.6"]),
        (AsynchronousDeployment(max_capacity=5), ["10.1", "10.6"]),
        (ServerlessDeployment(max_concurrency=10), []),
        (ServerlessDeployment(max_concurrency=11), ["10.5"]),
        (BatchDeployment(instance_count=4), []),
        (BatchDeployment(instance_count=5), ["10.3"]),
    ],
)
def test_quotas_that_a_new_account_would_have_to_raise(deployment: Deployment, rows: list[str]) -> None:
    said = warnings(deployment)
    assert [row for row in ("10.1", "10.3", "10.5", "10.6") if f"facts row {row})" in said] == rows


@pytest.mark.parametrize(("mb", "warned"), [(6.0, False), (6.1, True), (25.0, True)])
def test_payloads_on_which_the_sources_disagree(mb: float, warned: bool) -> None:
    scenario = Scenario(workload=Workload(request_mb=mb))
    assert ("facts row 1.1" in warnings(RealtimeDeployment(), scenario)) is warned
    assert "facts row 1.1" not in warnings(ServerlessDeployment(), scenario)


def test_derived_and_own_prices_are_named() -> None:
    said = warnings(AsynchronousDeployment(), usages=[instances(1, "async_instance_s")])
    assert "1 price is derived from another price, not read from a list: Asynchronous instances (ml.m5.xlarge)." in said
    own = PriceOverride(usage="hosting_instance_s", dimension="ml.m5.xlarge", usd=Decimal("0.2"))
    said = warnings(RealtimeDeployment(), Scenario(prices=(own,)))
    assert "1 price is entered by you: Real-time instances (ml.m5.xlarge)." in said


def test_a_missing_price_says_what_is_missing() -> None:
    said = warnings(RealtimeDeployment(), left_out=("hosting_instance_s",))
    assert "The cost is only a lower bound. No price for Real-time instances (ml.m5.xlarge) in us-east-1" in said


def test_cold_starts_rest_on_assumptions() -> None:
    assert "50 % of requests meet a cold start" in warnings(ServerlessDeployment(), cold_starts=1)
    assert "cold start" not in warnings(ServerlessDeployment(), cold_starts=0)


def test_fewer_replications_than_asked() -> None:
    five = Scenario(simulation=Simulation(replications=5))
    assert "2 replications were made instead of 5" in warnings(RealtimeDeployment(), five)
    assert "1 replication was made instead of 5" in warnings(RealtimeDeployment(), five, usages=[instances(1)])
    assert "instead of" not in warnings(RealtimeDeployment())


def test_a_reference_without_the_gpu_that_is_needed() -> None:
    needs = Requirement(needs_gpu=True)
    assert "has no GPU" in warnings(RealtimeDeployment(), Scenario(requirement=needs))
    on_gpu = Scenario(requirement=needs, workload=Workload(reference_instance_type="ml.g4dn.xlarge"))
    assert "has no GPU" not in warnings(RealtimeDeployment(), on_gpu)


def test_a_horizon_without_whole_cycles_is_told() -> None:
    """A day and a half of a daily profile; a day of a profile with quiet weekends; a day of daily jobs is fine."""
    for traffic, duration_s, told in (
        (Profile(), 1.5 * DAY_S, True),
        (Profile(), DAY_S, False),
        (Profile(weekend_factor=0.2), DAY_S, True),
        (Profile(weekend_factor=0.2), WEEK_S, False),
        (Jobs(every_days=2), 3 * DAY_S, True),
        (Jobs(), DAY_S, False),
        (Constant(), 1.5 * DAY_S, False),
    ):
        asked = Scenario(workload=Workload(traffic=traffic), simulation=Simulation(duration_s=duration_s))
        assert ("does not hold whole" in warnings(RealtimeDeployment(), asked)) == told


def test_a_trace_that_does_not_last_as_long_as_the_horizon_is_told() -> None:
    day = Counts(bin_s=3600, requests=(5,) * 24)
    half = Counts(bin_s=3600, requests=(5,) * 12)
    for traffic, days, told in (
        (day, 1, ""),
        (
            day,
            2,
            "The trace of 24 h is shorter than the horizon of 48 h: it is begun again where it ends. A horizon no",
        ),
        (half, 1, "It is not whole days long, so the hours of the day move."),
        (half.model_copy(update={"repeat": False}), 1, "The trace covers 12 h of the horizon of 24 h"),
        (half.model_copy(update={"repeat": False, "starts_at_s": 18 * 3600}), 1, "covers 6 h of the horizon"),
        (half.model_copy(update={"window_s": 7200}), 1, "The trace of 2 h is shorter"),
        (day.model_copy(update={"repeat": False}), 1, ""),
        (Timestamps(t_s=(0.5, 7199.5)), 1, "The trace of 2 h is shorter"),
        (NamedTrace(trace="azure-functions-http"), 1, "The trace of 8 h is shorter"),
        (NamedTrace(trace="nasa-http-1995-july"), 1, ""),
    ):
        workload, simulation = Workload(traffic=traffic), Simulation(duration_s=days * DAY_S)
        said = "\n".join(repeated(Scenario(workload=workload, simulation=simulation), span_s(traffic, load_traces())))
        assert told in said
        assert bool(said) == bool(told)
    short = Scenario(workload=Workload(traffic=half))
    assert "it is begun again where it ends" in warnings(RealtimeDeployment(), short)


TIMES_OUT = Scenario(
    simulation=Simulation(replications=2),
    workload=Workload(client=Client(read_timeout_s=5, gateway_timeout_s=29, network_ms=20)),
)


def test_settings_of_a_client_that_does_not_wait_are_named():
    told = warnings(AsynchronousDeployment(), TIMES_OUT)
    assert "Read timeout and Gateway timeout were not used: the client does not wait for its answer" in told
    told = warnings(BatchDeployment(), TIMES_OUT)
    assert "Read timeout, Network time and Gateway timeout were not used: nobody calls it" in told


@pytest.mark.parametrize("deployment", [RealtimeDeployment(), ServerlessDeployment()])
def test_a_client_that_waits_is_told_of_no_setting_but_of_the_price_of_its_gateway(deployment):
    told = warnings(deployment, TIMES_OUT)
    assert "not used" not in told
    assert "The price of the gateway itself is not in the cost." in told
    assert "gateway" not in warnings(deployment)
