"""Instances of an endpoint: asked for, provisioned, in service, draining, gone; and what of it is billed.

An instance is in service one provisioning time (log-normal, facts rows 2.30 to 2.33) and one model load after it was
asked for. A scale-in first cancels what is still being provisioned, newest first, then drains the instances with the
highest numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fleet:
    """Numbers 0 .. size-1 stand for places of instances.

    ready_s() draws the time from asking for an instance until it is in service; together_s() what all instances of
    one scale-out wait for in addition.
    """

    size: int
    ready_s: Callable[[], float]
    together_s: Callable[[], float] = lambda: 0.0
    in_service: list[int] = field(default_factory=list)
    draining: list[int] = field(default_factory=list)
    _coming: list[float] = field(default_factory=list)

    @property
    def desired(self) -> int:
        """Instances in service or on their way."""
        return len(self.in_service) + len(self._coming)

    @property
    def provisioning(self) -> int:
        """Instances on their way."""
        return len(self._coming)

    def next_ready_s(self) -> float:
        """When the next instance comes into service."""
        return min(self._coming, default=math.inf)

    def start(self, count: int) -> list[int]:
        """So many instances are in service from the beginning; returns their numbers."""
        return [self._place() for _ in range(count)]

    def arrive(self, now_s: float) -> list[int]:
        """Take into service what is ready by now; returns the numbers."""
        ready = sum(at_s <= now_s for at_s in self._coming)
        self._coming = [at_s for at_s in self._coming if at_s > now_s]
        return [self._place() for _ in range(ready)]

    def resize(self, now_s: float, desired: int) -> list[int]:
        """Ask for more, or cancel and drain; returns the numbers of the instances that must drain now."""
        change = desired - self.desired
        if change > 0:
            extra_s = self.together_s()
            self._coming.extend(now_s + self.ready_s() + extra_s for _ in range(change))
            return []
        cancelled = min(-change, len(self._coming))
        if cancelled:
            # The newest are those that would be ready last.
            self._coming = sorted(self._coming)[: len(self._coming) - cancelled]
        leaving = sorted(self.in_service)[len(self.in_service) - (-change - cancelled) :] if -change > cancelled else []
        self.in_service = [number for number in self.in_service if number not in leaving]
        self.draining.extend(leaving)
        return leaving

    def gone(self, numbers: list[int]) -> None:
        """These draining instances have finished their work."""
        self.draining = [number for number in self.draining if number not in numbers]

    def billed(self, while_provisioning: bool) -> int:
        """Instances that are paid for at this moment."""
        paid = len(self.in_service) + len(self.draining)
        return paid + len(self._coming) if while_provisioning else paid

    def _place(self) -> int:
        taken = set(self.in_service) | set(self.draining)
        number = next(number for number in range(self.size) if number not in taken)
        self.in_service.append(number)
        return number
