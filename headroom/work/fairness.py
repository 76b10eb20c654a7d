"""Whose turn it is when work waits, so that the work of one visitor never holds up that of another.

In the queue visitors take turns: whoever was served longest ago comes first, and each one's own work stays in its
order. One visitor has at most so many workers at once, and one piece of long work; and of all workers one is kept free
of long work. Plain values, no threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    """One piece of work: visitors are those who want it; long: it may take many seconds."""

    key: str
    long: bool
    visitors: frozenset[str]


class Room(NamedTuple):
    """How many pieces may be under way at once: of one visitor, and of long work."""

    each: int
    long: int


def line(waiting: Sequence[Piece], served: Mapping[str, int]) -> list[Piece]:
    """Those who wait (first come first) in the order in which it is their turn. served: visitor -> a number that is
    higher the later this visitor was served; without one they have not been served yet.
    """
    left, turns, found = list(waiting), dict(served), []
    now = max(turns.values(), default=0)
    while left:
        piece = min(left, key=lambda one: min((turns.get(who, 0) for who in one.visitors), default=0))
        left.remove(piece)
        found.append(piece)
        now += 1
        turns |= dict.fromkeys(piece.visitors, now)
    return found


def takeable(waiting: Sequence[Piece], busy: Sequence[Piece], room: Room) -> Piece | None:
    """The first of the line that may begin now."""
    return next((piece for piece in waiting if _may_begin(piece, busy, room)), None)


def _may_begin(piece: Piece, busy: Sequence[Piece], room: Room) -> bool:
    if piece.long and sum(one.long for one in busy) >= room.long:
        return False
    return not piece.visitors or any(_has_room(who, piece, busy, room) for who in piece.visitors)


def _has_room(visitor: str, piece: Piece, busy: Sequence[Piece], room: Room) -> bool:
    own = [one for one in busy if visitor in one.visitors]
    return len(own) < room.each and not (piece.long and any(one.long for one in own))
