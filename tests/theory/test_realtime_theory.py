"""A real-time endpoint with a fixed count is a textbook queue: 99.9 % replication intervals contain the formula."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import theory
from simulator.engine.histogram import Histogram
from simulator.model.workload import Batching, Client, Population, ServiceTime, Workload
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.traffic.kinds import Constant
from tests.engine import contains, make_case, replicate

REPLICATIONS = 20


def workload(rate_per_s, distribution, workers, **service):
    return Workload(
        traffic=Constant(rate_per_s=rate_per_s),
        client=Client(retry_mode="none"),
        service_time=ServiceTime(distribution=distribution, mean_ms=100, **service),
        container_workers=workers,
    )


def waits(results):
    return [float(r.sums.parts[1] / r.sums.fates[:, 0].sum()) for r in results]


@pytest.mark.parametrize(("workers", "load"), [(1, 0.5), (1, 0.8), (4, 0.3), (4, 0.8), (16, 0.6), (16, 0.9)])
def test_one_instance_is_mmc(workers, load):
    rate = load * workers / 0.1
    case = make_case(workload(rate, "exponential", workers), duration_s=7200)
    results = replicate(case, RealtimeDeployment(job_queue_size=10_000), REPLICATIONS)
    assert contains(waits(results), theory.mmc_wait_s(workers, rate, 0.1))


def test_the_whole_distribution_of_mm1():
    """The time in an M/M/1 system is exponential with mean 1 / (mu - lambda)."""
    case = make_case(workload(7.0, "exponential", 1), duration_s=7200)
    results = replicate(case, RealtimeDeployment(job_queue_size=10_000), REPLICATIONS)
    for percent in (50.0, 90.0, 99.0):
        exact_s = -np.log(1 - percent / 100) / (10 - 7.0)
        values = [Histogram(r.sums.histogram.sum(axis=0)).quantile(percent) or 0.0 for r in results]
        # The histogram adds an error of at most 0.8 %.
        assert contains(values, exact_s) or abs(np.mean(values) / exact_s - 1) < 0.008


@pytest.mark.parametrize(
    ("distribution", "cv"),
    [("deterministic", 0.0), ("gamma", 0.5), ("lognormal", 0.5), ("lognormal", 1.5), ("gamma", 2.0)],
)
@pytest.mark.parametrize("load", [0.4, 0.8])
def test_one_worker_is_mg1(distribution, cv, load):
    rate = load / 0.1
    service = {"cv": cv} if cv else {}
    case = make_case(workload(rate, distribution, 1, **service), duration_s=4 * 3600)
    results = replicate(case, RealtimeDeployment(job_queue_size=10_000), REPLICATIONS)
    assert contains(waits(results), theory.mg1_wait_s(rate, 0.1, cv))


def test_random_routing_splits_into_independent_queues():
    """Poisson arrivals split at random stay Poisson: n instances of one worker are n M/M/1 queues."""
    case = make_case(workload(8 * 7.0, "exponential", 1))
    results = replicate(case, RealtimeDeployment(initial_instance_count=8, job_queue_size=10_000), REPLICATIONS)
    assert contains(waits(results), theory.mmc_wait_s(1, 7.0, 0.1))


def test_least_outstanding_requests_lies_between_one_queue_and_separate_queues():
    """Joining the shortest queue waits no less than M/M/c and less than c times M/M/1 (GH 4.5)."""
    case = make_case(workload(8 * 7.0, "exponential", 1))
    deployment = RealtimeDeployment(
        initial_instance_count=8, job_queue_size=10_000, routing_strategy="LEAST_OUTSTANDING_REQUESTS"
    )
    mean_s = np.mean(waits(replicate(case, deployment, REPLICATIONS)))
    assert theory.mmc_wait_s(8, 56.0, 0.1) < mean_s < 0.5 * theory.mmc_wait_s(1, 7.0, 0.1)


@pytest.mark.parametrize(("queue", "load"), [(0, 1.2), (3, 0.9), (10, 1.5)])
def test_a_full_queue_refuses_as_mmck(queue, load):
    rate = load * 4 / 0.1
    case = make_case(workload(rate, "exponential", 4))
    results = replicate(case, RealtimeDeployment(job_queue_size=queue), REPLICATIONS)
    shares = [float(r.sums.fates[:, 2].sum() / r.offered.sum()) for r in results]
    assert contains(shares, theory.mmck_loss(4, 4 + queue, load * 4))


def test_littles_law():
    """Mean number in work = arrival rate x mean service time, exactly the utilisation times the workers."""
    case = make_case(workload(28.0, "lognormal", 4, cv=1.0), duration_s=4 * 3600)
    results = replicate(case, RealtimeDeployment(), REPLICATIONS)
    assert contains([r.utilisation or 0.0 for r in results], 0.7)


def test_closed_forms_at_known_points():
    """Values from the tables of the field: Erlang B(10, 10.08) and M/M/4 at 67 % load."""
    assert theory.erlang_b(10, 10.08) == pytest.approx(0.21826, abs=5e-6)
    assert theory.mmc_wait_s(1, 0.5, 1.0) == pytest.approx(1.0)
    assert theory.mmck_loss(3, 3, 2.0) == pytest.approx(theory.erlang_b(3, 2.0))
    assert theory.erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert theory.erlang_c(2, 2.5) == 1.0


@pytest.mark.slow
@pytest.mark.parametrize(("users", "workers", "think_s"), [(5, 1, 0.4), (40, 4, 1.0), (200, 8, 2.0)])
def test_users_are_the_machine_repairman(users, workers, think_s):
    """A closed population in front of one instance: answers per second, and the time from sending to answer."""
    closed = workload(0.0, "exponential", workers).model_copy(
        update={"population": Population(users=users, think_time_s=think_s)}
    )
    results = replicate(make_case(closed, duration_s=3600), RealtimeDeployment(), REPLICATIONS)
    rate_per_s, response_s = theory.closed_mmc(users, workers, think_s, 0.1)
    assert contains([float(r.offered.sum()) / 3600 for r in results], rate_per_s)
    times_s = [float((r.sums.parts[1] + r.sums.parts[3]) / r.sums.fates[:, 0].sum()) for r in results]
    assert contains(times_s, response_s)


@pytest.mark.parametrize("patience_s", [0.2, 1.0])
def test_clients_that_give_up_change_nothing_for_the_container(patience_s):
    """The share that gives up is that of M/M/1 whose time in system is longer: exp(-(mu - lambda) t) (row 2.58)."""
    hasty = workload(6.0, "exponential", 1).model_copy(
        update={"client": Client(retry_mode="none", read_timeout_s=patience_s)}
    )
    results = replicate(make_case(hasty, duration_s=7200), RealtimeDeployment(job_queue_size=10_000), REPLICATIONS)
    shares = [float(r.sums.fates[:, 3].sum() / r.offered.sum()) for r in results]
    assert contains(shares, float(np.exp(-(10 - 6.0) * patience_s)))
    assert contains([r.utilisation or 0.0 for r in results], 0.6)


@pytest.mark.slow
@pytest.mark.parametrize(("batch", "fixed"), [(1, 0.5), (8, 0.0), (8, 0.7), (32, 1.0)])
def test_saturated_batches_answer_workers_times_batch_over_its_time(batch, fixed):
    """A batch of B takes a + b B with a = fixed x mean and b = (1 - fixed) x mean."""
    lasts_s = 0.1 * (fixed + (1 - fixed) * batch)
    most_per_s = 4 * batch / lasts_s
    busy = workload(1.3 * most_per_s, "deterministic", 4).model_copy(
        update={"batching": Batching(max_batch_size=batch, max_batch_delay_ms=50, fixed_share=fixed)}
    )
    result = replicate(make_case(busy, duration_s=3600, warmup_s=60), RealtimeDeployment(), 1)[0]
    assert result.sums.fates[:, 0].sum() / 3600 == pytest.approx(most_per_s, rel=0.01)
