"""Whose turn it is when work waits."""

from __future__ import annotations

from collections.abc import Sequence

from headroom.work.fairness import Piece, Room, order_of_turns, takeable

ROOM = Room(of_one_visitor=2, long=2)


def piece(key: str, *visitors: str, long: bool = True) -> Piece:
    return Piece(key, long, frozenset(visitors))


def keys(pieces: Sequence[Piece]) -> str:
    return " ".join(one.key for one in pieces)


def test_alone_it_is_first_come_first_served():
    waiting = [piece("a1", "a"), piece("a2", "a"), piece("a3", "a")]
    assert keys(order_of_turns(waiting, {"a": 7})) == "a1 a2 a3"


def test_visitors_take_turns():
    waiting = [piece("a1", "a"), piece("a2", "a"), piece("a3", "a"), piece("b1", "b"), piece("b2", "b")]
    assert keys(order_of_turns(waiting, {})) == "a1 b1 a2 b2 a3"


def test_whoever_was_served_longest_ago_comes_first():
    waiting = [piece("a1", "a"), piece("b1", "b"), piece("c1", "c")]
    assert keys(order_of_turns(waiting, {"a": 2, "b": 1})) == "c1 b1 a1"


def test_what_two_visitors_want_comes_with_the_turn_of_the_first_of_them():
    waiting = [piece("a1", "a"), piece("both", "a", "b")]
    assert keys(order_of_turns(waiting, {"a": 1})) == "both a1"


def test_a_visitor_has_one_piece_of_long_work_at_once():
    busy = [piece("a1", "a")]
    assert takeable([piece("a2", "a")], busy, ROOM) is None
    assert takeable([piece("a2", "a"), piece("b1", "b")], busy, ROOM) == piece("b1", "b")
    assert takeable([piece("a2", "a"), piece("a3", "a", long=False)], busy, ROOM) == piece("a3", "a", long=False)


def test_a_visitor_does_not_have_all_workers():
    busy = [piece("a1", "a", long=False), piece("a2", "a", long=False)]
    assert takeable([piece("a3", "a", long=False)], busy, ROOM) is None
    assert takeable([piece("a3", "a", "b", long=False)], busy, ROOM) is not None


def test_one_worker_is_kept_free_of_long_work():
    busy = [piece("a1", "a"), piece("b1", "b")]
    assert takeable([piece("c1", "c")], busy, ROOM) is None
    assert takeable([piece("c1", "c"), piece("c2", "c", long=False)], busy, ROOM) == piece("c2", "c", long=False)


def test_what_nobody_wants_yet_may_begin():
    assert takeable([piece("a1")], [piece("b1", "b")], ROOM) == piece("a1")
    assert order_of_turns([piece("a1")], {}) == [piece("a1")]
