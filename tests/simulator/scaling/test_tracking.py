"""Target tracking: alarms, delays, sizes and cooldowns, minute by minute."""

from __future__ import annotations

import math

import pytest

from simulator.scaling.tracking import Bounds, TargetTracking


def policy(*, least=1, most=10, delay_s=90.0, out_s=300.0, in_s=300.0):
    return TargetTracking(100.0, out_s, in_s, Bounds(least=least, most=most), lambda: delay_s)


def play(tracking, metrics, in_service=2, desired=2):
    """Feed one metric a minute; returns (time, desired) of each change."""
    changes = []
    for minute, metric in enumerate(metrics, start=1):
        now = 60.0 * minute
        while tracking.next_s() <= now:
            at = tracking.next_s()
            wanted = tracking.decide(at, desired)
            if wanted != desired:
                changes.append((at, wanted))
                desired = wanted
        tracking.observe(now, metric, in_service)
    return changes


def test_scales_out_after_three_minutes_above_and_the_delay():
    assert play(policy(), [150] * 6) == [(180 + 90, 3)]


def test_two_minutes_above_do_nothing():
    assert play(policy(), [150, 150, 50, 150, 150, 50, 95, 95]) == []


def test_a_load_exactly_at_the_target_is_not_above_it():
    """CloudWatch's alarm compares with GreaterThanThreshold (facts row 2.10): only the last minute counts here."""
    assert play(policy(), [100, 100, 150, 0, 0, 0]) == []


def test_desired_is_current_times_observed_over_target_rounded_up():
    assert play(policy(), [401] * 5) == [(270, 9)]


def test_clamped_to_the_most():
    assert play(policy(most=4), [1000] * 5) == [(270, 4)]


def test_a_load_of_exactly_n_targets_wants_n():
    assert play(policy(), [100.00000001] * 5, in_service=3, desired=3) == []


def test_nothing_happens_between_nine_tenths_and_the_target():
    assert play(policy(), [95] * 60) == []


def test_scales_in_after_fifteen_minutes_below_nine_tenths():
    assert play(policy(), [40] * 17) == [(900 + 90, 1)]


def test_never_below_the_least():
    assert play(policy(least=2), [0] * 60) == []


def test_zero_traffic_scales_in_to_the_least():
    """The variant emits zeros (facts row 2.16)."""
    assert play(policy(), [0] * 17) == [(990, 1)]


def test_no_datum_breaks_every_streak():
    assert play(policy(), [150, 150, None, 150, 150, None, 150, 150]) == []


def test_during_the_cooldown_added_capacity_counts_as_if_in_service():
    """Two instances in service see 250 each; five are asked for; until they come, 250 x 2 is still what five can
    take.
    """
    assert play(policy(out_s=600), [250] * 9) == [(270, 5)]


def test_a_bigger_scale_out_proceeds_during_the_cooldown():
    assert play(policy(out_s=600), [250] * 5 + [400] * 5) == [(270, 5), (6 * 60 + 90, 8)]


def test_after_the_cooldown_slow_instances_make_it_overshoot():
    """Current capacity is what was asked for, so a metric that instances on their way have not lowered yet counts
    twice.
    """
    assert play(policy(out_s=60, most=30), [250] * 7)[:2] == [(270, 5), (330, 13)]


def test_scale_in_waits_for_its_cooldown():
    """Below from minute 4 to 18 and the delay: 1,170 s; the scale-out at 270 s blocks until 1,470 s."""
    assert play(policy(in_s=1200), [250] * 3 + [10] * 25) == [(270, 5), (1470, 1)]
    assert play(policy(in_s=300), [250] * 3 + [10] * 25) == [(270, 5), (1170, 1)]


@pytest.mark.parametrize("delay_s", [0.0, 60.0, 119.0])
def test_the_delay_is_drawn_once_an_alarm(delay_s):
    assert play(policy(delay_s=delay_s), [150] * 8)[0][0] == 180 + delay_s


def test_at_a_bound_no_decision_is_due():
    """An idle endpoint at its least count, or a busy one at its most, needs no decision each minute."""
    for metric, in_service in ((0.0, 1), (500.0, 10)):
        tracking = policy()
        for minute in range(1, 30):
            tracking.observe(60.0 * minute, metric, in_service)
        assert tracking.next_s() == math.inf


def test_with_the_fewest_in_service_one_that_is_on_its_way_is_taken_back():
    """A lost instance is being replaced while the other one is idle: the low alarm is decided on, not passed over."""
    tracking = policy()
    for minute in range(1, 16):
        tracking.observe(60.0 * minute, 0.0, in_service=1, desired=2)
    assert tracking.next_s() < math.inf
    assert tracking.decide(tracking.next_s(), desired=2) == 1


def test_nothing_pending_is_never():
    assert policy().next_s() == math.inf
