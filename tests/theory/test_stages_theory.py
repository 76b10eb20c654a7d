"""Stages around a textbook queue: 99.9 % replication intervals contain the closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator import theory
from simulator.engine.histogram import Histogram
from simulator.kernels.fates import TIMED_OUT
from simulator.model.workload import Client, Population, ServiceTime, Workload
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Constant
from tests.engine import contains, make_case, replicate
from tests.simulator.patterns.serverless_cases import starts

REPLICATIONS = 20


def case(rate_per_s, workers, mean_ms, sizes=None, assumptions=None, **client):
    workload = Workload(
        traffic=Constant(rate_per_s=rate_per_s),
        client=Client(**{"retry_mode": "none", **client}),
        service_time=ServiceTime(distribution="exponential", mean_ms=mean_ms),
        container_workers=workers,
        **(sizes or {}),
    )
    return make_case(workload, duration_s=7200, assumptions=assumptions)


def timed_out(results):
    return [float(r.sums.fates[:, TIMED_OUT].sum() / r.offered.sum()) for r in results]


def mmc_time_beyond(c, rate_per_s, mean_s, t_s):
    """P(time in M/M/c > t), c mu - lambda other than mu (Gross et al., 2.3.3)."""
    mu, waits = 1 / mean_s, theory.erlang_c(c, rate_per_s * mean_s)
    spare = c * mu - rate_per_s
    return math.exp(-mu * t_s) + waits * mu * (math.exp(-mu * t_s) - math.exp(-spare * t_s)) / (spare - mu)


@pytest.mark.parametrize(("workers", "rate_per_s"), [(1, 7.0), (4, 34.0)])
def test_quantiles_of_mmc_are_shifted_by_a_fixed_network(workers, rate_per_s):
    near, far = (
        replicate(case(rate_per_s, workers, 100, network_ms=network_ms), RealtimeDeployment(job_queue_size=10_000), 3)
        for network_ms in (0.0, 250.0)
    )
    for before, after in zip(near, far, strict=True):
        for percent in np.arange(1, 100):
            times = [Histogram(r.sums.histogram.sum(axis=0)).curve(np.array([percent]))[0] for r in (before, after)]
            assert times[1] == pytest.approx(times[0] + 0.25, rel=0.0157)


@pytest.mark.parametrize(("workers", "rate_per_s", "timeout_s"), [(1, 7.0, 0.4), (4, 34.0, 0.3), (4, 34.0, 0.8)])
def test_the_share_that_a_gateway_gives_up_is_that_of_mmc(workers, rate_per_s, timeout_s):
    waiting = case(rate_per_s, workers, 100, gateway_timeout_s=timeout_s, network_ms=300)
    results = replicate(waiting, RealtimeDeployment(job_queue_size=10_000), REPLICATIONS)
    assert contains(timed_out(results), mmc_time_beyond(workers, rate_per_s, 0.1, timeout_s))


def test_the_share_that_a_gateway_gives_up_of_environments_that_are_never_full():
    """M/M/infinity: the time is the service time, exp(-t / mean) of it beyond t."""
    sizes, assumptions = starts(0.0)
    waiting = case(20.0, 1, 1000, sizes, assumptions, gateway_timeout_s=3.0)
    results = replicate(waiting, ServerlessDeployment(max_concurrency=200), REPLICATIONS)
    assert contains(timed_out(results), math.exp(-3.0))


def test_a_varying_network_adds_its_mean_and_its_variance():
    """Independent of the rest: means and variances add up. The histogram's buckets are within 0.8 %."""
    varying = case(10.0, 1, 100, network_varying_ms=400, network_cv=0.5, network_ms=100)
    results = replicate(varying, RealtimeDeployment(initial_instance_count=8, job_queue_size=10_000), REPLICATIONS)
    assert contains([r.stages_s["network"] for r in results], 0.5)


def test_users_wait_for_the_network_between_two_requests():
    """The machine repairman: the network is time away from the machine, as thinking is, whatever its law."""
    closed = case(0.0, 1, 100, network_ms=600).workload
    users = closed.model_copy(update={"population": Population(users=5, think_time_s=0.4)})
    results = replicate(make_case(users, duration_s=3600), RealtimeDeployment(), REPLICATIONS)
    rate_per_s, _ = theory.closed_mmc(5, 1, 1.0, 0.1)
    assert contains([float(r.offered.sum()) / 3600 for r in results], rate_per_s)
