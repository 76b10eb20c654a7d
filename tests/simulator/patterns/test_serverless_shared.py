"""What an endpoint shares and waits for: the account's pool, a rate of starts, starts that are not ready, faults."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.kernels.fates import COMPLETED, THROTTLED
from simulator.model.assumptions import Assumptions
from simulator.model.faults import SlowDependency, TrafficSpike
from simulator.model.workload import Client, ServiceTime
from simulator.patterns.serverless.account import BUSIEST_S, STEP_S, Account, others
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.run import run
from simulator.scaling.policies import ProvisionedTracking
from simulator.traffic.kinds import DAY_S, Constant, Timestamps
from tests.engine import make_case
from tests.simulator.patterns.serverless_cases import MEMORY_MB, starts, workload

ONE = ServerlessDeployment(memory_size_in_mb=MEMORY_MB)
TWO_HUNDRED = ServerlessDeployment(memory_size_in_mb=MEMORY_MB, max_concurrency=200)


def at(*seconds, mean_ms=500.0, **more):
    """Requests at just these times, of half a second each."""
    given_ms = ServiceTime(distribution="deterministic", mean_ms=mean_ms)
    return workload(traffic=Timestamps(t_s=seconds, repeat=False), service_time=given_ms, **more)


def ended(result, fate):
    return int(result.sums.fates[:, fate].sum())


# The account's pool.


def test_constant_use_by_others_is_a_smaller_max_concurrency():
    sizes, shared = starts(1.0, serverless_account_concurrency=30, serverless_others_in_use=24)
    work = workload(12.0, mean_ms=500.0, client=Client(retry_mode="legacy"), **sizes)
    left = run(make_case(work, assumptions=shared), ServerlessDeployment(max_concurrency=20))
    own = run(make_case(work, assumptions=starts(1.0)[1]), ServerlessDeployment(max_concurrency=6))
    for one, other in zip(left.sums, own.sums, strict=True):
        np.testing.assert_array_equal(one, other)
    assert left.usage == own.usage
    assert left.gauges["slots"].peak.max() == 6
    assert any("leaves 6 requests" in note for note in left.notes)
    assert not any("leaves" in note for note in own.notes)


def test_others_at_their_busiest_throttle_this_endpoint_then_and_not_at_night():
    sizes, shared = starts(
        0.0, serverless_account_concurrency=100, serverless_others_in_use=96, serverless_others_low_share=0.2
    )
    case = make_case(workload(8.0, mean_ms=1000.0, **sizes), assumptions=shared, duration_s=DAY_S)
    result = run(case, ServerlessDeployment(max_concurrency=30))
    throttled = result.sums.fates[:, THROTTLED] / result.offered
    hours = np.arange(throttled.size) * result.bin_s / 3600
    assert throttled[(hours >= 13) & (hours < 15)].mean() > 0.3
    assert throttled[(hours < 6) | (hours > 22)].max() == 0
    slots = result.gauges["slots"].integral / result.bin_s
    assert slots[0] == 30
    assert slots[hours == 14][0] == 4


@given(
    st.integers(1, 2000), st.integers(0, 2000), st.floats(0, 1), st.integers(1, 200), st.floats(-7 * DAY_S, 31 * DAY_S)
)
def test_the_room_is_between_none_and_all_and_least_at_the_busiest_time(pool, used, low, most, now_s):
    assumptions = Assumptions(
        serverless_account_concurrency=pool, serverless_others_in_use=used, serverless_others_low_share=low
    )
    account = Account(assumptions, "us-east-1", most)
    assert 0 <= account.least() <= account.room(now_s) <= most
    assert account.room(now_s) + others(assumptions, now_s) <= max(pool, used)
    assert now_s < account.next_s(now_s) <= now_s + STEP_S or account.next_s(now_s) == math.inf
    assert others(assumptions, BUSIEST_S) == used
    assert others(assumptions, now_s + DAY_S) == pytest.approx(others(assumptions, now_s), abs=1)


def test_nobody_else_leaves_all_of_it():
    account = Account(Assumptions(), "us-east-1", 200)
    assert account.room(0.0) == 200
    assert account.next_s(0.0) == math.inf


# A rate of starts.


def test_so_many_start_at_once_and_the_next_are_throttled_until_more_are_allowed():
    sizes, limited = starts(0.0, serverless_starts_per_10_s=3, serverless_keep_warm_s=1.0)
    work = at(*[100.0] * 5, *[103.0] * 2, *[110.0] * 5, **sizes)
    result = run(make_case(work, assumptions=limited), ONE)
    # 3 of 5 at 100 s; 3 s later a tenth less than one is allowed again; 10 s later three are, at most.
    assert result.sums.cold.sum() == 3 + 3
    assert ended(result, THROTTLED) == 2 + 2 + 2


def test_a_warm_environment_needs_no_start():
    sizes, limited = starts(0.0, serverless_starts_per_10_s=1)
    result = run(make_case(at(100.0, 101.0, 102.0, **sizes), assumptions=limited), ONE)
    assert ended(result, COMPLETED) == 3


def test_no_limit_is_as_a_limit_that_is_never_reached():
    sizes, free = starts(2.0, serverless_keep_warm_s=5.0)
    limited = free.model_copy(update={"serverless_starts_per_10_s": 100_000})
    work = workload(5.0, mean_ms=800.0, **sizes)
    one, other = (run(make_case(work, assumptions=assumptions), ONE) for assumptions in (free, limited))
    for left, right in zip(one.sums, other.sums, strict=True):
        np.testing.assert_array_equal(left, right)


# Starts that are not ready.


@pytest.mark.parametrize("mode", ["none", "standard"])
def test_a_client_that_does_not_retry_is_told_after_the_wait_and_the_environment_goes_on_to_start(mode):
    sizes, assumptions = starts(8.0, serverless_not_ready_after_s=5.0)
    work = at(100.0, 107.9, 120.0, client=Client(retry_mode=mode), **sizes)
    result = run(make_case(work, assumptions=assumptions), ONE)
    # The first is told at 105; so is the second, since the environment works from 108 on only; the third is warm.
    assert ended(result, THROTTLED) == 2
    assert ended(result, COMPLETED) == 1
    assert result.sums.cold.sum() == 2
    billed = {line.key: line.quantity for line in result.usage}
    assert billed["serverless_duration_s"] == 0.5


def test_the_legacy_mode_tries_again_until_an_environment_is_ready():
    sizes, assumptions = starts(8.0, serverless_not_ready_after_s=5.0)
    work = at(100.0, client=Client(retry_mode="legacy"), **sizes)
    result = run(make_case(work, assumptions=assumptions), ONE)
    # Told at 105; the retry, within a second, finds the first still starting and starts a second; told again 5 s
    # later, it comes back when the first is ready. It has met a cold start, once.
    assert result.sums.attempts[3] == 1
    assert result.sums.cold.sum() == 1
    assert result.gauges["environments"].peak.max() == 2
    assert 10.0 < result.sums.parts[0] < 13.0
    assert result.sums.parts[1:].tolist() == [0.0, 0.0, 0.5]


def test_a_start_that_is_quick_enough_is_waited_for():
    sizes, assumptions = starts(8.0, serverless_not_ready_after_s=9.0)
    result = run(make_case(at(100.0, **sizes), assumptions=assumptions), ONE)
    assert result.sums.parts.tolist() == [0.0, 0.0, 8.0, 0.5]


# Faults.


def test_a_slow_dependency_adds_to_what_starts_in_its_window():
    sizes, assumptions = starts(0.0)
    faults = (SlowDependency(at_s=100.0, lasts_s=50.0, added_ms=250.0),)
    times = (99.0, 100.0, 149.0, 150.0)
    result = run(make_case(at(*times, **sizes), assumptions=assumptions, faults=faults), ONE)
    assert result.sums.parts[3] == 4 * 0.5 + 2 * 0.25
    assert result.usage[0].quantity == 4 * 0.5 + 2 * 0.25


def test_a_slow_dependency_also_slows_an_endpoint_whose_concurrency_is_scaled():
    sizes, assumptions = starts(0.0)
    faults = (SlowDependency(at_s=1000.0, lasts_s=600.0, added_ms=500.0),)
    deployment = ServerlessDeployment(provisioned_concurrency=2, scaling=ProvisionedTracking(), max_capacity=10)
    work = workload(2.0, mean_ms=500.0, distribution="deterministic", **sizes)
    slow, usual = (run(make_case(work, assumptions=assumptions, faults=some), deployment) for some in (faults, ()))
    inside = slice(17, 26)
    assert slow.sums.work[inside].sum() / usual.sums.work[inside].sum() == pytest.approx(2.0, abs=0.05)
    np.testing.assert_array_equal(slow.sums.work[:16], usual.sums.work[:16])


def test_a_spike_of_traffic_is_throttled_and_the_rest_of_the_day_is_not():
    sizes, assumptions = starts(0.0)
    work = workload(traffic=Constant(rate_per_s=4.0), mean_ms=1000.0, **sizes)
    faults = (TrafficSpike(at_s=1200.0, lasts_s=300.0, factor=10.0),)
    result = run(make_case(work, assumptions=assumptions, faults=faults), ServerlessDeployment(max_concurrency=20))
    assert result.sums.fates[20:25, THROTTLED].min() > 500
    assert result.sums.fates[26:, THROTTLED].sum() == result.sums.fates[:20, THROTTLED].sum() == 0


# Clients in the adaptive mode.


def clients(mode, assumptions, sizes, **more):
    work = workload(30.0, mean_ms=1000.0, client=Client(retry_mode=mode, processes=1), **sizes)
    return run(make_case(work, assumptions=assumptions, **more), ServerlessDeployment(max_concurrency=10))


def test_adaptive_clients_send_at_about_the_rate_that_is_answered():
    """Three times the load that there is room for: the standard mode throws itself against the limit, the adaptive mode
    waits before it sends.
    """
    sizes, assumptions = starts(0.0)
    standard, adaptive = (clients(mode, assumptions, sizes) for mode in ("standard", "adaptive"))
    seconds = adaptive.horizon_s
    assert standard.attempts.sum() / seconds > 25
    assert adaptive.attempts.sum() / seconds < 15
    # What is sent is mostly answered; nothing is lost of what is offered, it waits for its turn.
    assert adaptive.sums.fates[:, COMPLETED].sum() > 0.6 * adaptive.attempts.sum()
    np.testing.assert_array_equal(adaptive.sums.fates.sum(axis=1), adaptive.offered)


def test_adaptive_clients_that_are_never_throttled_are_standard_ones():
    sizes, assumptions = starts(1.0)
    work = workload(5.0, mean_ms=500.0, **sizes)
    results = [
        run(
            make_case(work.model_copy(update={"client": Client(retry_mode=mode)}), assumptions=assumptions), TWO_HUNDRED
        )
        for mode in ("standard", "adaptive")
    ]
    for left, right in zip(results[0].sums, results[1].sums, strict=True):
        np.testing.assert_array_equal(left, right)
