"""The queue of jobs that wait: bounded, for one visitor and for all, and with turns (`fairness`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from headroom.work import fairness
from simulator.errors import HeadroomError

MOST_WAITING = 144
MOST_OF_ONE = 36
"""Jobs in the queue: of everybody, and of one visitor, so that others find room."""


class Busy(HeadroomError):
    """More work waits than the server takes on."""


class JobQueue:
    """Keys of jobs that wait, first come first. Not safe to use from several threads at once.

    piece: what fairness needs to know of the job of a key. room: how many jobs may be under way at once.
    """

    def __init__(self, piece: Callable[[str], fairness.Piece], room: fairness.Room) -> None:
        self._piece, self._room = piece, room
        self._keys: list[str] = []
        self._served: dict[str, int] = {}

    def check_bounds(self, visitor: str, more: int) -> None:
        """Raises Busy when so many more would be too many, of this visitor or of all."""
        waiting = sum(visitor in self._piece(key).visitors for key in self._keys)
        if more and waiting + more > MOST_OF_ONE:
            raise Busy(
                f"{waiting} pieces of work already wait for this page and {more} would be added. Try again later."
            )
        if more and len(self._keys) + more > MOST_WAITING:
            raise Busy(f"{len(self._keys)} pieces of work already wait on this server. Try again in a minute.")

    def add(self, key: str) -> None:
        """Put it at the end."""
        self._keys.append(key)

    def discard(self, key: str) -> None:
        """Take it out if it is there."""
        if key in self._keys:
            self._keys.remove(key)

    def places(self) -> dict[str, int]:
        """Place by key in the order of turns, 1 next."""
        return {piece.key: place for place, piece in enumerate(self._line(), 1)}

    def next(self, busy: Iterable[str]) -> str | None:
        """The key whose turn it is while those of `busy` are under way; None when none may begin."""
        if not self._keys:
            return None
        piece = fairness.takeable(self._line(), [self._piece(key) for key in busy], self._room)
        return None if piece is None else piece.key

    def take(self, key: str) -> None:
        """Take out a key whose turn it is; its visitors go to the end of the line."""
        self._served |= dict.fromkeys(self._piece(key).visitors, max(self._served.values(), default=0) + 1)
        self._keys.remove(key)

    def forget_all_but(self, visitors: frozenset[str]) -> None:
        """Forget when others than these were served."""
        self._served = {visitor: turn for visitor, turn in self._served.items() if visitor in visitors}

    def _line(self) -> list[fairness.Piece]:
        return fairness.line([self._piece(key) for key in self._keys], self._served)
