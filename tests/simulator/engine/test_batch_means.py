"""Where a single run cannot say how sure its numbers are, and what it says instead."""

from __future__ import annotations

from dataclasses import replace

from simulator.engine.batch_means import BURSTY, JOBS, NONE_SEEN, SHORT, SLOW, within
from simulator.engine.outcome import Within
from simulator.model.simulation import Simulation
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.traffic.kinds import Bursts, Constant, Jobs, Traffic
from tests.engine import make_case

ONE = RealtimeDeployment(instance_type="ml.m5.large", initial_instance_count=1)
HOUR_S = 3600.0


def said(traffic: Traffic, deployment: Deployment = ONE, hours: float = 2, mean_ms: float = 100) -> Within:
    case = make_case(Workload(traffic=traffic, service_time=ServiceTime(mean_ms=mean_ms)))
    case = replace(case, simulation=Simulation(duration_s=hours * HOUR_S, warmup_s=0))
    return within(case, BY_KEY[deployment.pattern].run(case, deployment))


def test_an_hour_has_too_few_blocks() -> None:
    assert said(Constant(rate_per_s=2), hours=1).why_not == {"": SHORT}


def test_bursts_have_to_fit_into_a_block() -> None:
    assert said(Bursts(mean_on_s=100, mean_off_s=100)).why_not == {"": BURSTY}
    assert "" not in said(Bursts(mean_on_s=30, mean_off_s=30)).why_not


def test_jobs_are_too_few() -> None:
    assert said(Jobs(records=100, at_s=60), BatchDeployment(), hours=24).why_not == {"": JOBS}


def test_what_waits_longer_than_a_block_is_not_judged_from_blocks() -> None:
    found = said(Constant(rate_per_s=3), AsynchronousDeployment(instance_type="ml.m5.large"), mean_ms=1000)
    assert found.latency_s == {}
    assert found.why_not["p50"] == SLOW


def test_no_error_says_little_about_errors() -> None:
    found = said(Constant(rate_per_s=2))
    assert found.error_share is None
    assert found.why_not["error_share"] == NONE_SEEN


def test_shares_stay_between_0_and_1() -> None:
    found = said(Constant(rate_per_s=40), crowded(ONE))
    assert found.error_share is not None
    assert 0 <= found.error_share[0] < found.error_share[1] <= 1
    assert found.utilisation is not None
    assert 0 <= found.utilisation[0] <= found.utilisation[1] <= 1


def crowded(one: RealtimeDeployment) -> RealtimeDeployment:
    """Half of what comes finds no room."""
    return one.model_copy(update={"job_queue_size": 1})
