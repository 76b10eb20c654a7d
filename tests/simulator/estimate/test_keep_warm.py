"""Cold starts and throttling of a steady load, against what is exact."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator import theory
from simulator.estimate.keep_warm import Places, flight


def steady(load, hold_s, most, *, keep_s=300.0, provisioned=0, minutes=60):
    places = Places(most=most, provisioned=provisioned, keep_s=keep_s, setup_s=5.0)
    return flight(np.full(minutes, load), np.full(minutes, hold_s), places)


@pytest.mark.parametrize("rate_per_s", [1e-4, 1e-3, 1e-2])
def test_one_environment_is_cold_after_a_pause_longer_than_it_is_kept(rate_per_s):
    found = steady(rate_per_s * 0.1, 0.1, 1)
    assert found.cold[-1] == pytest.approx(math.exp(-rate_per_s * 300), rel=0.01)


@pytest.mark.parametrize(("load", "most"), [(3.0, 5), (0.5, 1), (40.0, 45)])
def test_throttling_is_erlang_b(load, most):
    found = steady(load, 1.0, most)
    assert found.blocked[-1] == pytest.approx(theory.erlang_b(most, load), rel=0.02)


def test_nothing_is_throttled_far_from_the_limit_and_everything_starts_warm_in_a_steady_stream():
    found = steady(5.0, 0.1, 200)
    assert found.blocked[-1] == 0
    assert found.cold[-1] < 1e-4


def test_the_first_minutes_are_colder_than_later_ones():
    found = steady(0.5, 0.1, 20)
    assert found.cold[0] > found.cold[10]


def test_provisioned_places_are_always_warm():
    assert steady(1e-4, 0.1, 5, provisioned=5).cold[-1] == 0


def test_a_minute_that_is_busier_than_those_before_starts_cold():
    load = np.concatenate((np.full(30, 0.05), np.full(5, 5.0)))
    found = flight(load, np.full(35, 1.0), Places(most=20, provisioned=0, keep_s=300.0, setup_s=5.0))
    assert found.cold[30] > 10 * found.cold[34]
