"""What patterns state of their own settings, so that a cause can be named."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest

from simulator.model.workload import Batching, ServiceTime, Slowdown, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogTracking
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.bottlenecks import Bottlenecks, work_beyond
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Jobs
from tests.engine import make_case


def stated(deployment: Deployment, workload: Workload | None = None) -> Bottlenecks:
    case = make_case(workload or Workload())
    return BY_KEY[deployment.pattern].bottlenecks(case, deployment)


def test_the_share_that_works_longer_is_that_of_the_distribution() -> None:
    service = ServiceTime(distribution="lognormal", mean_ms=25_000, cv=1.2)
    sigma = math.sqrt(math.log1p(1.2**2))
    expected = 1 - NormalDist(math.log(25) - sigma**2 / 2, sigma).cdf(math.log(60))
    assert work_beyond(make_case(Workload(service_time=service)), 1.0, 60.0) == pytest.approx(expected, abs=0.005)
    assert work_beyond(make_case(Workload(service_time=service)), 2.0, 120.0) == pytest.approx(expected, abs=0.005)


def test_what_an_instance_can_answer_a_minute() -> None:
    """4 vCPU, 50 ms: 4,800; at twice the time when all four work, half of that; batches are not reckoned with."""
    assert stated(RealtimeDeployment()).per_minute == pytest.approx(4800)
    slow = Workload(slowdown=(Slowdown(concurrency=4, factor=2.0),))
    assert stated(RealtimeDeployment(), slow).per_minute == pytest.approx(2400)
    assert stated(RealtimeDeployment(), Workload(batching=Batching())).per_minute == 0


def test_a_real_time_endpoint_states_its_queue_and_target() -> None:
    found = stated(RealtimeDeployment(job_queue_size=7, scaling=InvocationsTracking(target_value=30)))
    assert (found.workers, found.queue, found.target_per_minute, found.least_instances) == (4, 7, 30, 1)
    fixed = stated(RealtimeDeployment())
    assert (fixed.target_per_minute, fixed.least_instances) == (None, None)


def test_an_asynchronous_endpoint_states_how_it_comes_back_from_zero() -> None:
    woken = stated(AsynchronousDeployment())
    assert (woken.least_instances, woken.wakes_above) == (0, None)
    asleep = stated(AsynchronousDeployment(scaling=BacklogTracking(target_value=9, wake_from_zero=False)))
    assert asleep.wakes_above == 9
    fixed = stated(AsynchronousDeployment(scaling=None))
    assert (fixed.least_instances, fixed.wakes_above) == (None, None)
    few = stated(AsynchronousDeployment(max_concurrent_invocations_per_instance=2))
    assert few.workers == 2


def test_jobs_and_serverless_state_their_own() -> None:
    jobs = stated(BatchDeployment(instance_count=3, input_objects=2, invocations_timeout_s=600))
    assert (jobs.input_objects, jobs.job_instances, jobs.workers) == (2, 3, 0)
    assert jobs.jobs_every_s == 86_400
    assert stated(BatchDeployment(), Workload(traffic=Jobs())).jobs_every_s == 0
    assert jobs.time_limit is not None
    assert (jobs.time_limit.seconds, jobs.time_limit.whose) == (600, "setting")
    serverless = stated(ServerlessDeployment())
    assert serverless.time_limit is not None
    assert (serverless.time_limit.seconds, serverless.time_limit.whose, serverless.queue) == (60, "aws", None)
