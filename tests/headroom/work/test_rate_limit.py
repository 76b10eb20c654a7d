"""How often visitors may do something: each of them, and all together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.work.rate_limit import RateLimit, TooOften

WINDOW_S, OF_ONE, OF_ALL = 60.0, 3, 5


@given(st.lists(st.tuples(st.floats(0, 30), st.sampled_from("abc")), max_size=40))
def test_never_more_than_so_many_in_a_window_and_never_fewer(steps: list[tuple[float, str]]) -> None:
    now_s = [0.0]
    limit = RateLimit("links", of_one=OF_ONE, of_all=OF_ALL, window_s=WINDOW_S, clock=lambda: now_s[0])
    allowed: list[tuple[float, str]] = []
    for passed_s, visitor in steps:
        now_s[0] += passed_s
        recent = [(at_s, who) for at_s, who in allowed if at_s > now_s[0] - WINDOW_S]
        is_room = len(recent) < OF_ALL and sum(who == visitor for _, who in recent) < OF_ONE
        try:
            limit.note(visitor)
        except TooOften:
            assert not is_room
        else:
            assert is_room
            allowed.append((now_s[0], visitor))


def test_it_says_whose_limit_it_is_and_when_to_try_again() -> None:
    now_s = [0.0]
    limit = RateLimit("Short links", of_one=1, of_all=2, window_s=600.0, clock=lambda: now_s[0])
    limit.note("a")
    now_s[0] = 300.0
    with pytest.raises(TooOften, match=r"Short links: 1 of yours within 10 minutes .* Try again in 5 min"):
        limit.note("a")
    limit.note("b")
    with pytest.raises(TooOften, match="2 of all visitors"):
        limit.note("c")
