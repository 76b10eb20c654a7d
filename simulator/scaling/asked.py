"""Instances that were asked for and are not ready yet: of some the provisioning waits, of the others it runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


def at_once(now_s: float) -> float:
    """Provisioning begins when it is asked for."""
    return now_s


@dataclass(frozen=True, slots=True)
class Provisioning:
    """ready_s(count) draws the times from the beginning of provisioning until each of so many instances, asked for
    together, is in service; starts_s(now) says when provisioning that is asked for now begins.
    """

    ready_s: Callable[[int], Sequence[float]]
    starts_s: Callable[[float], float] = at_once


@dataclass(slots=True)
class Asked:
    """later_s: when the provisioning of those that wait begins; coming_s: when the others are ready."""

    provisioning: Provisioning
    later_s: list[float] = field(default_factory=list)
    coming_s: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        """Instances on their way."""
        return len(self.later_s) + len(self.coming_s)

    def next_s(self) -> float:
        """When the next provisioning begins or ends."""
        return min(min(self.later_s, default=math.inf), min(self.coming_s, default=math.inf))

    def ask(self, now_s: float, count: int) -> None:
        """So many more."""
        starts_s = self.provisioning.starts_s(now_s)
        if starts_s > now_s:
            self.later_s.extend([starts_s] * count)
            return
        self.coming_s.extend(now_s + ready_s for ready_s in self.provisioning.ready_s(count))

    def take(self, now_s: float) -> int:
        """How many became ready up to now; they are given away. What waited until now begins."""
        for at_s in sorted({at_s for at_s in self.later_s if at_s <= now_s}):
            count = self.later_s.count(at_s)
            self.later_s = [other_s for other_s in self.later_s if other_s != at_s]
            self.ask(at_s, count)
        ready = sum(at_s <= now_s for at_s in self.coming_s)
        self.coming_s = [at_s for at_s in self.coming_s if at_s > now_s]
        return ready

    def cancel(self, most: int) -> int:
        """Take back at most so many, those first that would be ready last; returns how many."""
        waiting = min(most, len(self.later_s))
        self.later_s = sorted(self.later_s)[: len(self.later_s) - waiting]
        coming = min(most - waiting, len(self.coming_s))
        if coming:
            self.coming_s = sorted(self.coming_s)[: len(self.coming_s) - coming]
        return waiting + coming
