"""Serverless environments are loss systems: 99.9 % replication intervals contain the formula."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator import theory
from simulator.kernels.fates import THROTTLED, TIMED_OUT
from simulator.model.workload import Client
from simulator.patterns.serverless.deployment import ServerlessDeployment
from tests.engine import contains, make_case, replicate
from tests.simulator.patterns.serverless_cases import starts, workload

REPLICATIONS = 20


def lost(results):
    return [r.sums.fates[:, THROTTLED].sum() / r.offered.sum() for r in results]


@pytest.mark.parametrize("distribution", ["exponential", "lognormal", "deterministic"])
@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (10, 7.0), (10, 15.0), (50, 45.0)])
def test_without_cold_starts_throttles_are_erlang_b(distribution, servers, load):
    """M/G/c/c: Poisson arrivals, starting takes no time, no retries. Only the mean of the work matters."""
    sizes, assumptions = starts(0.0)
    mean_s = servers / 50  # about as many requests in each case
    work = workload(load / mean_s, mean_ms=1000 * mean_s, distribution=distribution, **sizes)
    case = make_case(work, assumptions=assumptions)
    results = replicate(case, ServerlessDeployment(max_concurrency=servers), REPLICATIONS)
    assert contains(lost(results), theory.erlang_b(servers, load))


def test_provisioned_environments_alone_are_erlang_b_whatever_a_cold_start_takes():
    sizes, assumptions = starts(30.0)
    case = make_case(workload(7.0, mean_ms=1000.0, **sizes), assumptions=assumptions)
    deployment = ServerlessDeployment(max_concurrency=10, provisioned_concurrency=10)
    results = replicate(case, deployment, REPLICATIONS)
    assert contains(lost(results), theory.erlang_b(10, 7.0))
    assert sum(r.sums.cold.sum() for r in results) == 0


def test_requests_in_flight_are_offered_load_when_nothing_is_refused():
    """M/G/infinity by Little's law: at 200 places and a load of 20, refusals do not occur."""
    sizes, assumptions = starts(0.0)
    work = workload(20.0, mean_ms=1000.0, distribution="lognormal", **sizes)
    case = make_case(work, assumptions=assumptions)
    results = replicate(case, ServerlessDeployment(max_concurrency=200), REPLICATIONS)
    assert contains([r.gauges["in_flight"].integral.sum() / r.horizon_s for r in results], 20.0)
    assert contains([r.sums.work.sum() / r.horizon_s for r in results], 20.0)


@pytest.mark.parametrize("distribution", ["exponential", "deterministic"])
@pytest.mark.parametrize(("keep_s", "every_s"), [(60.0, 30.0), (60.0, 60.0), (60.0, 120.0), (5.0, 300.0)])
def test_one_environment_is_cold_as_renewal_theory_says(distribution, keep_s, every_s):
    """One place, no retries. Poisson arrivals have no memory, so the time from the end of one request to the next
    arrival is exponential: that next request is cold with probability exp(-rate x keep-warm time). Each is in flight
    for the mean work plus that share of the mean start, which loses arrivals as in Erlang's formula with one server.
    """
    sigma, median_s, mean_s = 0.3, 4.0, 2.0
    sizes, assumptions = starts(median_s, sigma, serverless_keep_warm_s=keep_s)
    work = workload(1 / every_s, mean_ms=1000 * mean_s, distribution=distribution, **sizes)
    case = make_case(work, assumptions=assumptions, duration_s=2 * 86_400)
    results = replicate(case, ServerlessDeployment(max_concurrency=1), REPLICATIONS)
    cold = math.exp(-keep_s / every_s)
    assert contains([r.sums.cold.sum() / r.sums.fates[:, 0].sum() for r in results], cold)
    start_s = median_s * math.exp(sigma**2 / 2)
    assert contains(lost(results), theory.erlang_b(1, (mean_s + cold * start_s) / every_s))


