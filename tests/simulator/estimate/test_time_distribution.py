"""Distributions on buckets: means, variations, sums and quantiles."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.estimate import time_distribution
from simulator.model.workload import ServiceTime


@given(
    st.sampled_from(["lognormal", "gamma", "exponential", "deterministic"]),
    st.floats(10, 1e5),
    st.floats(0.05, 1.5),
    st.floats(0.1, 5),
)
def test_a_service_time_keeps_its_mean_and_variation(distribution, mean_ms, cv, factor):
    made = time_distribution.service(ServiceTime(distribution=distribution, mean_ms=mean_ms, cv=cv), factor)
    wanted_cv = {"exponential": 1.0, "deterministic": 0.0}.get(distribution, cv)
    mean_s = time_distribution.mean_s(made)
    variance = time_distribution.dot(made, time_distribution.MIDDLE**2) - mean_s**2
    assert made.sum() == pytest.approx(1)
    assert mean_s == pytest.approx(mean_ms * factor / 1000, rel=0.01)
    assert math.sqrt(max(variance, 0)) / mean_s == pytest.approx(wanted_cv, rel=0.03, abs=0.01)


def test_quantiles_of_an_exponential_time():
    made = time_distribution.service(ServiceTime(distribution="exponential", mean_ms=100), 1.0)
    for share in (0.1, 0.5, 0.9, 0.99, 0.9999):
        assert time_distribution.quantile(made, share) == pytest.approx(-0.1 * math.log(1 - share), rel=0.01)


def test_the_sum_of_two_exponential_times_is_erlang():
    one = time_distribution.service(ServiceTime(distribution="exponential", mean_ms=100), 1.0)
    two = time_distribution.service(ServiceTime(distribution="gamma", mean_ms=200, cv=math.sqrt(0.5)), 1.0)
    added = time_distribution.add(one, one)
    for share in (0.05, 0.5, 0.99):
        assert time_distribution.quantile(added, share) == pytest.approx(
            time_distribution.quantile(two, share), rel=0.01
        )


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_fixed_times_add_up(one_s, other_s):
    added = time_distribution.add(time_distribution.fixed(one_s), time_distribution.fixed(other_s))
    assert time_distribution.quantile(added, 0.5) == pytest.approx(one_s + other_s, rel=0.03)


def test_masses_below_one_multiply_and_limits_cut():
    half = time_distribution.fixed(1.0) / 2
    assert time_distribution.add(half, half).sum() == pytest.approx(0.25)
    made = time_distribution.lognormal(1.0, 0.5)
    assert time_distribution.up_to(made, 1.0).sum() == pytest.approx(0.5, abs=0.02)
    assert time_distribution.beyond(made, 1.0) == pytest.approx(0.5, abs=0.02)
    assert time_distribution.quantile(time_distribution.shift(made, 3.0), 0.5) == pytest.approx(4.0, rel=0.01)


def test_times_outside_all_buckets_are_not_lost():
    assert time_distribution.lognormal(1e-12, 0.5).sum() == pytest.approx(1)
    assert time_distribution.lognormal(1e12, 0.5).sum() == pytest.approx(1)
    assert np.flatnonzero(time_distribution.fixed(0.0)).tolist() == [0]
