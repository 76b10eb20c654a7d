"""How often visitors may do something that costs the server: so many times in a while, each and all together."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from simulator.errors import HeadroomError


class TooOften(HeadroomError):
    """A visitor, or all together, did something more often than the server allows."""


class RateLimit:
    """At most so many times within window_s seconds. Safe to use from many threads.

    what: names it in the message, such as "short links". clock: seconds, from any moment on.
    """

    def __init__(
        self,
        what: str,
        *,
        of_one: int,
        of_all: int,
        window_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what, self._of_one, self._of_all, self._window_s = what, of_one, of_all, window_s
        self._clock, self._lock = clock, threading.Lock()
        self._times: deque[tuple[float, str]] = deque()

    def note(self, visitor: str) -> None:
        """Note that the visitor does it now; raises TooOften, and notes nothing, when that is too often."""
        with self._lock:
            now_s = self._clock()
            while self._times and self._times[0][0] <= now_s - self._window_s:
                self._times.popleft()
            own = sum(other == visitor for _, other in self._times)
            if own >= self._of_one or len(self._times) >= self._of_all:
                whose = f"{own} of yours" if own >= self._of_one else f"{len(self._times)} of all visitors"
                minutes = max(1, round((self._times[0][0] + self._window_s - now_s) / 60))
                raise TooOften(
                    f"{self._what}: {whose} within {self._window_s / 60:.0f} minutes are as many as this server makes. "
                    f"Try again in {minutes} min, or download the file."
                )
            self._times.append((now_s, visitor))
