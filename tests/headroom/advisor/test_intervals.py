from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor import intervals
from headroom.advisor.answer import Uncertain


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


def test_a_single_run_has_the_interval_that_its_parts_give_or_says_why_it_has_none() -> None:
    assert intervals.single(3.0, (2.0, 4.0), "rare") == Uncertain(value=3.0, low=2.0, high=4.0, n=1)
    assert intervals.single(3.0, None, "rare") == Uncertain(value=3.0, low=None, high=None, n=1, why="rare")


def test_numbers_that_may_go_the_same_way_add_up_end_by_end() -> None:
    one, two = Uncertain(value=3, low=2, high=5, n=4), Uncertain(value=1, low=1, high=2, n=4)
    assert intervals.together([one, two]) == Uncertain(value=4, low=3, high=7, n=4)
    alone = Uncertain(value=1, low=None, high=None, n=1, why="short")
    assert intervals.together([one, alone]) == Uncertain(value=4, low=None, high=None, n=1, why="short")
