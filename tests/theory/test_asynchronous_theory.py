"""A fixed fleet behind one queue is M/G/c: 99.9 % replication intervals contain the formula."""

from __future__ import annotations

import pytest

from simulator import theory
from simulator.kernels.fates import EXPIRED
from simulator.model.workload import Batching, ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.traffic.kinds import Constant
from tests.engine import contains, make_case, replicate

REPLICATIONS = 20


def results(rate_per_s, service, *, instances=1, workers=1, ttl_s=21_600.0, duration_s=20_000.0, warmup_s=2_000.0):
    """Without payloads, so that a request's time is waiting and model alone."""
    work = Workload(
        traffic=Constant(rate_per_s=rate_per_s),
        service_time=service,
        container_workers=workers,
        request_mb=0.0,
        response_mb=0.0,
    )
    deployment = AsynchronousDeployment(
        scaling=None, initial_instance_count=instances, request_ttl_s=ttl_s, invocation_timeout_s=3600.0
    )
    return replicate(make_case(work, duration_s=duration_s, warmup_s=warmup_s), deployment, REPLICATIONS)


def waits(found):
    return [r.sums.parts[1] / r.sums.fates[:, 0].sum() for r in found]


@pytest.mark.parametrize(("instances", "workers", "load"), [(1, 1, 0.6), (3, 1, 2.4), (2, 4, 6.4), (1, 16, 12.0)])
def test_exponential_work_waits_as_erlang_c_says(instances, workers, load):
    """M/M/c; the slots of all instances are one group."""
    found = results(load, ServiceTime(distribution="exponential", mean_ms=1000), instances=instances, workers=workers)
    c = instances * workers
    assert contains(waits(found), theory.mmc_wait_s(c, load, 1.0))
    assert contains([r.utilisation for r in found], load / c)
    assert contains(
        [r.gauges["queued"].integral.sum() / r.horizon_s for r in found], load * theory.mmc_wait_s(c, load, 1.0)
    )


@pytest.mark.parametrize(
    ("service", "cv"),
    [
        (ServiceTime(distribution="deterministic", mean_ms=1000), 0.0),
        (ServiceTime(distribution="gamma", mean_ms=1000, cv=0.5), 0.5),
        (ServiceTime(distribution="lognormal", mean_ms=1000, cv=1.5), 1.5),
    ],
)
def test_one_slot_waits_as_pollaczek_and_khinchine_say(service, cv):
    """M/D/1 and M/G/1."""
    assert contains(waits(results(0.7, service)), theory.mg1_wait_s(0.7, 1.0, cv))


@pytest.mark.slow
@pytest.mark.parametrize("rate_per_s", [0.02, 0.03, 1 / 30, 0.05])
def test_the_share_that_expires_is_that_of_barrer(rate_per_s):
    """M/M/1 with patience of exactly 90 s, also when more comes than can be done."""
    service = ServiceTime(distribution="exponential", mean_ms=30_000)
    found = results(rate_per_s, service, ttl_s=90.0, duration_s=200_000.0)
    expired = [r.sums.fates[:, EXPIRED].sum() / r.offered.sum() for r in found]
    assert contains(expired, theory.mm1_expired(rate_per_s, 30.0, 90.0))


def test_an_overloaded_fleet_answers_exactly_what_it_can():
    """Two slots of 10 s answer 0.2 a second of 0.5: by hand, 60 % expire after 600 s."""
    found = results(
        0.5, ServiceTime(distribution="deterministic", mean_ms=10_000), instances=2, ttl_s=600.0, warmup_s=4_000.0
    )
    assert contains([r.sums.fates[:, EXPIRED].sum() / r.offered.sum() for r in found], 0.6)
    assert all(r.utilisation == pytest.approx(1.0) for r in found)


def test_the_formula_for_one_server_that_gives_up_has_its_limits():
    assert theory.mm1_expired(0.02, 30.0, 0.0) == pytest.approx(theory.erlang_b(1, 0.6))
    assert theory.mm1_expired(0.05, 30.0, 5e3) == pytest.approx(1 - 1 / 1.5)
    assert theory.mm1_expired(0.02, 30.0, 1e5) == pytest.approx(0.0)
    assert theory.mm1_expired(1 / 30, 30.0, 60.0) == pytest.approx(
        theory.mm1_expired(1 / 30 + 1e-9, 30.0, 60.0), rel=1e-4
    )


@pytest.mark.parametrize(("batch", "fixed"), [(1, 0.5), (8, 0.0), (8, 0.7), (32, 1.0)])
def test_saturated_batches_answer_workers_times_batch_over_its_time(batch, fixed):
    """A batch of B takes a + b B with a = fixed x mean and b = (1 - fixed) x mean."""
    most_per_s = 2 * 4 * batch / (0.1 * (fixed + (1 - fixed) * batch))
    work = Workload(
        traffic=Constant(rate_per_s=1.3 * most_per_s),
        service_time=ServiceTime(distribution="deterministic", mean_ms=100),
        container_workers=4,
        request_mb=0.0,
        response_mb=0.0,
        batching=Batching(max_batch_size=batch, max_batch_delay_ms=50, fixed_share=fixed),
    )
    deployment = AsynchronousDeployment(scaling=None, initial_instance_count=2, request_ttl_s=60)
    result = replicate(make_case(work, duration_s=3600, warmup_s=600), deployment, 1)[0]
    assert result.sums.fates[:, 0].sum() / 3600 == pytest.approx(most_per_s, rel=0.01)
    assert result.utilisation == pytest.approx(1.0, abs=0.01)


def test_a_request_alone_waits_for_the_delay_and_is_served_as_without_batches():
    """M/D/inf nearly: a batch of one takes its demand; the parts of the latency say where the time went."""
    work = Workload(
        traffic=Constant(rate_per_s=0.01),
        service_time=ServiceTime(distribution="deterministic", mean_ms=1000),
        container_workers=8,
        request_mb=0.0,
        response_mb=0.0,
        batching=Batching(max_batch_size=4, max_batch_delay_ms=250),
    )
    deployment = AsynchronousDeployment(scaling=None, initial_instance_count=4)
    result = replicate(make_case(work, duration_s=72_000, warmup_s=60), deployment, 1)[0]
    completed = result.sums.fates[:, 0].sum()
    assert result.sums.parts[3] / completed == pytest.approx(1.0, rel=0.01)
    assert result.sums.parts[1] / completed == pytest.approx(0.25, rel=0.02)
