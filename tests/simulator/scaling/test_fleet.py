"""Instances come after their provisioning time, leave newest first and are billed while they exist."""

from __future__ import annotations

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from simulator.scaling.fleet import Fleet


def fleet(size=8):
    delays = count(100, 10)
    return Fleet(size, lambda together: [float(next(delays)) for _ in range(together)])


def test_comes_into_service_after_its_provisioning_time():
    f = fleet()
    f.start(1)
    assert f.resize(0.0, 3) == []
    assert (f.desired, f.provisioning, f.next_ready_s()) == (3, 2, 100.0)
    assert f.arrive(99.0) == []
    assert f.arrive(100.0) == [1]
    assert f.arrive(110.0) == [2]


def test_scale_in_cancels_what_is_still_coming_first():
    f = fleet()
    f.start(2)
    f.resize(0.0, 4)
    assert f.resize(1.0, 3) == []
    assert f.next_ready_s() == 100.0
    assert f.resize(2.0, 1) == [1]
    assert (f.in_service, f.draining, f.provisioning) == ([0], [1], 0)


def test_a_draining_place_is_not_given_away():
    f = fleet()
    f.start(2)
    f.resize(0.0, 1)
    f.resize(0.0, 2)
    assert f.arrive(100.0) == [2]
    f.gone([1])
    f.resize(200.0, 3)
    assert f.arrive(400.0) == [1]


def test_billed_while_provisioning_or_not():
    f = fleet()
    f.start(2)
    f.resize(0.0, 5)
    assert f.billed(while_provisioning=True) == 5
    assert f.billed(while_provisioning=False) == 2
    f.arrive(1000.0)
    f.resize(1000.0, 1)
    assert f.billed(while_provisioning=False) == 5
    f.gone(f.draining)
    assert f.billed(while_provisioning=True) == 1


@given(st.lists(st.integers(0, 4), max_size=30))
def test_desired_is_what_was_asked_for_last(wishes):
    f = fleet(size=200)
    for k, wish in enumerate(wishes):
        f.resize(50.0 * k, wish)
        f.arrive(50.0 * k)
        assert f.desired == wish
        assert len(set(f.in_service) | set(f.draining)) == len(f.in_service) + len(f.draining)
