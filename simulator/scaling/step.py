"""Step scaling as Application Auto Scaling does it: how far a metric is beyond a threshold says how much to change.

The alarm rises after so many periods running at or beyond the threshold. Each datum that keeps it up is acted on after
a publishing and evaluation delay (facts row 2.12) by the step that the distance from the threshold falls into. During
the cooldown a scale-out starts from the capacity before the last one, so that only a bigger step adds anything, and
nothing is taken away; percentages are rounded towards zero, but to no less than one (row 2.25).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.scaling.tracking import Bounds

CHANGE, PERCENT, EXACT = "ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What to do how far from the threshold.

    above: whether the metric breaches at or above the threshold, or at or below it. ladder: (distance, adjustment) by
    rising distance; an adjustment holds from its distance to the next. least_change: of a change in percent.
    """

    threshold: float
    above: bool
    kind: str
    ladder: tuple[tuple[float, float], ...]
    least_change: int = 0

    def breached(self, metric: float) -> bool:
        """Whether the metric is at or beyond the threshold."""
        return self.distance(metric) >= 0

    def distance(self, metric: float) -> float:
        """How far the metric is beyond the threshold."""
        return metric - self.threshold if self.above else self.threshold - metric

    def wanted(self, current: int, metric: float) -> int:
        """The capacity that the step for this metric makes of the current one."""
        fitting = [adjustment for distance, adjustment in self.ladder if distance <= self.distance(metric)]
        if not fitting or (fitting[-1] == 0 and self.kind != EXACT):
            return current
        adjustment = fitting[-1]
        if self.kind == EXACT:
            return round(adjustment)
        change = adjustment if self.kind == CHANGE else current * adjustment / 100
        # The tolerance keeps ten per cent of thirty at three in spite of rounding.
        size = max(1, math.floor(abs(change) + 1e-9))
        if self.kind == PERCENT:
            size = max(size, self.least_change)
        return current + (size if adjustment > 0 else -size)


@dataclass(slots=True)
class StepScaling:
    """One policy on one metric. delay_s() draws the time from the end of a period to the decision on it."""

    steps: Steps
    periods: int
    cooldown_s: float
    bounds: Bounds
    delay_s: Callable[[], float]
    _up: int = 0
    _delay_s: float = 0.0
    _base: int = 0
    _out_until_s: float = -math.inf
    _in_until_s: float = -math.inf
    _pending: deque[tuple[float, float]] = field(default_factory=deque)

    def observe(self, now_s: float, metric: float | None, _in_service: int, _desired: int | None = None) -> None:
        """The period that ended at now_s had this value; None when the metric has no datum."""
        self._up = self._up + 1 if metric is not None and self.steps.breached(metric) else 0
        if self._up < self.periods or metric is None:
            return
        if self._up == self.periods:
            self._delay_s = self.delay_s()
        self._pending.append((now_s + self._delay_s, metric))

    def next_s(self) -> float:
        """When the next decision is due."""
        return self._pending[0][0] if self._pending else math.inf

    def asks_out(self) -> bool:
        """Whether the next decision is about a scale-out."""
        return bool(self._pending) and self.steps.above

    def propose(self, now_s: float, desired: int) -> int:
        """What this policy makes of what is due; nothing has happened yet."""
        _, metric = self._pending.popleft()
        base = self._base if now_s < self._out_until_s else desired
        wanted = self.bounds.clamp(self.steps.wanted(base, metric))
        return desired if wanted < desired and now_s < self._in_until_s else wanted

    def accept(self, now_s: float, before: int, after: int) -> None:
        """The desired count was changed, by this policy or another one of the same target."""
        if after > before:
            if now_s >= self._out_until_s:
                self._base = before
            self._out_until_s = self._in_until_s = now_s + self.cooldown_s
        elif after < before:
            self._out_until_s, self._in_until_s = -math.inf, now_s + self.cooldown_s

    def leaves(self, _now_s: float, desired: int) -> int:
        """How few instances this policy lets another one leave: while it asks for more, none may go."""
        return desired if self.steps.above and self._up >= self.periods else 0

    def limit(self, bounds: Bounds) -> None:
        """From now on these bounds hold."""
        self.bounds = bounds
