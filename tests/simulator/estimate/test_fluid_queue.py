"""Asynchronous endpoints as a fluid, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.estimate.answer import reckon
from simulator.model.assumptions import Assumptions
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.traffic.kinds import Constant, Counts
from tests.engine import make_case

# No draws: every delay and start-up time is known.
PLAIN = Assumptions(overhead_ms=0, provisioning_sigma=0, alarm_delay_min_s=60, alarm_delay_max_s=60)


def make(traffic, mean_ms=1000.0, **more):
    service = ServiceTime(distribution="deterministic", mean_ms=mean_ms)
    workload = Workload(traffic=traffic, service_time=service, request_mb=0, response_mb=0, model_load_s=0)
    case = make_case(workload, duration_s=6 * 3600, warmup_s=0, assumptions=PLAIN)
    return replace(case, simulation=case.simulation.model_copy(update={"replications": 1, **more}))


def test_a_backlog_is_worked_off_at_the_fleets_rate():
    # 2,400 requests in the first minute, 4 workers of 1 s: all done after 600 s, half of them after about 300 s.
    case = make(Counts(requests=(2400,) + (0,) * 359))
    quick = reckon(case, AsynchronousDeployment(initial_instance_count=1, scaling=None))
    assert quick.latency_s["p50"].value == pytest.approx(270, rel=0.05)
    assert quick.latency_s["p99"].value == pytest.approx(540, rel=0.05)


def test_an_endpoint_at_zero_wakes_after_two_periods_a_delay_and_the_start():
    case = make(Counts(requests=(0, 0, 1) + (0,) * 357))
    quick = reckon(case, AsynchronousDeployment(initial_instance_count=0))
    # It comes at 150 s; the alarm is up at 240 s, is acted on at 300 s, and the instance is there 200 s later.
    assert quick.latency_s["p50"].value == pytest.approx(350 + 1, abs=31)
    assert quick.usage[0].quantity > 200


def test_a_fleet_that_never_keeps_up_is_not_stable():
    case = make(Constant(rate_per_s=6))
    quick = reckon(case, AsynchronousDeployment(initial_instance_count=1, scaling=None, request_ttl_s=600))
    assert not quick.stable
    assert "waiting at" in quick.reasons[0]
    assert quick.error_share.value == pytest.approx(1 / 3, abs=0.03)
