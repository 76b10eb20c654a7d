"""What faults use is told apart from what a horizon uses without them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simulator.model.faults import EndpointUpdate, Fault, InstanceLoss, TrafficSpike
from simulator.model.usage import Usage
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.patterns.replicate import apart, replicate
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Constant
from tests.engine import make_case

WORK = Workload(traffic=Constant(rate_per_s=2), service_time=ServiceTime(mean_ms=50))
DEPLOYMENTS = (
    RealtimeDeployment(initial_instance_count=2),
    ServerlessDeployment(),
    AsynchronousDeployment(initial_instance_count=2, scaling=None),
    BatchDeployment(schedule_every_s=3600),
)


def used(usage: tuple[Usage, ...], key: str, per: str) -> float:
    return sum(line.quantity for line in usage if (line.key, line.per) == (key, per))


def case(*faults: Fault, duration_s: float = 7200.0, **more: Any) -> Any:
    return make_case(WORK, faults=faults, duration_s=duration_s, warmup_s=0, **more)


def test_an_update_adds_the_second_fleet_once() -> None:
    update = EndpointUpdate(at_s=600, termination_wait_s=900)
    result = replicate(case(update), DEPLOYMENTS[0])
    assert used(result.usage, "hosting_instance_s", "horizon") == pytest.approx(2 * 7200)
    faulty = BY_KEY["realtime"].run(case(update), DEPLOYMENTS[0])
    both = sum(line.quantity for line in result.usage if line.key == "hosting_instance_s")
    assert both == pytest.approx(used(faulty.usage, "hosting_instance_s", "horizon"))
    assert used(result.usage, "hosting_instance_s", "once") > 2 * 900


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment.pattern)
def test_a_spike_adds_its_requests_once_in_every_pattern(deployment: Deployment) -> None:
    spike = TrafficSpike(at_s=600, lasts_s=600, factor=4)
    result = replicate(case(spike), deployment)
    calm = BY_KEY[deployment.pattern].run(case(), deployment)
    usual = tuple(line for line in result.usage if line.per != "once")
    assert usual == calm.usage, "common random numbers: without the fault it is the same run"
    assert result.offered.sum() > calm.offered.sum(), "what clients see is with the fault"


def test_a_lost_instance_is_not_paid_for_until_it_is_replaced() -> None:
    result = replicate(case(InstanceLoss(at_s=600)), DEPLOYMENTS[0])
    assert used(result.usage, "hosting_instance_s", "once") < 0


@pytest.mark.parametrize(
    ("fault", "deployment"),
    [
        (TrafficSpike(at_s=8000, lasts_s=60), DEPLOYMENTS[0]),  # after the horizon
        (EndpointUpdate(at_s=600), DEPLOYMENTS[1]),  # touches no serverless endpoint
    ],
)
def test_without_a_fault_that_touches_it_nothing_is_told_apart(fault: Fault, deployment: Deployment) -> None:
    result = replicate(case(fault), deployment)
    assert {line.per for line in result.usage} <= {"horizon", "month"}
    assert result.usage == BY_KEY[deployment.pattern].run(case(fault), deployment).usage


def test_alarms_that_stand_all_month_have_no_part_in_a_fault() -> None:
    alarm = Usage(key="cloudwatch_alarm_months", quantity=2, per="month")
    hours = Usage(key="hosting_instance_s", dimension="ml.m5.xlarge", quantity=10)
    more = Usage(key="hosting_instance_s", dimension="ml.m5.xlarge", quantity=12)
    once = Usage(key="hosting_instance_s", dimension="ml.m5.xlarge", quantity=2, per="once")
    assert apart((hours, alarm), (more, alarm)) == (hours, alarm, once)


def test_progress_of_both_runs_is_told_as_one() -> None:
    seen: list[float] = []
    replicate(replace(case(EndpointUpdate(at_s=600)), progress=seen.append), DEPLOYMENTS[0])
    assert np.all(np.diff(seen) >= 0)
    assert seen[-1] <= 1
