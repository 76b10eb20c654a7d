"""What starts the first instance of an endpoint at zero, where target tracking sees no metric (facts row 4.11).

An alarm rises after so many periods in which its condition holds. Each datum that keeps it up is acted on after a
publishing and evaluation delay (row 2.12): one instance more, within the bounds, unless the last one was added less
than a cooldown ago (row 2.25). So a second instance is asked for when the first takes longer than the cooldown to
come into service.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.scaling.tracking import Bounds

STEP_PERIODS = 2
STEP_COOLDOWN_S = 300.0


@dataclass(slots=True)
class Wake:
    """One policy. delay_s() draws the time from the end of a period to the decision on it."""

    periods: int
    cooldown_s: float
    most: int
    delay_s: Callable[[], float]
    _up: int = 0
    _delay_s: float = 0.0
    _until_s: float = -math.inf
    _pending: deque[float] = field(default_factory=deque)

    def observe(self, now_s: float, up: bool) -> None:
        """The condition held, or not, in the period that ended at now_s."""
        self._up = self._up + 1 if up else 0
        if self._up == self.periods:
            self._delay_s = self.delay_s()
        if self._up >= self.periods:
            self._pending.append(now_s + self._delay_s)

    def next_s(self) -> float:
        """When the next decision is due."""
        return self._pending[0] if self._pending else math.inf

    def asks_out(self) -> bool:
        """It never asks for anything else."""
        return bool(self._pending)

    def decide(self, now_s: float, desired: int) -> int:
        """Decide on what is due, alone; return the new desired count."""
        wanted = self.propose(now_s, desired)
        self.accept(now_s, desired, wanted)
        return wanted

    def propose(self, now_s: float, desired: int) -> int:
        """One instance more, unless the cooldown or the bounds forbid it."""
        self._pending.popleft()
        return desired if now_s < self._until_s or desired >= self.most else desired + 1

    def accept(self, now_s: float, before: int, after: int) -> None:
        """The desired count was changed."""
        if after > before:
            self._until_s = now_s + self.cooldown_s

    def leaves(self, _now_s: float, _desired: int) -> int:
        """At zero instances nobody scales in: no opinion."""
        return 0

    def limit(self, bounds: Bounds) -> None:
        """From now on these bounds hold."""
        self.most = bounds.most
