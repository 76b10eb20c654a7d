"""What must hold for every real-time endpoint: conservation, determinism, and that more never hurts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernels.fates import FATES
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.simulate import simulate
from simulator.traffic.kinds import Constant, Profile, Spike, Step, Steps
from tests.engine import make_case, replicate

SURGE = Workload(
    traffic=Steps(steps=(Step(at_s=0, rate_per_s=20),), spikes=(Spike(at_s=1200, duration_s=600, factor=8),)),
    client=Client(retry_mode="legacy"),
    service_time=ServiceTime(mean_ms=150),
)
SCALED = RealtimeDeployment(
    scaling=InvocationsTracking(target_value=700),
    min_capacity=1,
    max_capacity=8,
    job_queue_size=10,
    overflow_status=503,
)


def test_same_seed_same_bits():
    one, two = (replicate(make_case(SURGE), SCALED, 1)[0] for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one.sums, two.sums, strict=True))
    assert one.usage == two.usage


def test_another_seed_another_run():
    one, two = (replicate(make_case(SURGE, seed=seed), SCALED, 1)[0] for seed in (1, 2))
    assert not np.array_equal(one.sums.histogram, two.sums.histogram)


@pytest.mark.parametrize("mode", ["none", "legacy", "standard"])
@pytest.mark.parametrize("routing", ["RANDOM", "LEAST_OUTSTANDING_REQUESTS"])
def test_fates_add_up_in_an_overload_with_retries(mode, routing):
    workload = SURGE.model_copy(update={"client": Client(retry_mode=mode)})
    outcome = simulate(make_case(workload), SCALED.model_copy(update={"routing_strategy": routing}))
    assert sum(outcome.fates.values()) == outcome.offered > 0
    assert outcome.fates["rejected"] > 0
    assert sum(outcome.successes_by_attempt) == outcome.completed
    assert outcome.attempts >= outcome.offered
    assert (outcome.attempts > outcome.offered) == (mode != "none")


@pytest.mark.slow
def test_the_retry_quota_limits_the_storm():
    """Standard mode stops retrying when its quota is spent; legacy does not (facts rows 8.3, 8.11)."""
    overloaded = SURGE.model_copy(update={"traffic": Constant(rate_per_s=200)})
    made = {}
    for mode in ("standard", "legacy"):
        workload = overloaded.model_copy(update={"client": Client(retry_mode=mode, max_attempts=5, processes=1)})
        outcome = simulate(make_case(workload), SCALED.model_copy(update={"max_capacity": 1}))
        made[mode] = outcome.attempts / outcome.offered
    assert made["standard"] < 1.2
    assert made["legacy"] > 3


def test_scaling_follows_a_step_and_comes_back():
    case = make_case(SURGE, duration_s=3 * 3600)
    outcome = simulate(case, SCALED)
    in_service = outcome.series.means["instances_in_service"]
    assert in_service[0] == pytest.approx(2, abs=0.5)
    assert max(in_service) > 4
    assert in_service[-1] <= 3


def test_an_empty_hour_costs_its_instances():
    case = make_case(SURGE.model_copy(update={"traffic": Constant(rate_per_s=0)}))
    outcome = simulate(case, RealtimeDeployment(initial_instance_count=2))
    assert outcome.offered == 0
    assert outcome.latency.quantile(99) is None
    assert outcome.usage[0].quantity == pytest.approx(2 * 3600)


def test_zero_load_is_the_service_time_and_the_overhead():
    workload = Workload(
        traffic=Constant(rate_per_s=0.01), service_time=ServiceTime(distribution="deterministic", mean_ms=100)
    )
    case = make_case(workload, duration_s=24 * 3600)
    case = replace(case, assumptions=case.assumptions.model_copy(update={"overhead_ms": 10}))
    outcome = simulate(case, RealtimeDeployment())
    assert outcome.latency.quantile(50) == pytest.approx(0.110, rel=0.008)


@settings(max_examples=20, deadline=None)
@given(
    rate=st.floats(1, 60),
    count=st.integers(1, 4),
    queue=st.integers(0, 50),
    routing=st.sampled_from(["RANDOM", "LEAST_OUTSTANDING_REQUESTS"]),
)
def test_conservation_and_bounds(rate, count, queue, routing):
    workload = SURGE.model_copy(update={"traffic": Profile(peak_rate_per_s=rate, shape=(1.0, 0.2, 3.0))})
    deployment = RealtimeDeployment(
        initial_instance_count=count, job_queue_size=queue, routing_strategy=routing, overflow_status=503
    )
    result = replicate(make_case(workload, warmup_s=300), deployment, 1)[0]
    assert result.sums.fates.sum() == result.offered.sum()
    assert (result.sums.fates >= 0).all()
    assert result.sums.fates[:, FATES.index("unfinished")].sum() == 0
    assert result.sums.histogram.sum() == result.sums.fates[:, 0].sum()
    assert result.utilisation is not None
    assert 0 <= result.utilisation <= 1


def test_a_second_instance_never_lets_more_fail():
    """On the same draws, with random routing off, a larger fleet refuses no more requests."""
    refused = []
    for count in (1, 2, 4):
        deployment = RealtimeDeployment(
            initial_instance_count=count, job_queue_size=5, routing_strategy="LEAST_OUTSTANDING_REQUESTS"
        )
        refused.append(simulate(make_case(SURGE), deployment).fates["rejected"])
    assert refused[0] > refused[1] > refused[2]