def test_one_environment_lives_as_renewal_theory_says():
    """After each request the environment idles for min(exponential, keep-warm): the share of time in which it exists
    follows from the means of one such cycle. Starting takes no time; refused arrivals change nothing.
    """
    keep_s, every_s, mean_s = 60.0, 60.0, 2.0
    sizes, assumptions = starts(0.0, serverless_keep_warm_s=keep_s)
    work = workload(1 / every_s, mean_ms=1000 * mean_s, **sizes)
    case = make_case(work, assumptions=assumptions, duration_s=2 * 86_400)
    results = replicate(case, ServerlessDeployment(max_concurrency=1), REPLICATIONS)
    idle_s = every_s * (1 - math.exp(-keep_s / every_s))
    exists = (mean_s + idle_s) / (mean_s + every_s)
    assert contains([r.gauges["environments"].integral.sum() / r.horizon_s for r in results], exists)
    # Ratio of means: the bias is far below the width of the interval at 2,800 requests a replication.
    assert contains([r.utilisation or 0.0 for r in results], mean_s / (mean_s + idle_s))


def test_rare_calls_are_nearly_all_cold_and_steady_calls_hardly_ever():
    sizes, assumptions = starts(4.0, serverless_keep_warm_s=300.0)

    def cold_share(every_s):
        case = make_case(workload(1 / every_s, **sizes), assumptions=assumptions, duration_s=7 * 86_400)
        (result,) = replicate(case, ServerlessDeployment(max_concurrency=20), 1)
        return result.sums.cold.sum() / result.offered.sum()

    assert cold_share(3600.0) > 0.85  # exp(-300 / 3600) = 0.92
    assert cold_share(10.0) < 0.02


def test_cold_starts_have_the_mean_of_their_log_normal():
    sigma, median_s = 0.6, 8.5
    sizes, assumptions = starts(median_s, sigma, serverless_keep_warm_s=1.0)
    case = make_case(workload(1 / 60.0, **sizes), assumptions=assumptions, duration_s=2 * 86_400)
    results = replicate(case, ServerlessDeployment(max_concurrency=20), REPLICATIONS)
    means = [float(r.sums.parts[2] / r.sums.cold.sum()) for r in results]
    # At 180 s the log-normal is cut off, beyond 5 standard deviations.
    assert contains(means, median_s * math.exp(sigma**2 / 2))
    assert np.log(180 / median_s) / sigma > 5


@pytest.mark.parametrize("quiet_s", [20.0, 60.0, 180.0])
def test_a_quiet_endpoint_is_cold_as_renewal_theory_says(quiet_s):
    """One place: nothing is in flight just while its environment idles, so the quiet rule is a keep-warm time."""
    sizes, assumptions = starts(0.0, serverless_keep_warm_s=7200.0, serverless_quiet_s=quiet_s)
    case = make_case(workload(1 / 60, mean_ms=2000.0, **sizes), assumptions=assumptions, duration_s=2 * 86_400)
    results = replicate(case, ServerlessDeployment(max_concurrency=1), REPLICATIONS)
    assert contains([r.sums.cold.sum() / r.sums.fates[:, 0].sum() for r in results], math.exp(-quiet_s / 60))


@pytest.mark.parametrize(("least_s", "most_s"), [(600.0, 600.0), (200.0, 1000.0)])
def test_a_mortal_environment_serves_as_many_requests_as_come_in_its_life(least_s, most_s):
    """Work of hardly any length: one cold start, then rate x mean life more requests, whatever the spread."""
    sizes, assumptions = starts(
        0.0, serverless_keep_warm_s=7200.0, serverless_life_min_s=least_s, serverless_life_max_s=most_s
    )
    case = make_case(workload(1 / 60, mean_ms=0.01, **sizes), assumptions=assumptions, duration_s=7 * 86_400)
    results = replicate(case, ServerlessDeployment(max_concurrency=5), REPLICATIONS)
    assert contains([r.sums.cold.sum() / r.offered.sum() for r in results], 1 / (1 + 600 / 60))
    # It exists for its life and then not until the next request.
    assert contains([r.gauges["environments"].integral.sum() / r.horizon_s for r in results], 600 / (600 + 60))


