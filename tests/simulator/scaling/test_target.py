"""Several policies, scheduled actions and a quota on one target, minute by minute."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from simulator.scaling.step import CHANGE, Steps, StepScaling
from simulator.scaling.target import Change, ScalableTarget
from simulator.scaling.tracking import HIGH_RESOLUTION_LOW_PERIODS, Bounds, TargetTracking
from simulator.scaling.wake import Wake

BOUNDS = Bounds(least=1, most=20)


def tracking(target=100.0, *, delay_s=90.0, low_periods=15, scales_in=True, waits=True, in_s=300.0, out_s=300.0):
    return TargetTracking(
        target,
        out_s,
        in_s,
        BOUNDS,
        lambda: delay_s,
        low_periods=low_periods,
        scales_in=scales_in,
        waits_at_bounds=waits,
    )


def step(adjustment, *, threshold, periods=3, delay_s=90.0):
    made = Steps(threshold=threshold, above=adjustment > 0, kind=CHANGE, ladder=((0.0, adjustment),))
    return StepScaling(made, periods, 300.0, BOUNDS, lambda: delay_s)


def play(target, feeds, desired, *, until_s, every_s=10.0):
    """Every policy is fed what its feed (period, function of time) says; instances come at once.

    Returns (time, desired) of each change.
    """
    changes, now = [], 0.0
    while now < until_s:
        now += every_s
        while target.next_s() <= now:
            at = target.next_s()
            wanted = target.decide(at, desired)
            if wanted != desired:
                changes.append((at, wanted))
            desired = wanted
        for policy, (period_s, metric) in zip(target.policies, feeds, strict=True):
            if now % period_s == 0:
                policy.observe(now, metric(now, desired), desired)
    return changes


def always(value):
    return (60.0, lambda _now, _desired: value)


def load(total):
    """A load that instances share."""
    return (60.0, lambda _now, desired: total / desired)


def test_any_policy_scales_out():
    target = ScalableTarget([tracking(), tracking()])
    assert play(target, [always(95.0), load(600.0)], 2, until_s=300) == [(270, 6)]


def test_the_largest_capacity_wins_when_both_ask():
    for feeds in ([load(600.0), load(900.0)], [load(900.0), load(600.0)]):
        target = ScalableTarget([tracking(), tracking()])
        assert play(target, feeds, 2, until_s=300)[-1] == (270, 9)


def test_what_one_added_counts_for_the_other_at_once():
    """Both see 3 times their target at 2 instances: 6, not 6 x 3."""
    target = ScalableTarget([tracking(), tracking()])
    assert play(target, [load(600.0), load(600.0)], 2, until_s=400) == [(270, 6)]


def test_scales_in_only_when_all_agree():
    target = ScalableTarget([tracking(), tracking()])
    assert play(target, [always(10.0), always(95.0)], 5, until_s=3600) == []


def test_at_the_end_of_its_cooldown_a_policy_agrees_to_a_scale_in():
    """The cooldown is over at its last second, not after it (facts row 2.23)."""
    calm = tracking(in_s=300.0, delay_s=0.0)
    for minute in range(1, 16):
        calm.observe(60.0 * minute, 10.0, 5)
    assert calm.propose(900.0, 5) == 1
    calm.accept(900.0, 6, 5)
    assert (calm.leaves(1199.0, 5), calm.leaves(1200.0, 5)) == (5, 1)


def test_scales_in_to_the_largest_of_what_they_would_leave():
    target = ScalableTarget([tracking(), tracking()])
    assert play(target, [load(50.0), load(280.0)], 5, until_s=1000) == [(990, 3)]


def test_the_last_to_agree_sets_the_time():
    """The second is low from minute 6 on: 15 more periods, then its own delay."""
    late = (60.0, lambda now, desired: 95.0 if now <= 360 else 10.0)
    target = ScalableTarget([tracking(), tracking()])
    (first, *_) = play(target, [load(50.0), late], 5, until_s=1400)
    assert first == (360 + 900 + 90, 1)


def test_a_policy_that_does_not_scale_in_has_no_say_in_it_while_calm():
    target = ScalableTarget([tracking(), tracking(scales_in=False)])
    assert play(target, [load(50.0), always(95.0)], 5, until_s=1000) == [(990, 1)]


def test_a_policy_that_does_not_scale_in_keeps_others_from_it_while_its_load_is_too_high():
    """Its alarm is up, and at the most instances it decides nothing more; none may go all the same (row 2.24)."""
    target = ScalableTarget([tracking(scales_in=False), step(-1.0, threshold=20.0)])
    assert play(target, [always(150.0), always(10.0)], BOUNDS.most, until_s=1200) == []


def test_a_policy_that_does_not_scale_in_never_does():
    assert play(ScalableTarget([tracking(scales_in=False)]), [always(0.0)], 5, until_s=7200) == []


def test_a_step_takes_away_what_tracking_without_scale_in_added():
    target = ScalableTarget([tracking(scales_in=False), step(-1.0, threshold=20.0)])
    spike = (60.0, lambda now, desired: (500.0 if now <= 180 else 10.0) / desired)
    assert play(target, [spike, spike], 2, until_s=1000)[:3] == [(270, 5), (570, 4), (870, 3)]


def test_tracking_that_is_not_ready_keeps_a_step_from_scaling_in():
    target = ScalableTarget([tracking(), step(-1.0, threshold=99.0)])
    assert play(target, [always(95.0), always(95.0)], 5, until_s=3600) == []


def test_a_raised_step_alarm_keeps_tracking_from_scaling_in():
    target = ScalableTarget([tracking(), step(0.5, threshold=5.0, periods=1, delay_s=10_000)])
    assert play(target, [load(50.0), always(10.0)], 5, until_s=3600) == []


def test_the_high_resolution_alarm_is_up_after_thirty_seconds():
    target = ScalableTarget([tracking(5.0, delay_s=15.0, low_periods=HIGH_RESOLUTION_LOW_PERIODS)])
    assert play(target, [(10.0, lambda _now, _desired: 12.0)], 2, until_s=50) == [(45, 5)]


def test_the_high_resolution_alarm_is_low_after_fifteen_minutes():
    target = ScalableTarget([tracking(5.0, delay_s=15.0, low_periods=HIGH_RESOLUTION_LOW_PERIODS)])
    assert play(target, [(10.0, lambda _now, _desired: 1.0)], 5, until_s=920) == [(915, 1)]


def test_minutes_and_tens_of_seconds_together_the_faster_acts_first():
    fast = tracking(5.0, delay_s=15.0, low_periods=HIGH_RESOLUTION_LOW_PERIODS)
    target = ScalableTarget([tracking(), fast])
    feeds = [load(800.0), (10.0, lambda _now, desired: 20.0 / desired)]
    assert play(target, feeds, 2, until_s=300) == [(45, 4), (270, 8)]


def test_a_scheduled_action_lifts_to_its_least_and_lowers_to_its_most():
    changes = [Change(100.0, Bounds(least=6, most=9)), Change(200.0, Bounds(least=1, most=3))]
    assert play(ScalableTarget([], changes), [], 2, until_s=300) == [(100, 6), (200, 3)]


def test_a_scheduled_action_within_whose_bounds_capacity_is_changes_nothing_now():
    changes = [Change(100.0, Bounds(least=1, most=9))]
    assert play(ScalableTarget([], changes), [], 2, until_s=300) == []


def test_scheduled_actions_ignore_cooldowns():
    """Tracking scales out at 270 s and may not scale in until 570 s and fifteen low minutes; the schedule may."""
    changes = [Change(300.0, Bounds(least=1, most=1))]
    assert play(ScalableTarget([tracking()], changes), [always(150.0)], 2, until_s=330) == [(270, 3), (300, 1)]


def test_the_new_bounds_hold_for_the_policies():
    changes = [Change(100.0, Bounds(least=1, most=4))]
    assert play(ScalableTarget([tracking()], changes), [load(900.0)], 2, until_s=600) == [(270, 4)]


def test_a_raised_most_is_used_at_the_next_datum_when_the_policy_goes_on_deciding():
    at_most = [Change(0.0, Bounds(least=1, most=2)), Change(1000.0, BOUNDS)]
    target = ScalableTarget([tracking(waits=False)], at_most)
    assert play(target, [load(600.0)], 2, until_s=1200) == [(1050, 6)]


def test_scheduled_actions_of_one_moment_happen_in_their_order_and_before_policies():
    changes = [Change(270.0, Bounds(least=8, most=9)), Change(270.0, Bounds(least=1, most=5))]
    assert play(ScalableTarget([tracking()], changes), [load(900.0)], 2, until_s=270) == [(270, 8), (270, 5)]


def test_at_one_instant_a_scale_out_comes_before_a_scale_in():
    """Whichever is named first: the cooldown that the scale-out begins holds back the scale-in (row 2.25)."""
    once = (60.0, lambda now, _desired: 50.0 if now == 60 else 30.0)
    out, in_ = step(2.0, threshold=40.0, periods=1), step(-1.0, threshold=35.0, periods=1)
    low_once = (60.0, lambda now, _desired: 10.0 if now == 60 else 50.0)
    assert play(ScalableTarget([in_, out]), [low_once, once], 4, until_s=300) == [(150, 6)]


def test_beyond_the_quota_nothing_is_added_at_all():
    target = ScalableTarget([tracking()], quota=4)
    assert play(target, [load(900.0)], 2, until_s=300) == []
    assert target.refused == 1


def test_within_the_quota_all_is_granted():
    target = ScalableTarget([tracking()], quota=6)
    assert play(target, [load(600.0)], 2, until_s=300) == [(270, 6)]
    assert target.refused == 0


def test_a_refusal_starts_no_cooldown():
    """Refused at 270 s; the load falls, and the next datum asks for what the quota has."""
    falling = (60.0, lambda now, desired: (900.0 if now <= 180 else 400.0) / desired)
    target = ScalableTarget([tracking(out_s=3600.0)], quota=4)
    assert play(target, [falling], 2, until_s=340) == [(330, 4)]


def test_a_schedule_is_held_to_the_quota_too():
    target = ScalableTarget([], [Change(60.0, Bounds(least=6, most=9))], quota=4)
    assert play(target, [], 2, until_s=120) == []
    assert target.refused == 1


def test_waking_starts_no_cooldown_of_tracking():
    follow, wake = tracking(), Wake(2, 300.0, 9, lambda: 0.0)
    target = ScalableTarget([follow, wake])
    wake.observe(60.0, True)
    wake.observe(120.0, True)
    assert target.decide(120.0, 0) == 1
    for minute in (1, 2, 3):
        follow.observe(60.0 * minute, 500.0, 1)
    assert target.decide(270.0, 2) == 10  # two are coming or there: 2 x 5, which a cooldown would make 1 x 5


def test_nothing_to_do_is_never():
    assert ScalableTarget().next_s() == math.inf


metrics = st.lists(st.sampled_from([0.0, 50.0, 85.0, 95.0, 110.0, 300.0]), min_size=1, max_size=80)


@given(metrics, metrics)
def test_one_policy_more_never_leaves_fewer_instances(one, other):
    """On the same metrics, whatever they are, the first that two policies do otherwise than one is to have more."""

    def feed(values):
        return (60.0, lambda now, _desired: values[min(int(now / 60), len(values)) - 1])

    def final(*policies_and_feeds):
        target = ScalableTarget([tracking(in_s=60.0, out_s=0.0) for _ in policies_and_feeds])
        changes = play(target, list(policies_and_feeds), 5, until_s=60.0 * 40, every_s=60.0)
        return [next((wanted for at, wanted in reversed(changes) if at <= t), 5) for t in range(0, 2400, 60)]

    alone, both = final(feed(one)), final(feed(one), feed(other))
    first_difference = next((k for k, (a, b) in enumerate(zip(alone, both, strict=True)) if a != b), None)
    assert first_difference is None or both[first_difference] > alone[first_difference]
