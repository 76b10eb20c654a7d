"""Target tracking as Application Auto Scaling does it, for a metric published each period.

High alarm: 3 periods running above the target. Low alarm: 15 periods running below 0.9 of it (facts rows 2.10, 2.11).
Each datum that keeps an alarm up is acted on after a publishing and evaluation delay (row 2.12): desired =
ceil(current x observed / target), within the bounds (row 2.20). During the scale-out cooldown the capacity just added
counts as if it were already in service, so that only a bigger scale-out proceeds (row 2.22); during the scale-in
cooldown no scale-in does (row 2.23). Between 0.9 of the target and the target nothing happens (row 2.8).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

HIGH_PERIODS = 3
LOW_PERIODS = 15
LOW_RATIO = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Fewest and most instances."""

    least: int
    most: int


@dataclass(slots=True)
class _Pending:
    at_s: float
    high: bool
    metric: float
    in_service: int


@dataclass(slots=True)
class TargetTracking:
    """One policy on one metric. delay_s() draws the time from the end of a period to the decision on it."""

    target: float
    scale_out_cooldown_s: float
    scale_in_cooldown_s: float
    bounds: Bounds
    delay_s: Callable[[], float]
    _above: int = 0
    _below: int = 0
    _delay_s: float = 0.0
    _out_until_s: float = -math.inf
    _in_until_s: float = -math.inf
    _pending: deque[_Pending] = field(default_factory=deque)

    def observe(self, now_s: float, metric: float | None, in_service: int) -> None:
        """The period that ended at now_s had this mean or sum per instance; None when the metric has no datum."""
        was_calm = not self._alarm()
        self._above = self._above + 1 if metric is not None and metric > self.target else 0
        self._below = self._below + 1 if metric is not None and metric < LOW_RATIO * self.target else 0
        if not self._alarm() or metric is None:
            return
        if was_calm:
            self._delay_s = self.delay_s()
        if self._at_the_bound(in_service):
            return
        self._pending.append(_Pending(now_s + self._delay_s, self._above >= HIGH_PERIODS, metric, in_service))

    def next_s(self) -> float:
        """When the next decision is due."""
        return self._pending[0].at_s if self._pending else math.inf

    def decide(self, now_s: float, desired: int) -> int:
        """Decide on what is due; return the new desired count."""
        due = self._pending.popleft()
        if due.high:
            return self._scale_out(now_s, due, desired)
        return self._scale_in(now_s, due, desired)

    def _alarm(self) -> bool:
        return self._above >= HIGH_PERIODS or self._below >= LOW_PERIODS

    def _at_the_bound(self, in_service: int) -> bool:
        """Whether the alarm asks for what the bounds forbid, so that no decision is needed."""
        return in_service >= self.bounds.most if self._above else in_service <= self.bounds.least

    def _scale_out(self, now_s: float, due: _Pending, desired: int) -> int:
        base = due.in_service if now_s < self._out_until_s else desired
        wanted = min(self.bounds.most, self._wanted(base, due.metric))
        if wanted <= desired:
            return desired
        self._out_until_s = now_s + self.scale_out_cooldown_s
        self._in_until_s = now_s + self.scale_in_cooldown_s
        return wanted

    def _scale_in(self, now_s: float, due: _Pending, desired: int) -> int:
        wanted = max(self.bounds.least, self._wanted(due.in_service, due.metric))
        if wanted >= desired or now_s < self._in_until_s:
            return desired
        self._in_until_s = now_s + self.scale_in_cooldown_s
        return wanted

    def _wanted(self, base: int, metric: float) -> int:
        # The tolerance keeps a load of exactly n targets at n in spite of rounding.
        return math.ceil(base * metric / self.target - 1e-9)
