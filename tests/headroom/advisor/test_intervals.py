from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor import intervals
from headroom.advisor.answer import Uncertain
from tests.headroom.advisor.replications import judged


def test_one_replication_has_no_interval() -> None:
    assert intervals.estimate(3.0, [3.0]) == Uncertain(value=3.0, low=None, high=None, n=1)
    assert intervals.estimate(3.0, []) == Uncertain(value=3.0, low=None, high=None, n=0)


def test_a_mean_has_the_interval_of_the_textbook() -> None:
    # 4, 5, 6: standard deviation 1, t with 2 degrees of freedom 4.303.
    found = intervals.estimate(5.0, [4.0, 5.0, 6.0])
    half = 4.303 / math.sqrt(3)
    assert found.low == pytest.approx(5 - half)
    assert found.high == pytest.approx(5 + half)
    assert found.n == 3


def test_intervals_stay_where_the_number_can_be() -> None:
    assert intervals.estimate(0.5, [0.0, 1.0], most=1.0) == Uncertain(value=0.5, low=0.0, high=1.0, n=2)


def test_t_is_known_for_every_number_of_replications_and_falls_to_the_normal_quantile() -> None:
    assert len(intervals.T_975) == 29
    assert all(a > b for a, b in zip(intervals.T_975, intervals.T_975[1:], strict=False))
    assert intervals.T_975[-1] > 1.96


def test_t_covers_95_percent() -> None:
    rng = np.random.default_rng(7)
    runs, n = 4000, 5
    draws = rng.normal(10.0, 1.0, size=(runs, n))
    found = [intervals.estimate(float(row.mean()), row.tolist()) for row in draws]
    inside = sum(one.low is not None and one.high is not None and one.low <= 10.0 <= one.high for one in found)
    # 95 % +- four standard deviations of a share of 4,000.
    assert abs(inside / runs - 0.95) < 4 * math.sqrt(0.95 * 0.05 / runs)


def test_intervals_overlap_or_not_or_nobody_knows() -> None:
    low, high = Uncertain(value=1, low=0, high=2, n=2), Uncertain(value=4, low=3, high=5, n=2)
    wide, alone = Uncertain(value=3, low=2, high=4, n=2), Uncertain(value=1, low=None, high=None, n=1)
    assert intervals.overlap(low, high) is False
    assert intervals.overlap(low, wide) is True
    assert intervals.overlap(wide, high) is True
    assert intervals.overlap(low, alone) is None


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=30))
def test_an_interval_contains_its_number(samples: list[float]) -> None:
    value = sum(samples) / len(samples)
    found = intervals.estimate(value, samples)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= value <= found.high


LATENCIES = st.lists(st.floats(1e-4, 1e4), min_size=1, max_size=40)


@given(st.lists(LATENCIES, min_size=2, max_size=6), st.sampled_from((50.0, 90.0, 95.0, 99.0, 99.9)))
def test_the_interval_of_a_percentile_is_where_it_can_be(runs: list[list[float]], percent: float) -> None:
    """Neither below the smallest latency nor below the median, however wild the runs."""
    found, answered = judged([np.array(run) for run in runs], percent)
    smallest, median, largest = (answered.quantile(share) for share in (0, 50, 100))
    assert smallest is not None
    assert median is not None
    assert largest is not None
    assert found.low is not None
    assert found.high is not None
    assert smallest <= found.low <= found.value <= found.high <= largest
    assert median <= found.low or found.low == found.value
    assert found.n == len(runs)


@given(st.lists(LATENCIES, min_size=2, max_size=6))
def test_percentiles_rise(runs: list[list[float]]) -> None:
    values = [judged([np.array(run) for run in runs], percent)[0].value for percent in (50.0, 90.0, 95.0, 99.0)]
    assert values == sorted(values)


def test_two_runs_that_differ_by_ten_thousand_do_not_break_the_arithmetic() -> None:
    found, _ = judged([np.full(100_000, 1e-4), np.full(1, 1e4)], 99.0)
    assert found.low == pytest.approx(1e-4, rel=0.01)
    assert found.high == pytest.approx(1e4, rel=0.01)


def test_the_percentile_of_a_single_run_has_no_interval() -> None:
    found, _ = judged([np.array([1.0, 2.0])], 95.0)
    assert (found.low, found.high, found.n) == (None, None, 1)


def test_a_single_run_has_the_interval_that_its_parts_give_or_says_why_it_has_none() -> None:
    assert intervals.single(3.0, (2.0, 4.0), "rare") == Uncertain(value=3.0, low=2.0, high=4.0, n=1)
    assert intervals.single(3.0, None, "rare") == Uncertain(value=3.0, low=None, high=None, n=1, why="rare")


def test_numbers_that_may_go_the_same_way_add_up_end_by_end() -> None:
    one, two = Uncertain(value=3, low=2, high=5, n=4), Uncertain(value=1, low=1, high=2, n=4)
    assert intervals.together([one, two]) == Uncertain(value=4, low=3, high=7, n=4)
    alone = Uncertain(value=1, low=None, high=None, n=1, why="short")
    assert intervals.together([one, alone]) == Uncertain(value=4, low=None, high=None, n=1, why="short")
