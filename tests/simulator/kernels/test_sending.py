"""One process in adaptive mode sends when botocore's own classes would let it."""

from __future__ import annotations

import pytest
from botocore.retries import adaptive, bucket, throttling
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernels import sending


class Clock:
    """Time that the test sets; sleeping is not allowed."""

    now = 0.0

    def current_time(self):
        return self.now

    def sleep(self, _amount):
        raise AssertionError("nobody sleeps here")


class Detector:
    def is_throttling_error(self, *, throttled):
        return throttled


def botocore_limiter(clock):
    return adaptive.ClientRateLimiter(
        rate_adjustor=throttling.CubicCalculator(starting_max_rate=0, start_time=clock.now),
        rate_clocker=adaptive.RateClocker(clock),
        token_bucket=bucket.TokenBucket(max_rate=1, clock=clock),
        throttling_detector=Detector(),
        clock=clock,
    )


steps = st.lists(st.tuples(st.sampled_from([0.0, 0.013, 0.11, 0.4, 1.7, 9.0]), st.booleans()), max_size=80)


@settings(deadline=None)
@given(steps, st.floats(0, 5))
def test_rates_are_those_of_botocore(answers, begin):
    clock = Clock()
    clock.now = begin
    theirs, ours = botocore_limiter(clock), sending.start(begin, 1)
    # Their bucket begins to fill when it is first looked at, ours at once: no matter, as nobody waits for it yet.
    for gap, throttled in answers:
        clock.now += gap
        theirs.on_receiving_response(throttled=throttled)
        sending.answered(ours, clock.now, throttled)
        tokens = theirs._token_bucket
        assert bool(ours[sending.ENABLED]) == theirs._enabled
        assert ours[sending.FILL] == pytest.approx(tokens.max_rate)
        assert ours[sending.MOST] == pytest.approx(tokens.max_capacity)
        assert ours[sending.MEASURED] == pytest.approx(theirs._rate_clocker.measured_rate)
        ready_s = sending.ready_s(ours, clock.now)
        if theirs._enabled and ready_s <= clock.now:
            assert tokens.acquire(block=False)
            sending.send(ours, clock.now)
        elif theirs._enabled:
            assert tokens._sleep_amount(1) == pytest.approx(ready_s - clock.now)


def test_before_the_first_throttle_nothing_waits():
    rate = sending.start(0.0, 1)
    for k in range(1000):
        assert sending.ready_s(rate, k * 1e-3) == k * 1e-3
        sending.send(rate, k * 1e-3)
        sending.answered(rate, k * 1e-3, False)


def test_many_processes_are_one_average_process():
    """Each sees its share of the answers, and together they send as many times faster."""
    one, ten = sending.start(0.0, 1), sending.start(0.0, 10)
    for k in range(2000):
        now = k * 0.01
        sending.answered(one, now, k == 1500)
        for _ in range(10):
            sending.answered(ten, now, k == 1500)
    assert ten[sending.FILL] == pytest.approx(one[sending.FILL])
    assert ten[sending.MEASURED] == pytest.approx(one[sending.MEASURED])
    sent = {}
    for name, rate in (("one", one), ("ten", ten)):
        now, sent[name] = 20.0, 0
        while (now := sending.ready_s(rate, now)) < 60:
            sending.send(rate, now)
            sent[name] += 1
    assert sent["ten"] == pytest.approx(10 * sent["one"], rel=0.02)
