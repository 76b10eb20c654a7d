"""Cold starts and throttling of a steady load, against what is exact."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator import theory
from simulator.estimate.keep_warm import Places, _spread, flight
from simulator.model.assumptions import Assumptions
from simulator.model.keep_warm import KeepWarm, keep_warm
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.run import run
from tests.engine import make_case
from tests.simulator.patterns.serverless_cases import starts, workload

KEPT = KeepWarm(spare_s=300.0)
THREE_RULES = keep_warm(Assumptions())


def steady(load, hold_s, most, *, kept=KEPT, provisioned=0, minutes=60):
    places = Places(most=most, provisioned=provisioned, kept=kept, setup_s=5.0)
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
    found = flight(load, np.full(35, 1.0), Places(most=20, provisioned=0, kept=KEPT, setup_s=5.0))
    assert found.cold[30] > 10 * found.cold[34]


@pytest.mark.parametrize("every_s", [100.0, 1000.0, 5000.0])
def test_an_idle_function_is_cold_after_its_idle_time_however_long_spare_environments_are_kept(every_s):
    kept = KeepWarm(spare_s=7200.0, idle_s=640.0)
    found = steady(0.001 / every_s, 0.001, 1, kept=kept, minutes=300)
    assert found.cold[-1] == pytest.approx(math.exp(-640 / every_s), rel=0.01)


@pytest.mark.parametrize("life_s", [(600.0, 600.0), (200.0, 1000.0)])
def test_a_mortal_environment_serves_as_many_requests_as_come_in_its_life(life_s):
    found = steady(1e-5 / 60, 1e-5, 5, kept=KeepWarm(spare_s=7200.0, life_s=life_s), minutes=300)
    assert found.cold[-1] == pytest.approx(1 / (1 + 600 / 60), rel=0.02)


def test_lives_that_hardly_end_make_no_more_cold_starts():
    endless, long = (
        steady(3.0, 1.0, 50, kept=KeepWarm(spare_s=600.0, life_s=life_s), minutes=300).cold[-1]
        for life_s in ((math.inf, math.inf), (1e9, 2e9))
    )
    assert long == pytest.approx(endless, rel=0.01)


@pytest.mark.parametrize("rate_per_s", [0.0002, 0.002, 0.004, 0.016, 0.1, 1.0])
def test_the_three_rules_are_reckoned_as_they_are_simulated(rate_per_s):
    """Within a quarter, where the fast answer says that it knows cold starts within a factor of two."""
    sizes, assumptions = starts(0.0)
    work = workload(rate_per_s, mean_ms=2000.0, **sizes)
    case = make_case(work, assumptions=assumptions, duration_s=31 * 86_400.0, warmup_s=86_400.0)
    result = run(case, ServerlessDeployment(max_concurrency=200))
    simulated = result.sums.cold.sum() / result.offered.sum()
    reckoned = steady(2 * rate_per_s, 2.0, 200, kept=THREE_RULES, minutes=300).cold[-1]
    assert reckoned == pytest.approx(simulated, rel=0.35)


def test_what_was_worked_out_for_one_endpoint_changes_nothing_for_the_next() -> None:
    minutes = np.arange(600)
    in_flight, hold_s = 2.0 + np.sin(minutes / 50), np.full(600, 0.5)
    endpoints = [
        Places(most=most, provisioned=provisioned, kept=KEPT, setup_s=3.0)
        for most, provisioned in ((200, 0), (200, 2), (4, 0), (4, 2), (50, 0))
    ]
    together = [flight(in_flight, hold_s, endpoint) for endpoint in endpoints]
    for endpoint, beside in zip(endpoints, together, strict=True):
        _spread.cache_clear()
        alone = flight(in_flight, hold_s, endpoint)
        for name in ("blocked", "cold", "highest", "crowded"):
            np.testing.assert_array_equal(getattr(alone, name), getattr(beside, name))
    assert together[1].cold.sum() < together[0].cold.sum()
    assert together[2].blocked.sum() > together[0].blocked.sum() == 0
