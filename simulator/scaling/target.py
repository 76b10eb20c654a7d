"""A scalable target: everything that may change one capacity, and what becomes of it when several speak at once.

Any policy may scale out, and the largest capacity wins. Scale-in happens only when all agree, to the largest of what
they would leave (facts row 2.24). A change starts the cooldowns of all policies, each with its own length. A scheduled
action sets the bounds, and capacity follows at once, whatever the cooldowns (row 2.26). A scale-out beyond the quota is
refused whole, nothing is added, and no cooldown begins (row 2.28). While it is held, as during an update of the
endpoint, policies decide nothing, and scheduled actions wait until it is over.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.scaling.tracking import Bounds
from simulator.scaling.wake import Wake


class Policy(Protocol):
    """One scaling policy, fed with its metric by the pattern."""

    def next_s(self) -> float:
        """When the next decision is due."""

    def asks_out(self) -> bool:
        """Whether the next decision is about a scale-out."""

    def propose(self, now_s: float, desired: int) -> int:
        """What this policy makes of what is due; nothing has happened yet."""

    def accept(self, now_s: float, before: int, after: int) -> None:
        """The desired count was changed."""

    def leaves(self, now_s: float, desired: int) -> int:
        """How few instances this policy lets another one leave."""

    def limit(self, bounds: Bounds) -> None:
        """From now on these bounds hold."""


@dataclass(frozen=True, slots=True)
class Change:
    """A scheduled action at one of its times."""

    at_s: float
    bounds: Bounds


@dataclass(slots=True)
class ScalableTarget:
    """changes: scheduled actions by time. quota: most that may be asked for, None when there is no such limit."""

    policies: Sequence[Policy] = ()
    changes: Sequence[Change] = ()
    quota: int | None = None
    refused: int = 0
    _done: int = 0

    def next_s(self, *, held: bool = False) -> float:
        """When the next decision is due."""
        due_s = [policy.next_s() for policy in self.policies]
        if not held:
            due_s.append(self._next_change_s())
        return min(due_s, default=math.inf)

    def decide(self, now_s: float, desired: int, *, held: bool = False) -> int:
        """Decide on one thing that is due, scheduled actions first, then scale-outs; return the new desired count."""
        if not held and self._next_change_s() <= now_s:
            return self._reschedule(desired)
        due = [policy for policy in self.policies if policy.next_s() <= now_s]
        policy = next((policy for policy in due if policy.asks_out()), due[0])
        wanted = policy.propose(now_s, desired)
        if held:
            return desired
        if wanted < desired:
            others = (other.leaves(now_s, desired) for other in self.policies if other is not policy)
            wanted = min(desired, max(wanted, *others, 0))
        wanted = self._granted(wanted, desired)
        for told in self._told(policy):
            told.accept(now_s, desired, wanted)
        return wanted

    def _next_change_s(self) -> float:
        return self.changes[self._done].at_s if self._done < len(self.changes) else math.inf

    def _reschedule(self, desired: int) -> int:
        bounds = self.changes[self._done].bounds
        self._done += 1
        for policy in self.policies:
            policy.limit(bounds)
        return self._granted(bounds.clamp(desired), desired)

    def _granted(self, wanted: int, desired: int) -> int:
        if self.quota is not None and wanted > max(desired, self.quota):
            self.refused += 1
            return desired
        return wanted

    def _told(self, actor: Policy) -> Sequence[Policy]:
        """Whose cooldowns a change by the actor starts. Waking from zero is a matter apart."""
        if isinstance(actor, Wake):
            return (actor,)
        return [policy for policy in self.policies if not isinstance(policy, Wake)]