@pytest.mark.parametrize(("sigma", "every_s"), [(0.3, 60.0), (0.8, 60.0), (0.8, 300.0)])
def test_spread_keep_times_act_by_their_laplace_transform(sigma, every_s):
    """One place: after each request the environment idles for min(exponential, keep time), so the next is cold with
    probability E exp(-rate x keep time), and the environment exists as in the cycle above, by the mean of that
    minimum.
    """
    keep_s, mean_s = 60.0, 2.0
    sizes, assumptions = starts(0.0, serverless_keep_warm_s=keep_s, serverless_keep_warm_sigma=sigma)
    work = workload(1 / every_s, mean_ms=1000 * mean_s, **sizes)
    case = make_case(work, assumptions=assumptions, duration_s=2 * 86_400)
    results = replicate(case, ServerlessDeployment(max_concurrency=1), REPLICATIONS)
    cold = _laplace(1 / every_s, keep_s, sigma)
    assert contains([r.sums.cold.sum() / r.sums.fates[:, 0].sum() for r in results], cold)
    exists = (mean_s + every_s * (1 - cold)) / (mean_s + every_s)
    assert contains([r.gauges["environments"].integral.sum() / r.horizon_s for r in results], exists)


def _laplace(rate_per_s, median_s, sigma):
    """E exp(-rate x K) for a log-normal K, by the trapezoid rule over 16 standard deviations."""
    z = np.linspace(-8, 8, 4001)
    return float(
        np.trapezoid(np.exp(-rate_per_s * median_s * np.exp(sigma * z) - z**2 / 2), z) / math.sqrt(2 * math.pi)
    )


def test_what_other_endpoints_leave_is_a_smaller_loss_system():
    sizes, assumptions = starts(0.0, serverless_account_concurrency=40, serverless_others_in_use=30)
    case = make_case(workload(7.0, mean_ms=1000.0, **sizes), assumptions=assumptions)
    results = replicate(case, ServerlessDeployment(max_concurrency=200), REPLICATIONS)
    assert contains(lost(results), theory.erlang_b(10, 7.0))


def test_starts_at_a_limited_rate_are_a_leaky_bucket():
    """Work so long that no environment is free again: what starts is one burst and the rate times the time."""
    limits = {"serverless_keep_warm_s": 1.0, "serverless_starts_per_10_s": 5}
    sizes, assumptions = starts(0.0, **limits)
    work = workload(20.0, mean_ms=59_000.0, distribution="deterministic", **sizes)
    case = make_case(work, assumptions=assumptions, duration_s=3600, warmup_s=0)
    (result,) = replicate(case, ServerlessDeployment(max_concurrency=200), 1)
    # In the first 59 s: 5 at once and then one every 2 s; later those that are free again are used warm.
    started = int(result.gauges["environments"].peak[0])
    assert abs(started - (5 + 60 / 2)) <= 1


def test_clients_that_give_up_repeat_their_work():
    """M/M/infinity: work beyond the patience is exp(-patience / mean) of all; each attempt of such a request does the
    same work again, so there are 1 + (attempts - 1) of that share of executions, all billed (facts rows 2.58, 8.8).
    """
    patience_s, attempts = 1.5, 3
    sizes, assumptions = starts(0.0)
    work = workload(20.0, mean_ms=1000.0, **sizes).model_copy(
        update={"client": Client(retry_mode="legacy", max_attempts=attempts, read_timeout_s=patience_s)}
    )
    case = make_case(work, assumptions=assumptions)
    results = replicate(case, ServerlessDeployment(max_concurrency=200), REPLICATIONS)
    beyond = math.exp(-patience_s)
    assert contains([r.sums.fates[:, TIMED_OUT].sum() / r.offered.sum() for r in results], beyond)
    made = [r.sums.made[0] / r.offered.sum() for r in results]
    assert contains(made, 1 + (attempts - 1) * beyond)
    # Mean work of those beyond: patience + mean, without memory.
    billed_s = 1 + (attempts - 1) * beyond * (1 + patience_s)
    assert contains([r.usage[0].quantity / r.offered.sum() - 0.0005 for r in results], billed_s)
    for result in results:
        np.testing.assert_array_equal(result.sums.fates.sum(axis=1), result.offered)
