"""What must hold for every asynchronous endpoint: conservation, determinism, bounds, and that more never hurts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.driver import serve
from simulator.engine.gate import Gate
from simulator.kernels.fates import EXPIRED, FATES
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.asynchronous import run as pattern
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogTracking
from simulator.simulate import simulate
from simulator.traffic.kinds import Bursts, Constant, Spike, Step, Steps
from tests.engine import make_case, replicate

SURGE = Workload(
    traffic=Steps(steps=(Step(at_s=0, rate_per_s=0.2),), spikes=(Spike(at_s=1800, duration_s=600, factor=20),)),
    service_time=ServiceTime(mean_ms=10_000),
    request_mb=20.0,
    container_workers=2,
)
SCALED = AsynchronousDeployment(initial_instance_count=0, max_capacity=6, request_ttl_s=1200)


def test_same_seed_same_bits():
    one, two = (replicate(make_case(SURGE), SCALED, 1)[0] for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one.sums, two.sums, strict=True))
    assert one.usage == two.usage


def test_another_seed_another_run():
    one, two = (replicate(make_case(SURGE, seed=seed), SCALED, 1)[0] for seed in (1, 2))
    assert not np.array_equal(one.sums.histogram, two.sums.histogram)


@settings(max_examples=30)
@given(
    rate=st.sampled_from([0.01, 0.2, 1.0, 3.0]),
    least=st.integers(0, 2),
    most=st.integers(2, 6),
    scaling=st.sampled_from([None, BacklogTracking(target_value=2), BacklogTracking(wake_from_zero=False)]),
    ttl_s=st.sampled_from([60.0, 900.0, 21_600.0]),
    timeout_s=st.sampled_from([10.0, 900.0]),
)
def test_conservation_and_bounds(rate, least, most, scaling, ttl_s, timeout_s):
    work = SURGE.model_copy(update={"traffic": Bursts(on_rate_per_s=4 * rate, off_rate_per_s=rate / 4)})
    deployment = AsynchronousDeployment(
        scaling=scaling,
        min_capacity=least,
        initial_instance_count=max(least, 1),
        max_capacity=most,
        request_ttl_s=ttl_s,
        invocation_timeout_s=timeout_s,
    )
    result = replicate(make_case(work), deployment, 1)[0]
    fates = result.sums.fates
    assert fates.sum() == result.offered.sum()
    assert (fates >= 0).all()
    assert fates[:, FATES.index("unfinished")].sum() == 0
    assert result.sums.histogram.sum() == fates[:, 0].sum()
    in_service = result.gauges["instances_in_service"]
    allowed = most if scaling else max(least, 1)
    assert in_service.peak.max() <= allowed
    assert in_service.integral.sum() >= (least if scaling else 1) * 3600 * 0.999
    assert result.gauges["instances_billed"].integral.sum() >= in_service.integral.sum()
    assert result.attempts.sum() == pytest.approx(result.offered.sum(), abs=30)


def test_more_instances_let_fewer_expire():
    """On the same draws."""
    overloaded = SURGE.model_copy(update={"traffic": Constant(rate_per_s=1)})
    expired = []
    for count in (1, 2, 4, 8):
        fixed = AsynchronousDeployment(scaling=None, initial_instance_count=count, request_ttl_s=60.0)
        expired.append(replicate(make_case(overloaded), fixed, 1)[0].sums.fates[:, EXPIRED].sum())
    assert expired[0] > expired[1] > expired[2] > expired[3] == 0


def test_scaling_wakes_follows_and_goes_back_to_zero():
    silent = make_case(SURGE.model_copy(update={"traffic": Constant(rate_per_s=0)}))
    assert simulate(silent, SCALED).usage[0].quantity == 0
    burst = Steps(steps=(Step(at_s=0, rate_per_s=0), Step(at_s=600, rate_per_s=2), Step(at_s=1800, rate_per_s=0)))
    outcome = simulate(make_case(SURGE.model_copy(update={"traffic": burst}), duration_s=4 * 3600), SCALED)
    in_service = outcome.series.means["instances_in_service"]
    assert in_service[0] == 0
    assert in_service.max() > 4
    assert in_service[-1] == 0


def test_an_empty_hour_costs_its_fixed_instances():
    case = make_case(SURGE.model_copy(update={"traffic": Constant(rate_per_s=0)}))
    outcome = simulate(case, AsynchronousDeployment(scaling=None, initial_instance_count=2))
    assert outcome.offered == 0
    assert outcome.latency.quantile(99) is None
    assert outcome.usage[0].quantity == pytest.approx(2 * 3600)


def test_memory_does_not_grow_with_requests():
    """The pool, the heap and the log are as large for a hundred times as many requests when the queue is short."""
    sizes = []
    for rate in (1.0, 100.0):
        work = Workload(traffic=Constant(rate_per_s=rate), service_time=ServiceTime(mean_ms=10))
        case = make_case(work)
        server = pattern._Server(case, AsynchronousDeployment(scaling=None))
        serve(case, server, 100.0, Gate(server.tally, server.params.factor))
        sizes.append(sum(array.nbytes for array in server.state) + sum(array.nbytes for array in server.log))
    assert sizes[0] == sizes[1]
