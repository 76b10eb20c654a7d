"""Instances of an endpoint: asked for, provisioned, in service, draining, gone; and what of it is billed.

An instance is in service one provisioning time (log-normal, facts rows 2.30 to 2.33) and one model load after it was
asked for. A scale-in first cancels what is still being provisioned, newest first, then drains the instances with the
highest numbers. An instance that dies is replaced; until that is asked for it still counts as desired.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field

from simulator.model.faults import EndpointUpdate
from simulator.scaling.asked import Asked, Provisioning, at_once
from simulator.scaling.update import Update


@dataclass(slots=True)
class Fleet:
    """Numbers 0 .. size-1 stand for places of instances.

    ready_s, starts_s: how an instance is provisioned, see Provisioning. replacement_delay_s: from the death
    of an instance until another is asked for. waits: scaling stands still while instances are on their way.
    """

    size: int
    ready_s: InitVar[Callable[[int], Sequence[float]]]
    starts_s: InitVar[Callable[[float], float]] = at_once
    replacement_delay_s: float = 0.0
    waits: bool = False
    in_service: list[int] = field(default_factory=list)
    draining: list[int] = field(default_factory=list)
    _provisioning: Provisioning = field(init=False)
    _asked: Asked = field(init=False)
    _update: Update | None = None
    _leaving: list[int] = field(default_factory=list)
    _held: set[int] = field(default_factory=set)

    def __post_init__(self, ready_s: Callable[[int], Sequence[float]], starts_s: Callable[[float], float]) -> None:
        self._provisioning = Provisioning(ready_s, starts_s)
        self._asked = Asked(self._provisioning)

    @property
    def desired(self) -> int:
        """Instances in service or on their way."""
        return len(self.in_service) + len(self._asked)

    @property
    def provisioning(self) -> int:
        """Instances on their way, and those of a new fleet that stand by."""
        update = self._update
        return len(self._asked) + (len(update.asked) + update.standing if update else 0)

    @property
    def updating(self) -> bool:
        """Whether an update is under way, or instances are and scaling waits for them; it stands still meanwhile."""
        return self._update is not None or (self.waits and len(self._asked) > 0)

    def next_ready_s(self) -> float:
        """When the fleet changes next by itself: `arrive` and `retire` must be called then."""
        return min(self._asked.next_s(), self._update.next_s() if self._update else math.inf)

    def start(self, count: int) -> list[int]:
        """So many instances are in service from the beginning; returns their numbers."""
        return [self._place() for _ in range(count)]

    def arrive(self, now_s: float) -> list[int]:
        """Take into service what is ready by now; returns the numbers. Ask `retire` afterwards."""
        arrived = [self._place() for _ in range(self._asked.take(now_s))]
        return arrived + self._shift(now_s) if self._update else arrived

    def retire(self, now_s: float) -> list[int]:
        """The instances that must drain now because an update moved their traffic, or is over."""
        leaving, self._leaving = self._leaving, []
        self._drain(leaving)
        if self._update is None:
            return leaving
        self._held.update(leaving)
        return leaving + self._finish(now_s, self._update) if self._update.over(now_s) else leaving

    def resize(self, now_s: float, desired: int) -> list[int]:
        """Ask for more, or cancel and drain; returns the numbers of the instances that must drain now. Nothing happens
        during an update.
        """
        if self._update:
            return []
        change = desired - self.desired
        if change > 0:
            self._asked.ask(now_s, change)
            return []
        drained = -change - self._asked.cancel(-change)
        leaving = sorted(self.in_service)[len(self.in_service) - drained :] if drained else []
        self._drain(leaving)
        return leaving

    def lose(self, now_s: float, numbers: list[int]) -> None:
        """These instances are dead. Those that were in service are replaced."""
        lost = [number for number in self.in_service if number in numbers]
        self.in_service = [number for number in self.in_service if number not in numbers]
        self.draining = [number for number in self.draining if number not in numbers]
        self._leaving = [number for number in self._leaving if number not in numbers]
        self._held.difference_update(numbers)
        self._asked.later_s.extend([now_s + self.replacement_delay_s] * len(lost))

    def update(self, now_s: float, spec: EndpointUpdate) -> None:
        """Begin an update with a new fleet of the desired size; refused while another one is under way."""
        if self._update or not self.desired:
            return
        asked = Asked(self._provisioning)
        asked.ask(now_s, self.desired)
        self._update = Update(spec, asked, len(self.in_service), self.desired)

    def gone(self, numbers: list[int]) -> None:
        """These draining instances have finished their work."""
        self.draining = [number for number in self.draining if number not in numbers or number in self._held]

    def billed(self, while_provisioning: bool) -> int:
        """Instances that are paid for at this moment. What waits for its provisioning to begin is not."""
        paid = len(self.in_service) + len(self.draining)
        if self._update:
            paid += self._update.paid(while_provisioning)
        return paid + len(self._asked.coming_s) if while_provisioning else paid

    def _drain(self, leaving: list[int]) -> None:
        self.in_service = [number for number in self.in_service if number not in leaving]
        self.draining.extend(leaving)

    def _shift(self, now_s: float) -> list[int]:
        """A step of the update: new instances take requests, as many old ones stop."""
        update = self._update
        share = update.moved(now_s) if update else None
        if update is None or share is None:
            return []
        more = math.ceil(share * update.count - 1e-9) - len(update.new)
        begun = [self._place() for _ in range(more)]
        update.new.extend(begun)
        update.standing -= more
        old = sorted(number for number in self.in_service if number not in update.new)
        self._leaving = old[math.floor((1 - share) * update.old + 1e-9) :]
        return begun

    def _finish(self, now_s: float, update: Update) -> list[int]:
        """The old fleet may go; what the new one lacks or has too many is put right."""
        self._held.clear()
        self._update = None
        return self.resize(now_s, update.count)

    def _place(self) -> int:
        taken = set(self.in_service) | set(self.draining)
        number = next(number for number in range(self.size) if number not in taken)
        self.in_service.append(number)
        return number
