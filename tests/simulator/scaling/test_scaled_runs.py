"""What must hold for every scaled endpoint, whatever its policies and schedules do."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernels.fates import UNFINISHED
from simulator.model.assumptions import Assumptions
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import (
    AsynchronousDeployment,
    BacklogStepIn,
    BacklogStepOut,
    BacklogTracking,
)
from simulator.patterns.realtime.deployment import (
    InvocationsTracking,
    RealtimeDeployment,
    RealtimeStepIn,
    RealtimeStepOut,
)
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ConcurrencyTracking, ProvisionedTracking, ScheduledAction, capacities
from simulator.traffic.kinds import Bursts
from tests.engine import make_case, replicate


def maybe(*values):
    return st.sampled_from((None, *values))


@st.composite
def actions(draw, most):
    schedules = st.sampled_from(["rate(7 minutes)", "at(00:20)", "cron(0/13 * * * ? *)", "at(1234.5)"])
    made = []
    for schedule in draw(st.lists(schedules, max_size=3)):
        low, high = sorted((draw(st.integers(1, most)), draw(st.integers(1, most))))
        made.append(ScheduledAction(schedule=schedule, min_capacity=low, max_capacity=high))
    return tuple(made)


@st.composite
def realtime(draw):
    return RealtimeDeployment(
        instance_type="ml.m5.large",
        initial_instance_count=2,
        max_capacity=6,
        scaling=draw(maybe(InvocationsTracking(target_value=300), InvocationsTracking(disable_scale_in=True))),
        concurrency_scaling=draw(maybe(ConcurrencyTracking(target_value=3, scale_in_cooldown_s=0))),
        step_scale_out=draw(maybe(RealtimeStepOut(metric="ConcurrentRequestsPerModel", threshold=4, cooldown_s=20))),
        step_scale_in=draw(maybe(RealtimeStepIn(threshold=200, evaluation_periods=2, cooldown_s=0))),
        scheduled_actions=draw(actions(6)),
        routing_strategy=draw(st.sampled_from(["RANDOM", "LEAST_OUTSTANDING_REQUESTS"])),
    )


@st.composite
def asynchronous(draw):
    return AsynchronousDeployment(
        instance_type="ml.m5.large",
        max_capacity=5,
        scaling=draw(maybe(BacklogTracking(), BacklogTracking(disable_scale_in=True, wake_from_zero=False))),
        step_scale_out=draw(maybe(BacklogStepOut(), BacklogStepOut(metric="ApproximateBacklogSize"))),
        step_scale_in=draw(maybe(BacklogStepIn(evaluation_periods=3, cooldown_s=60))),
        scheduled_actions=draw(actions(5)),
    )


@st.composite
def serverless(draw):
    return ServerlessDeployment(
        max_concurrency=12,
        provisioned_concurrency=3,
        scaling=draw(maybe(ProvisionedTracking(), ProvisionedTracking(scale_out_cooldown_s=0, scale_in_cooldown_s=0))),
        scheduled_actions=draw(actions(12)),
    )


@st.composite
def cases(draw):
    work = Workload(
        traffic=Bursts(on_rate_per_s=draw(st.sampled_from([5.0, 30.0])), mean_off_s=300.0),
        service_time=ServiceTime(mean_ms=draw(st.sampled_from([50.0, 400.0]))),
        client=Client(retry_mode=draw(st.sampled_from(["none", "standard"]))),
        reference_instance_type="ml.m5.large",
    )
    assumptions = Assumptions(
        provisioning_cpu_median_s=draw(st.sampled_from([1.0, 200.0])),
        provisioned_concurrency_median_s=draw(st.sampled_from([1.0, 200.0])),
        instances_per_endpoint_quota=draw(st.sampled_from([0, 3])),
        shortage_probability=draw(st.sampled_from([0.0, 0.5])),
    )
    seed, warmup_s = draw(st.integers(0, 99)), draw(st.sampled_from([0.0, 905.5]))
    return make_case(work, duration_s=3650.5, warmup_s=warmup_s, seed=seed, assumptions=assumptions)


def gauges_within(result, name, most):
    mean = result.gauges[name].integral / result.bin_s
    assert mean.min() >= 0
    assert mean.max() <= most + 1e-9


@given(cases(), st.one_of(realtime(), asynchronous(), serverless()))
@settings(max_examples=40, deadline=None)
def test_a_scaled_run_adds_up_and_stays_within_its_bounds(case, deployment):
    result, again = replicate(case, deployment, 1)[0], replicate(case, deployment, 1)[0]
    np.testing.assert_array_equal(result.sums.fates.sum(axis=1), result.offered)
    if deployment.pattern != "asynchronous":
        assert result.sums.fates[:, UNFINISHED].sum() == 0
    if deployment.pattern == "serverless":
        if "provisioned_in_service" in result.gauges:
            gauges_within(result, "provisioned_in_service", max(capacities(deployment)[1], 3))
        in_flight, there = (result.gauges[name].integral for name in ("in_flight", "environments"))
        assert np.all(in_flight <= there + 1e-6)
    else:
        gauges_within(result, "instances_in_service", max(capacities(deployment)[1], 2))
        assert np.all(
            result.gauges["instances_in_service"].integral <= result.gauges["instances_billed"].integral + 1e-6
        )
    assert result.utilisation is None or result.utilisation >= 0
    assert result.usage == again.usage
    np.testing.assert_array_equal(result.sums.histogram, again.sums.histogram)
