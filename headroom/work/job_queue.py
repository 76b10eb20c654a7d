"""The queue of jobs that wait: bounded, for one visitor and for all, and with turns (`fairness`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from headroom.work import fairness
from simulator.errors import HeadroomError

MOST_WAITING = 144
MOST_OF_ONE = 36
"""Jobs in the queue: of everybody, and of one visitor, so that others find room."""


class Busy(HeadroomError):
    """More work waits than the server accepts."""


class JobQueue:
    """Keys of waiting jobs, in the order of their arrival. Not safe to use from several threads at once.

    piece: returns what fairness needs to know of the job of a key. room: the most jobs that may be under way at once.
    """

    def __init__(self, piece: Callable[[str], fairness.Piece], room: fairness.Room) -> None:
        self._piece, self._room = piece, room
        self._keys: list[str] = []
        self._served: dict[str, int] = {}

    def check_bounds(self, visitor: str, more: int) -> None:
        """Raise Busy when `more` further jobs would exceed the bound of this visitor or of the whole queue."""
        waiting = sum(visitor in self._piece(key).visitors for key in self._keys)
        if more and waiting + more > MOST_OF_ONE:
            raise Busy(
                f"{waiting} pieces of work already wait for this page and {more} would be added. Try again later."
            )
        if more and len(self._keys) + more > MOST_WAITING:
            raise Busy(f"{len(self._keys)} pieces of work already wait on this server. Try again in a minute.")

    def add(self, key: str) -> None:
        """Put a key at the end of the queue."""
        self._keys.append(key)

    def discard(self, key: str) -> None:
        """Remove a key from the queue, when it is in there."""
        if key in self._keys:
            self._keys.remove(key)

    def places(self) -> dict[str, int]:
        """Return the place of each key in the order of turns; 1 is next."""
        return {piece.key: place for place, piece in enumerate(self._line(), 1)}

    def next(self, busy: Iterable[str]) -> str | None:
        """Return the key whose turn it is while the jobs of `busy` are under way; None when no job may begin."""
        if not self._keys:
            return None
        piece = fairness.takeable(self._line(), [self._piece(key) for key in busy], self._room)
        return None if piece is None else piece.key

    def take(self, key: str) -> None:
        """Remove a key whose turn it is from the queue; its visitors go to the end of the line."""
        self._served |= dict.fromkeys(self._piece(key).visitors, max(self._served.values(), default=0) + 1)
        self._keys.remove(key)

    def forget_all_but(self, visitors: frozenset[str]) -> None:
        """Forget when visitors other than these were last served."""
        self._served = {visitor: turn for visitor, turn in self._served.items() if visitor in visitors}

    def _line(self) -> list[fairness.Piece]:
        return fairness.order_of_turns([self._piece(key) for key in self._keys], self._served)
