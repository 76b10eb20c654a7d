"""Step scaling: which step, how much, when, and what the cooldown lets through."""

from __future__ import annotations

import math

import pytest

from simulator.scaling.step import CHANGE, EXACT, PERCENT, Steps, StepScaling
from simulator.scaling.tracking import Bounds


def steps(*ladder, above=True, kind=CHANGE, threshold=50.0, least=0):
    return Steps(threshold=threshold, above=above, kind=kind, ladder=ladder, least_change=least)


def policy(made, *, periods=2, cooldown_s=300.0, least=0, most=20):
    return StepScaling(made, periods, cooldown_s, Bounds(least=least, most=most), lambda: 90.0)


def play(scaling, metrics, desired=4):
    """Feed one metric a minute; returns (time, desired) of each change."""
    changes = []
    for minute, metric in enumerate(metrics, start=1):
        now = 60.0 * minute
        while scaling.next_s() <= now:
            at = scaling.next_s()
            wanted = scaling.propose(at, desired)
            scaling.accept(at, desired, wanted)
            if wanted != desired:
                changes.append((at, wanted))
                desired = wanted
        scaling.observe(now, metric, desired)
    return changes


def test_the_example_of_the_user_guide():
    """Threshold 50; above: 0 %, from 60 on 10 %, from 70 on 30 %; below the mirror image (AASG, step scaling)."""
    out = steps((0, 0), (10, 10), (20, 30), kind=PERCENT)
    in_ = steps((0, 0), (10, -10), (20, -30), kind=PERCENT, above=False)
    assert [out.wanted(10, metric) for metric in (50, 59.9, 60)] == [10, 10, 11]
    assert out.wanted(11, 70) == 14
    assert [in_.wanted(14, metric) for metric in (50, 40.1, 40)] == [14, 14, 13]
    assert in_.wanted(13, 30) == 10


@pytest.mark.parametrize(
    ("percent", "current", "wanted"),
    [(12.7, 100, 112), (6.7, 10, 11), (-5.8, 10, 9), (-6.67, 100, 94), (10, 30, 33), (-10, 30, 27)],
)
def test_per_cent_is_rounded_towards_zero_but_to_no_less_than_one(percent, current, wanted):
    above = percent > 0
    assert steps((0, percent), kind=PERCENT, above=above).wanted(current, 50) == wanted


def test_the_least_change_in_per_cent():
    """A quarter of 4 is 1, but at least 2 are added (AASG)."""
    assert steps((0, 25), kind=PERCENT, least=2).wanted(4, 50) == 6
    assert steps((0, 25), kind=CHANGE, least=50).wanted(4, 50) == 29


def test_an_exact_capacity_is_taken_as_it_is():
    made = steps((0, 6), (20, 0), kind=EXACT)
    assert (made.wanted(2, 55), made.wanted(9, 55), made.wanted(9, 70)) == (6, 6, 0)


def test_a_gap_below_the_first_step_changes_nothing():
    assert steps((10, 3)).wanted(4, 55) == 4


def test_acts_after_its_periods_and_the_delay():
    assert play(policy(steps((0, 2))), [50, 50, 0, 0]) == [(210, 6)]
    assert play(policy(steps((0, 2))), [50, 0, 50, 0, 0, 0]) == []


def test_a_datum_that_is_missing_starts_the_count_again():
    assert play(policy(steps((0, 2))), [50, None, 50, None, None, None]) == []


def test_during_the_cooldown_only_a_bigger_step_adds_and_only_the_difference():
    """+2, then a step of +3 while the 2 are still young: 1 more (AASG)."""
    assert play(policy(steps((0, 2), (10, 3))), [50, 50, 60, 60, 60, 60]) == [(210, 6), (270, 7)]


def test_it_goes_on_after_the_cooldown():
    """Data come every 60 s: the first decision after 300 s is the one at exactly 300 s."""
    assert play(policy(steps((0, 2))), [50] * 14) == [(210, 6), (510, 8), (810, 10)]


def test_scale_in_waits_for_its_cooldown_whole():
    made = steps((0, -1), (20, -3), above=False)
    assert play(policy(made), [50, 50, 30, 30, 30, 30, 30, 30]) == [(210, 3)]
    assert play(policy(made), [50, 50, 30, 30, 30, 30, 30, 30, 30]) == [(210, 3), (510, 0)]


def test_it_stays_within_the_bounds():
    assert play(policy(steps((0, 9)), most=6), [50] * 4) == [(210, 6)]
    assert play(policy(steps((0, -9), above=False), least=3), [50] * 4) == [(210, 3)]


def test_a_scale_out_ends_the_cooldown_of_a_scale_in():
    scaling = policy(steps((0, 2)), periods=1)
    scaling.accept(0.0, 5, 4)
    scaling.observe(60.0, 50.0, 4)
    assert scaling.propose(150.0, 4) == 6


def test_a_scale_in_ends_the_cooldown_of_a_scale_out():
    """4 to 6, then to 3: the next step adds to those 3, not to the 4 from before the first (facts row 2.25)."""
    scaling = policy(steps((0, 2)), periods=1)
    scaling.accept(0.0, 4, 6)
    scaling.accept(50.0, 6, 3)
    scaling.observe(60.0, 50.0, 3)
    assert scaling.propose(150.0, 3) == 5


def test_only_a_raised_alarm_of_a_scale_out_keeps_others_from_scaling_in():
    out, in_ = policy(steps((0, 2)), periods=1), policy(steps((0, -2), above=False), periods=1)
    assert (out.leaves(0.0, 7), in_.leaves(0.0, 7)) == (0, 0)
    out.observe(60.0, 50.0, 7)
    in_.observe(60.0, 50.0, 7)
    assert (out.leaves(60.0, 7), in_.leaves(60.0, 7)) == (7, 0)


def test_nothing_pending_is_never():
    assert policy(steps((0, 1))).next_s() == math.inf
