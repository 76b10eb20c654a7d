"""Target tracking as Application Auto Scaling does it, for a metric published each period.

High alarm: 3 periods running above the target. Low alarm: 15 periods running below 0.9 of it; with periods of 10 s, 3
and 90 (facts rows 2.10, 2.11). Each datum that keeps an alarm up is acted on after a publishing and evaluation delay
(row 2.12): desired = ceil(current x observed / target), within the bounds (row 2.20). During the scale-out cooldown
the capacity just added counts as if it were already in service, so that only a bigger scale-out proceeds (row 2.22);
during the scale-in cooldown no scale-in does (row 2.23). Between 0.9 of the target and the target nothing happens (row
2.8).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

HIGH_PERIODS = 3
LOW_PERIODS = 15
HIGH_RESOLUTION_LOW_PERIODS = 90
LOW_RATIO = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Fewest and most instances."""

    least: int
    most: int

    def clamp(self, count: int) -> int:
        """The nearest count within the bounds."""
        return max(self.least, min(self.most, count))


@dataclass(slots=True)
class _Pending:
    at_s: float
    high: bool
    metric: float
    in_service: int


@dataclass(slots=True)
class TargetTracking:
    """One policy on one metric. delay_s() draws the time from the end of a period to the decision on it.

    scales_in: False when scale-in is disabled. waits_at_bounds: no decisions are made while the bounds forbid what the
    alarm asks for; switch it off when the bounds change on a schedule.
    """

    target: float
    scale_out_cooldown_s: float
    scale_in_cooldown_s: float
    bounds: Bounds
    delay_s: Callable[[], float]
    low_periods: int = LOW_PERIODS
    scales_in: bool = True
    waits_at_bounds: bool = True
    _above: int = 0
    _below: int = 0
    _wish: int | None = None
    _delay_s: float = 0.0
    _out_until_s: float = -math.inf
    _in_until_s: float = -math.inf
    _pending: deque[_Pending] = field(default_factory=deque)

    def observe(self, now_s: float, metric: float | None, in_service: int, desired: int | None = None) -> None:
        """The period that ended at now_s had this mean or sum per instance; None when the metric has no datum.

        desired: instances in service and on their way, left out when none is on its way.
        """
        was_calm = not self._alarm()
        self._above = self._above + 1 if metric is not None and metric > self.target else 0
        self._below = self._below + 1 if self._low(metric) else 0
        if self._below < self.low_periods:
            self._wish = None
        if not self._alarm() or metric is None:
            return
        if was_calm:
            self._delay_s = self.delay_s()
        if self.waits_at_bounds and self._at_the_bound(in_service, in_service if desired is None else desired):
            return
        self._pending.append(_Pending(now_s + self._delay_s, self._above >= HIGH_PERIODS, metric, in_service))

    def next_s(self) -> float:
        """When the next decision is due."""
        return self._pending[0].at_s if self._pending else math.inf

    def asks_out(self) -> bool:
        """Whether the next decision is about a scale-out."""
        return bool(self._pending) and self._pending[0].high

    def decide(self, now_s: float, desired: int) -> int:
        """Decide on what is due, alone; return the new desired count."""
        wanted = self.propose(now_s, desired)
        self.accept(now_s, desired, wanted)
        return wanted

    def propose(self, now_s: float, desired: int) -> int:
        """What this policy makes of what is due; nothing has happened yet."""
        due = self._pending.popleft()
        if due.high:
            base = due.in_service if now_s < self._out_until_s else desired
            return max(desired, min(self.bounds.most, self._wanted(base, due.metric)))
        self._wish = max(self.bounds.least, self._wanted(due.in_service, due.metric))
        return desired if now_s < self._in_until_s else min(desired, self._wish)

    def accept(self, now_s: float, before: int, after: int) -> None:
        """The desired count was changed, by this policy or another one of the same target."""
        if after > before:
            self._out_until_s = now_s + self.scale_out_cooldown_s
        if after != before:
            self._in_until_s = now_s + self.scale_in_cooldown_s

    def leaves(self, now_s: float, desired: int) -> int:
        """How few instances this policy lets another one leave: scale-in needs all to agree (facts row 2.24).

        It agrees from its own first decision to scale in until its low alarm is over.
        """
        if not self.scales_in:
            return desired if self._above >= HIGH_PERIODS else 0
        return desired if self._wish is None or now_s < self._in_until_s else self._wish

    def limit(self, bounds: Bounds) -> None:
        """From now on these bounds hold."""
        self.bounds = bounds

    def _low(self, metric: float | None) -> bool:
        return self.scales_in and metric is not None and metric < LOW_RATIO * self.target

    def _alarm(self) -> bool:
        return self._above >= HIGH_PERIODS or self._below >= self.low_periods

    def _at_the_bound(self, in_service: int, desired: int) -> bool:
        """Whether the alarm asks for what the bounds forbid, so that no decision is needed."""
        return in_service >= self.bounds.most if self._above else desired <= self.bounds.least

    def _wanted(self, base: int, metric: float) -> int:
        # The tolerance keeps a load of exactly n targets at n in spite of rounding.
        return math.ceil(base * metric / self.target - 1e-9)
