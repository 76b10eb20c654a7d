"""Numbers that belong to a request: those of the twin, the same in any order, and of the law they should have."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.kernels import keyed
from tests.reference import keyed as twin

# A time has no sign of zero: adding 0.0 takes it away.
times = st.floats(-1e6, 1e9, allow_nan=False).map(lambda time_s: time_s + 0.0)
arrivals = st.lists(times | st.sampled_from([0.0, 1.0]), min_size=1, max_size=40)


def uniform(arrival_s, key):
    out = np.empty(len(arrival_s))
    keyed.uniform(np.array(arrival_s, dtype=np.float64), np.uint64(key), out)
    return out


def lognormal(arrival_s, key, mu, sigma):
    out = np.empty(len(arrival_s))
    keyed.lognormal(np.array(arrival_s, dtype=np.float64), np.uint64(key), mu, sigma, out)
    return out


@given(arrivals, st.integers(0, 2**64 - 1))
def test_numbers_are_those_of_the_twin(arrival_s, key):
    assert uniform(arrival_s, key).tolist() == twin.uniform(arrival_s, key)
    assert lognormal(arrival_s, key, -3.0, 0.7) == pytest.approx(twin.lognormal(arrival_s, key, -3.0, 0.7), rel=1e-12)


def test_a_request_keeps_its_number_in_any_order():
    t = np.cumsum(np.random.default_rng(1).exponential(size=1000))
    order = np.random.default_rng(2).permutation(t.size)
    np.testing.assert_array_equal(uniform(t, 7)[order], uniform(t[order], 7))


def test_requests_of_one_moment_differ_and_so_do_keys():
    assert len(set(uniform(np.full(100, 3.0), 7))) == 100
    assert not set(uniform(np.arange(100.0), 7)) & set(uniform(np.arange(100.0), 8))


def test_the_law_is_uniform_and_neighbours_are_independent():
    """Kolmogorov and Smirnov's distance at 0.1 % of chance, 1.95 / sqrt(n), also of arrivals on whole milliseconds."""
    n = 1_000_000
    for t in (np.arange(n) / 1000, np.cumsum(np.random.default_rng(3).exponential(size=n))):
        numbers = uniform(t, 12345)
        apart = np.abs(np.sort(numbers) - (np.arange(n) + 0.5) / n).max()
        assert apart < 1.95 / math.sqrt(n)
        assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 4 / math.sqrt(n)


def test_lognormal_times_have_their_mean_and_variation():
    n, cv = 1_000_000, 0.5
    sigma2 = math.log1p(cv**2)
    times = lognormal(np.arange(n) / 7, 99, -sigma2 / 2, math.sqrt(sigma2))
    assert times.mean() == pytest.approx(1.0, abs=4 * cv / math.sqrt(n))
    assert times.std() == pytest.approx(cv, rel=0.01)
    failing = uniform(np.arange(n) / 7, 99) < 0.5
    assert abs(times[failing].mean() - times[~failing].mean()) < 0.005  # whether a call fails says nothing of its time
