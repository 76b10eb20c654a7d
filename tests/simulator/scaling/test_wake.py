"""The wake policy: when it rises, when it acts, and what keeps it from acting again."""

from __future__ import annotations

import math

from simulator.scaling.wake import Wake


def wake(most=3, delay_s=90.0, periods=2):
    return Wake(periods, 300.0, most, lambda: delay_s)


def decisions(policy, up_until_s, desired=0):
    """Times at which an instance is asked for, when the condition holds in every minute up to up_until_s."""
    asked = []
    for minute in range(1, 40):
        now_s = 60.0 * minute
        while policy.next_s() <= now_s:
            at_s = policy.next_s()
            wanted = policy.decide(at_s, desired)
            if wanted != desired:
                asked.append(at_s)
                desired = wanted
        policy.observe(now_s, now_s <= up_until_s)
    return asked


def test_two_periods_and_the_delay():
    assert decisions(wake(), up_until_s=120) == [120 + 90]


def test_one_period_is_not_enough():
    assert decisions(wake(), up_until_s=60) == []


def test_more_periods_are_waited_for():
    assert decisions(wake(periods=3), up_until_s=180) == [180 + 90]


def test_a_pause_starts_the_count_again():
    policy = wake()
    for now_s, up in ((60, True), (120, False), (180, True)):
        policy.observe(now_s, up)
    assert policy.next_s() == math.inf
    policy.observe(240, True)
    assert policy.next_s() == 330


def test_one_more_is_asked_for_after_each_cooldown_up_to_the_most():
    """Data come every 60 s: the first after 300 s is the one at exactly 300 s."""
    assert decisions(wake(), up_until_s=1e9) == [210, 510, 810]


def test_nothing_is_asked_for_beyond_the_most():
    assert decisions(wake(most=1), up_until_s=1e9, desired=1) == []
