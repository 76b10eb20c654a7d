"""Waits of queues at rest, against the closed forms that are exact."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import theory
from simulator.estimate import queueing, time_distribution, waiting
from simulator.model.workload import ServiceTime


def served(distribution, cv=1.0, mean_ms=100.0):
    return time_distribution.service(ServiceTime(distribution=distribution, mean_ms=mean_ms, cv=cv), 1.0)


@given(st.integers(1, 300), st.floats(0.05, 0.99))
def test_many_queues_at_once_wait_as_erlang_says(servers, rho):
    found = waiting.erlang_c(np.array([servers, 7]), np.array([rho * servers, 3.5]))
    assert found[0] == pytest.approx(theory.erlang_c(servers, rho * servers), rel=1e-9)
    assert found[1] == pytest.approx(theory.erlang_c(7, 3.5), rel=1e-9)


def test_very_many_servers_go_over_smoothly():
    few, many = waiting.MANY, waiting.MANY + 1
    below, above = waiting.erlang_c(np.array([few, many]), np.array([0.98 * few, 0.98 * many]))
    assert above == pytest.approx(below, rel=0.1)


@pytest.mark.parametrize("servers", [1, 2, 16, 200])
@pytest.mark.parametrize("rho", [0.3, 0.8, 0.97])
def test_exponential_service_waits_exponentially(servers, rho):
    masses = waiting.wait(
        waiting.Line(first=servers, speed=servers, ratio=rho), waiting.residual(served("exponential"))
    )
    mean_s = 0.1 / (servers * (1 - rho))
    for share in (0.5, 0.99, 0.999):
        assert time_distribution.quantile(masses, share) == pytest.approx(-mean_s * math.log(1 - share), rel=0.02)


@pytest.mark.parametrize(("distribution", "cv"), [("deterministic", 0.0), ("lognormal", 0.5), ("gamma", 2.0)])
@pytest.mark.parametrize("rho", [0.5, 0.9, 0.98])
def test_one_server_waits_as_pollaczek_and_khinchine_say(distribution, cv, rho):
    service = served(distribution, max(cv, 0.01))
    masses = waiting.wait(waiting.Line(first=1, speed=1, ratio=rho), waiting.residual(service))
    # The gamma time of variation 2 has a tenth of its mass below all buckets.
    assert rho * time_distribution.mean_s(masses) == pytest.approx(theory.mg1_wait_s(rho / 0.1, 0.1, cv), rel=0.02)


@pytest.mark.parametrize(("servers", "room", "rho"), [(4, 0, 0.7), (4, 10, 0.9), (1, 5, 0.8), (16, 100, 0.97)])
def test_a_full_room_refuses_as_mmck_does(servers, room, rho):
    fleet = queueing.Fleet(lines="own", places=servers, room=room, mean_s=0.1, clumping=1.0)
    left = waiting.residual(served("exponential"))
    mixed = queueing.mix(fleet, left, np.array([1]), np.array([rho * servers / 0.1]), np.array([1.0]))
    assert mixed.refused == pytest.approx(theory.mmck_loss(servers, servers + room, rho * servers), rel=0.15, abs=1e-7)
    assert mixed.wait.sum() == pytest.approx(1 - mixed.refused)


def test_arrivals_in_clumps_wait_longer_and_at_an_even_pace_shorter():
    left = waiting.residual(served("lognormal", 0.5))

    def mean_s(clumping):
        fleet = queueing.Fleet(lines="one", places=4, room=math.inf, mean_s=0.1, clumping=clumping)
        mixed = queueing.mix(fleet, left, np.array([2]), np.array([0.9 * 8 / 0.1]), np.array([1.0]))
        return time_distribution.mean_s(mixed.wait)

    assert mean_s(0.3) < mean_s(1.0) < mean_s(3.0)


def test_a_queue_beyond_its_limit_is_full():
    fleet = queueing.Fleet(lines="own", places=4, room=10, mean_s=0.1, clumping=1.0)
    mixed = queueing.mix(
        fleet, waiting.residual(served("exponential")), np.array([1]), np.array([80.0]), np.array([1.0])
    )
    assert mixed.full == 1
    assert mixed.refused == pytest.approx(0.5)
    assert time_distribution.mean_s(mixed.wait) == pytest.approx(10 * 0.1 / 4, rel=0.02)


def test_nothing_comes():
    fleet = queueing.Fleet(lines="own", places=4, room=10, mean_s=0.1, clumping=1.0)
    mixed = queueing.mix(
        fleet, waiting.residual(served("exponential")), np.array([1]), np.array([0.0]), np.array([0.0])
    )
    assert (mixed.refused, mixed.full, mixed.wait.sum()) == (0, 0, 1)
