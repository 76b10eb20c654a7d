"""A slowdown under concurrency as one number, by hand, and in the fast answer beside exact runs."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.model.workload import MeasuredTime, ServiceTime, Slowdown, Workload
from simulator.patterns import slowed
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.common import machine
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.simulate import simulate
from simulator.traffic.kinds import Constant
from tests.engine import make_case

M5 = "ml.m5.xlarge"
TWICE = (Slowdown(concurrency=1, factor=1.0), Slowdown(concurrency=10, factor=2.0))


def case_of(rate_per_s: float = 1.0, **more: Any):
    work = {"container_workers": 10, "slowdown": TWICE, "service_time": ServiceTime(mean_ms=1000, cv=0.3)}
    return make_case(Workload(traffic=Constant(rate_per_s=rate_per_s), **(work | more)), duration_s=7200)


def factor(rate_per_s: float, **more: Any) -> float:
    case = case_of(**more)
    return slowed.at_rate(case, machine(case, M5, ""), rate_per_s).factor


def test_the_number_in_work_is_the_rate_times_the_time_that_it_makes():
    """f(n) = 1 + (n - 1) / 9 and n = 4 f(n): n = 4 x 8/9 / (1 - 4/9) = 6.4, f = 1.6."""
    assert factor(4.0) == pytest.approx(1.6)


def test_a_request_alone_has_its_own_time_and_too_many_have_that_of_all_workers():
    assert factor(0.01) == 1.0
    assert factor(100.0) == pytest.approx(2.0)
    assert factor(4.0, slowdown=()) == 1.0


def test_at_its_best_an_instance_does_the_most_a_second():
    """Ten at once do 10 / 2 = 5 a second; where eleven times the time is needed for two, one at a time does most."""
    case = case_of()
    best = slowed.at_full_rate(case, machine(case, M5, ""))
    assert best.workers / best.factor == pytest.approx(5)
    steep = case_of(slowdown=(Slowdown(concurrency=1, factor=1), Slowdown(concurrency=2, factor=11)))
    best = slowed.at_full_rate(steep, machine(steep, M5, ""))
    assert best.workers / best.factor == pytest.approx(1)


def test_the_slowdown_is_that_of_the_type_where_it_was_measured():
    rows = (
        MeasuredTime(instance_type=M5, mean_ms=500, concurrency=1),
        MeasuredTime(instance_type=M5, mean_ms=2000, concurrency=10),
    )
    case = case_of(slowdown=(), service_time=ServiceTime(mean_ms=1000, measured=rows))
    assert slowed.at_rate(case, machine(case, M5, ""), 1000.0).factor == pytest.approx(2.0)


@pytest.mark.parametrize(
    "deployment",
    [
        RealtimeDeployment(instance_type=M5),
        RealtimeDeployment(instance_type=M5, initial_instance_count=2),
        AsynchronousDeployment(instance_type=M5, scaling=None),
    ],
    ids=lambda deployment: f"{deployment.pattern} {deployment.initial_instance_count}",
)
def test_the_fast_answer_is_near_the_exact_one(deployment: Deployment):
    case = case_of(rate_per_s=3.5)
    exact = simulate(case, deployment)
    quick = BY_KEY[deployment.pattern].surrogate.reckon(case, deployment, 1, rough=False)
    for percent in (50, 95):
        assert quick.latency_s[f"p{percent}"].value == pytest.approx(exact.latency.quantile(percent), rel=0.25)


def test_a_scaled_instance_is_as_slow_as_its_target_makes_it():
    """240 a minute are 4 a second each."""
    case = case_of(rate_per_s=12.0)
    scaled = RealtimeDeployment(instance_type=M5, scaling=InvocationsTracking(target_value=240), max_capacity=6)
    quick = BY_KEY["realtime"].surrogate.reckon(case, scaled, 1, rough=False)
    assert quick.latency_s["p50"].value == pytest.approx(1.6, rel=0.1)
