"""Whose turn it is when work waits, so that the work of one visitor never holds up that of another.

Visitors take turns: the one who was served longest ago comes first, and the work of each stays in its order. A visitor
has at most so many workers at once and one piece of long work, and one worker is always free of long work. Plain
values, no threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    """A piece of work: its key, the visitors who want it, and whether it is long (may take many seconds)."""

    key: str
    long: bool
    visitors: frozenset[str]


class Room(NamedTuple):
    """The most pieces that may be under way at once: of one visitor, and of long work."""

    of_one_visitor: int
    long: int


def order_of_turns(waiting: Sequence[Piece], served: Mapping[str, int]) -> list[Piece]:
    """Return the waiting pieces (given first come first) in the order in which their turn comes.

    served: by visitor, a number that is higher the later the visitor was last served; absent for one who never was.
    """
    remaining, turns, ordered = list(waiting), dict(served), []
    turn = max(turns.values(), default=0)
    while remaining:
        piece = min(
            remaining, key=lambda candidate: min((turns.get(visitor, 0) for visitor in candidate.visitors), default=0)
        )
        remaining.remove(piece)
        ordered.append(piece)
        turn += 1
        turns |= dict.fromkeys(piece.visitors, turn)
    return ordered


def takeable(waiting: Sequence[Piece], busy: Sequence[Piece], room: Room) -> Piece | None:
    """Return the first piece of the line that may begin now; None when there is none."""
    return next((piece for piece in waiting if _may_begin(piece, busy, room)), None)


def _may_begin(piece: Piece, busy: Sequence[Piece], room: Room) -> bool:
    if piece.long and sum(other_piece.long for other_piece in busy) >= room.long:
        return False
    return not piece.visitors or any(_has_room(visitor, piece, busy, room) for visitor in piece.visitors)


def _has_room(visitor: str, piece: Piece, busy: Sequence[Piece], room: Room) -> bool:
    under_way = [other_piece for other_piece in busy if visitor in other_piece.visitors]
    return len(under_way) < room.of_one_visitor and not (
        piece.long and any(other_piece.long for other_piece in under_way)
    )
