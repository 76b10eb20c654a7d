"""Random scenarios of every pattern with everything on at once: faults, policies, clients, users, assumptions.

Requests add up, nothing takes less time than its work, gauges stay within their bounds, and it does not matter in
which pieces the requests come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.aggregate import pool
from simulator.engine.histogram import edges
from simulator.engine.recovery import recoveries
from simulator.kernels.fates import FATES
from simulator.model.assumptions import Assumptions
from simulator.model.faults import (
    CapacityShortage,
    EndpointUpdate,
    InstanceLoss,
    SlowDependency,
    TrafficSpike,
    ZoneLoss,
)
from simulator.model.workload import Batching, Client, Population, ServiceTime, Slowdown, Workload
from simulator.patterns.asynchronous.deployment import (
    AsynchronousDeployment,
    BacklogStepIn,
    BacklogStepOut,
    BacklogTracking,
)
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import (
    InvocationsTracking,
    RealtimeDeployment,
    RealtimeStepIn,
    RealtimeStepOut,
)
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ConcurrencyTracking, ProvisionedTracking, ScheduledAction, capacities, is_scaled
from simulator.traffic.arrivals import Source
from simulator.traffic.kinds import Bursts, Constant, Step, Steps
from tests.engine import make_case, replicate

HOUR_S = 3600.0
MEAN_S = 0.25
FASTEST = 0.5
"""Least factor on a service time: of the slowdown table below."""

TABLE = (Slowdown(concurrency=1, factor=1.0), Slowdown(concurrency=2, factor=0.5), Slowdown(concurrency=4, factor=3.0))

times = st.floats(0, 1.1 * HOUR_S)
windows = {"at_s": times, "lasts_s": st.floats(1, 1500)}
faults = st.lists(
    st.one_of(
        st.builds(InstanceLoss, at_s=times, instances=st.integers(1, 4)),
        st.builds(ZoneLoss, at_s=times, zones=st.integers(2, 4)),
        st.builds(SlowDependency, **windows, added_ms=st.sampled_from([100.0, 3000.0, 70_000.0])),
        st.builds(CapacityShortage, **windows),
        st.builds(TrafficSpike, **windows, factor=st.sampled_from([1.5, 6.0])),
        st.builds(
            EndpointUpdate,
            at_s=times,
            traffic_routing=st.sampled_from(["ALL_AT_ONCE", "CANARY", "LINEAR"]),
            wait_s=st.sampled_from([0.0, 120.0]),
            termination_wait_s=st.sampled_from([0.0, 300.0]),
        ),
    ),
    max_size=4,
).map(tuple)
traffics = st.sampled_from(
    [
        Constant(rate_per_s=6),
        Constant(rate_per_s=2, interarrival_cv=3.0),
        Bursts(on_rate_per_s=20, off_rate_per_s=0.5),
        Steps(steps=(Step(at_s=0, rate_per_s=1), Step(at_s=1200, rate_per_s=25), Step(at_s=1500, rate_per_s=0))),
    ]
)
clients = st.builds(
    Client,
    retry_mode=st.sampled_from(["none", "legacy", "standard", "adaptive"]),
    max_attempts=st.sampled_from([0, 2]),
    processes=st.sampled_from([1, 3]),
    read_timeout_s=st.sampled_from([0.0, 0.3, 5.0]),
    network_ms=st.sampled_from([0.0, 40.0]),
    network_varying_ms=st.sampled_from([0.0, 60.0]),
    gateway_timeout_s=st.sampled_from([0.0, 0.0, 1.0]),
)
assumed = st.builds(
    Assumptions,
    overhead_ms=st.just(0.0),
    provisioning_cpu_median_s=st.sampled_from([30.0, 200.0]),
    provisioning_sigma=st.sampled_from([0.0, 0.5]),
    shortage_probability=st.sampled_from([0.0, 0.4]),
    shortage_s=st.just(400.0),
    instances_per_endpoint_quota=st.sampled_from([0, 4]),
    replacement_delay_s=st.sampled_from([0.0, 60.0]),
    scaling_waits=st.booleans(),
    realtime_scale_in=st.sampled_from(["drain", "kill"]),
    warmup_hazard_s=st.sampled_from([0.0, 90.0]),
    async_scale_in=st.sampled_from(["drain", "redone", "lost"]),
    bill_while_provisioning=st.booleans(),
    serverless_keep_warm_s=st.sampled_from([5.0, 300.0]),
    serverless_keep_warm_sigma=st.sampled_from([0.0, 1.0]),
    serverless_quiet_s=st.sampled_from([0.0, 60.0]),
    serverless_life_max_s=st.sampled_from([0.0, 600.0]),
    serverless_account_concurrency=st.sampled_from([10, 1000]),
    serverless_others_in_use=st.sampled_from([0, 8]),
    serverless_others_low_share=st.sampled_from([0.0, 1.0]),
    serverless_starts_per_10_s=st.sampled_from([0, 3]),
    serverless_not_ready_after_s=st.sampled_from([0.0, 5.0]),
    serverless_cold_sigma=st.sampled_from([0.0, 1.5]),
    serverless_bill_cold_start=st.booleans(),
)
actions = st.lists(
    st.builds(
        ScheduledAction,
        schedule=st.sampled_from(["at(1000)", "at(2000)", "rate(10 minutes)", "cron(0/20 * * * ? *)"]),
        min_capacity=st.integers(1, 2),
        max_capacity=st.integers(2, 6),
    ),
    max_size=2,
).map(tuple)


def workload(traffic: Any, client: Client, **more: Any) -> Workload:
    """Every request is a quarter of a second of work."""
    return Workload(
        traffic=traffic,
        client=client,
        service_time=ServiceTime(distribution="deterministic", mean_ms=1000 * MEAN_S),
        container_workers=2,
        model_load_s=1.0,
        **more,
    )


@st.composite
def realtimes(draw: st.DrawFn) -> tuple[Workload, RealtimeDeployment]:
    def maybe(*some: Any) -> Any:
        return draw(st.sampled_from([None, *some]))

    population = maybe(Population(users=15, think_time_s=2.0))
    more: dict[str, Any] = {"population": population, "slowdown": draw(st.sampled_from([(), TABLE]))}
    deployment = RealtimeDeployment(
        initial_instance_count=2,
        max_capacity=5,
        scaling=maybe(
            InvocationsTracking(target_value=120), InvocationsTracking(target_value=60, disable_scale_in=True)
        ),
        concurrency_scaling=maybe(ConcurrencyTracking(target_value=3)),
        step_scale_out=maybe(RealtimeStepOut(metric="ConcurrentRequestsPerModel", threshold=3, evaluation_periods=1)),
        step_scale_in=maybe(RealtimeStepIn(threshold=30, evaluation_periods=2)),
        scheduled_actions=draw(actions),
        routing_strategy=draw(st.sampled_from(["RANDOM", "LEAST_OUTSTANDING_REQUESTS"])),
        job_queue_size=draw(st.sampled_from([0, 3, 100])),
        overflow_status=draw(st.sampled_from([424, 503])),
    )
    return workload(draw(traffics), draw(clients), **more), deployment


@st.composite
def serverlesses(draw: st.DrawFn) -> tuple[Workload, ServerlessDeployment]:
    scaled = draw(st.booleans())
    deployment = ServerlessDeployment(
        max_concurrency=draw(st.sampled_from([6, 20])),
        provisioned_concurrency=2 if scaled else draw(st.sampled_from([0, 3])),
        scaling=ProvisionedTracking(target_value=0.4) if scaled else None,
        scheduled_actions=draw(actions) if scaled else (),
        max_capacity=6,
    )
    return workload(draw(traffics), draw(clients)), deployment


@st.composite
def asynchronouses(draw: st.DrawFn) -> tuple[Workload, AsynchronousDeployment]:
    def maybe(*some: Any) -> Any:
        return draw(st.sampled_from([None, *some]))

    deployment = AsynchronousDeployment(
        initial_instance_count=2,
        max_capacity=5,
        min_capacity=draw(st.sampled_from([0, 1])),
        scaling=maybe(BacklogTracking(target_value=3), BacklogTracking(wake_from_zero=False)),
        step_scale_out=maybe(BacklogStepOut(threshold=5, evaluation_periods=1)),
        step_scale_in=maybe(BacklogStepIn(threshold=1, evaluation_periods=2)),
        scheduled_actions=draw(actions),
        max_concurrent_invocations_per_instance=draw(st.sampled_from([0, 1])),
        request_ttl_s=draw(st.sampled_from([60.0, 900.0])),
        invocation_timeout_s=draw(st.sampled_from([2.0, 900.0])),
    )
    more = {"slowdown": draw(st.sampled_from([(), TABLE])), "request_mb": draw(st.sampled_from([0.0, 20.0]))}
    return workload(draw(traffics), draw(clients), **more), deployment


@st.composite
def batches(draw: st.DrawFn) -> tuple[Workload, BatchDeployment]:
    deployment = BatchDeployment(
        instance_count=draw(st.integers(1, 3)),
        input_objects=draw(st.sampled_from([1, 7, 100])),
        object_size_cv=draw(st.sampled_from([0.0, 2.0])),
        batch_strategy=draw(st.sampled_from(["MultiRecord", "SingleRecord"])),
        failing_call_share=draw(st.sampled_from([0.0, 0.3])),
        invocations_max_retries=draw(st.sampled_from([0, 3])),
        invocations_timeout_s=draw(st.sampled_from([20.0, 3600.0])),
        schedule_every_s=draw(st.sampled_from([900.0, 1000.0, 7200.0])),
        schedule_offset_s=draw(st.sampled_from([0.0, 600.0])),
    )
    return workload(draw(traffics), draw(clients), slowdown=draw(st.sampled_from([(), TABLE]))), deployment


@dataclass(frozen=True)
class Pieces:
    """A source whose arrivals come in pieces of another length."""

    inner: Source
    length: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def times(self, rng: np.random.Generator, start_s: float, end_s: float) -> Iterator[Any]:
        """At most so many at once."""
        for t in self.inner.times(rng, start_s, end_s):
            for begin in range(0, t.size, self.length):
                yield t[begin : begin + self.length]


def check(case: Any, deployment: Any, result: Any) -> None:
    """What holds for every replication of every pattern."""
    sums, pattern = result.sums, deployment.pattern
    np.testing.assert_array_equal(sums.fates.sum(axis=1), result.offered)
    assert (sums.fates >= 0).all()
    # An overload of a batch schedule may go on for longer than a job is waited for; nothing else may be left over.
    assert sums.fates[:, FATES.index("unfinished")].sum() == 0
    np.testing.assert_array_equal(sums.histogram.sum(axis=1), sums.fates[:, 0])
    assert sums.attempts.sum() == sums.fates[:, 0].sum()
    assert sums.made[0] >= sums.fates[:, 0].sum()
    assert (sums.parts >= -1e-6).all()
    assert (sums.work >= -1e-9).all()
    filled = np.flatnonzero(sums.histogram.sum(axis=0))
    if filled.size:
        fastest = FASTEST if case.workload.slowdown else 1.0
        assert edges()[filled[0] + 1] > MEAN_S * fastest * 0.999
    for gauge in result.gauges.values():
        assert (gauge.integral >= -1e-9).all()
        # Bins of the horizon are a minute long here.
        assert (gauge.integral <= gauge.peak * result.bin_s + 1e-6).all()
    if is_scaled(deployment):
        names = {"instances_in_service", "provisioned_in_service"} & set(result.gauges)
        # What replaces an instance that was lost during an update comes beside the new fleet until the next step.
        twice = 2 if any(isinstance(fault, EndpointUpdate) for fault in case.faults) else 1
        assert all(result.gauges[name].peak.max() <= twice * capacities(deployment)[1] for name in names)
    if "in_flight" in result.gauges:
        assert result.gauges["in_flight"].peak.max() <= deployment.max_concurrency
    if "instances_billed" in result.gauges:
        billed, there = (result.gauges[name].integral for name in ("instances_billed", "instances_in_service"))
        assert (billed >= there - 1e-6).all()
    assert all(np.isfinite(line.quantity) and line.quantity >= 0 for line in result.usage)
    assert result.utilisation is None or -1e-9 <= result.utilisation <= 1 + 1e-9
    outcome = pool(pattern, [result], 99.0)
    for one in recoveries(outcome.series, case, pattern):
        assert one.recovered_s is None or one.recovered_s >= one.at_s
        assert -1e-9 <= one.error_share <= 1


def same(one: Any, other: Any) -> None:
    """Bit for bit."""
    for name, left, right in zip(one.sums._fields, one.sums, other.sums, strict=True):
        np.testing.assert_array_equal(left, right, err_msg=name)
    assert one.usage == other.usage
    assert one.jobs == other.jobs
    for name, gauge in one.gauges.items():
        np.testing.assert_array_equal(gauge.integral, other.gauges[name].integral, err_msg=name)
        np.testing.assert_array_equal(gauge.peak, other.gauges[name].peak, err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "made",
    [
        pytest.param(made, id=name)
        for name, made in (
            ("realtime", realtimes()),
            ("serverless", serverlesses()),
            ("asynchronous", asynchronouses()),
            ("batch", batches()),
        )
    ],
)
def test_requests_add_up_and_come_out_the_same_in_any_pieces(made):
    @settings(max_examples=10, deadline=None)
    @given(made, faults, assumed, st.sampled_from([0.0, 600.0]), st.sampled_from([1, 7, 1000]))
    def hold(scenario, some, assumptions, warmup_s, length):
        work, deployment = scenario
        case = make_case(work, warmup_s=warmup_s, assumptions=assumptions, faults=some)
        (result,) = replicate(case, deployment, 1)
        check(case, deployment, result)
        (pieces,) = replicate(replace(case, source=Pieces(case.source, length)), deployment, 1)
        same(result, pieces)

    hold()


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(traffics, st.sampled_from([0.0, 50.0, 2000.0]), st.sampled_from([1, 4]), st.sampled_from(["legacy", "standard"]))
def test_batches_of_a_container_add_up_and_come_out_the_same_in_any_pieces(traffic, delay_ms, most, mode):
    work = workload(
        traffic, Client(retry_mode=mode), batching=Batching(max_batch_size=most, max_batch_delay_ms=delay_ms)
    )
    deployment = RealtimeDeployment(
        initial_instance_count=1, scaling=InvocationsTracking(target_value=120), job_queue_size=5, overflow_status=503
    )
    case = make_case(work, faults=(EndpointUpdate(at_s=1000), TrafficSpike(at_s=1500, lasts_s=300, factor=4)))
    (result,) = replicate(case, deployment, 1)
    check(case, deployment, result)
    (pieces,) = replicate(replace(case, source=Pieces(case.source, 3)), deployment, 1)
    same(result, pieces)
