"""Counts packed for a link: nothing is lost by packing, little by rounding, and a week of minutes fits."""

from __future__ import annotations

import contextlib
import math
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.errors import BadLink
from headroom.sharing import link
from headroom.sharing.packed_counts import STEPS, largest_error, packed, rounded, unpacked
from headroom.sharing.presets import load_preset
from headroom.ui.workload.coarser import fitting
from simulator.scenario import Scenario
from simulator.traffic.kinds import Counts

counts = st.lists(st.one_of(st.integers(0, 300), st.integers(0, 10**9)), min_size=1, max_size=60).filter(any)
steps = st.sampled_from(STEPS)
WEEK = 7 * 1440


@given(counts)
def test_packing_loses_nothing(given_counts: list[int]) -> None:
    assert unpacked(packed(given_counts)) == given_counts


@given(counts, steps)
def test_rounding_keeps_the_total_and_nearly_every_beginning(given_counts: list[int], step: int) -> None:
    result = rounded(given_counts, step)
    assert sum(result) == sum(given_counts)
    assert min(result) >= 0
    assert unpacked(packed(result)) == list(result)
    one_step = (step * math.sqrt(max(given_counts)) + step * step) * 2
    for before, after in zip(accumulate(given_counts), accumulate(result), strict=True):
        assert abs(before - after) <= one_step


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any))
def test_a_step_of_two_moves_a_count_by_about_what_chance_does(given_counts: list[int]) -> None:
    for before, after in zip(given_counts, rounded(given_counts, 2)[:-1], strict=False):
        assert abs(before - after) <= 2.1 * math.sqrt(max(given_counts)) + 4


@given(
    st.one_of(st.text(max_size=60), st.from_regex(r"(1|2|16|0)[rd][12]\.-?[0-9]{1,3}\.[0-9]{1,2}\.[A-Za-z0-9_-]{0,40}"))
)
def test_any_other_text_is_refused_on_purpose(text: str) -> None:
    with contextlib.suppress(BadLink):
        assert all(0 <= count <= 10**9 for count in unpacked(text))


def test_a_text_that_unpacks_to_more_than_a_trace_holds_is_refused() -> None:
    bomb = packed([7] * 200_000)
    assert len(bomb) < 1000
    assert len(unpacked(bomb)) == 200_000
    with pytest.raises(BadLink):
        unpacked(packed([7] * 200_001))


def week(mean: float, noise: float = 0.0) -> Scenario:
    """The dashboard with a week of minutes that has nights, busy hours and some noise beyond chance."""
    rng = np.random.default_rng(1)
    minute = np.arange(WEEK) % 1440
    rate = mean * (0.15 + 0.85 * np.clip(np.sin(minute / 1440 * 2 * np.pi - 1.5), 0, None))
    requests = rng.poisson(rate * np.exp(noise * rng.standard_normal(WEEK)))
    dashboard = load_preset("dashboard")
    traffic = Counts(bin_s=60, requests=tuple(requests.tolist()))
    return dashboard.model_copy(update={"workload": dashboard.workload.model_copy(update={"traffic": traffic})})


@pytest.mark.parametrize(("mean", "noise"), [(1, 0), (10, 0), (100, 0), (2000, 0), (60_000, 0), (60_000, 0.03)])
def test_a_week_of_minutes_fits_into_a_link_and_what_is_lost_is_said(mean: float, noise: float) -> None:
    scenario = week(mean, noise)
    fit = fitting(scenario, same_bins=True)
    assert fit is not None
    traffic, before = fit.scenario.workload.traffic, scenario.workload.traffic
    assert isinstance(traffic, Counts)
    assert isinstance(before, Counts)
    assert (traffic.bin_s, len(traffic.requests), sum(traffic.requests)) == (60, WEEK, sum(before.requests))
    assert link.decode(link.encode(fit.scenario)) == fit.scenario
    assert ("rounded" in fit.loss) == (traffic != before)
    hours = [np.array(side.requests).reshape(-1, 60).sum(axis=1) for side in (before, traffic)]
    assert np.abs(hours[0] - hours[1]).max() <= 6 * math.sqrt(max(before.requests)) + 20


def test_the_error_is_that_of_the_busiest_tenth() -> None:
    assert largest_error([0, 1, 100], [5, 9, 90]) == pytest.approx(0.1)
