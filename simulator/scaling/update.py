"""A blue/green update of an endpoint: a second fleet comes up, takes over in steps, and the first one ends.

Traffic follows the instances: when a share of it moves, that share of the old instances stops taking requests and as
many new ones begin. So a step moves capacity with the traffic; that the rest of the old fleet could still help is left
out (facts row 2.45).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from simulator.model.faults import EndpointUpdate
from simulator.scaling.asked import Asked


@dataclass(slots=True)
class Update:
    """One update under way. old: instances in service when it began; count: instances of the new fleet.

    Once all of the new fleet are provisioned the steps begin; after the last the old fleet stays for the termination
    wait.
    """

    spec: EndpointUpdate
    asked: Asked
    old: int
    count: int
    standing: int = 0
    new: list[int] = field(default_factory=list)
    _steps: list[tuple[float, float]] = field(default_factory=list)
    _ends_s: float = math.inf

    def next_s(self) -> float:
        """When something of the update happens next."""
        return min(self.asked.next_s(), self._steps[0][0] if self._steps else self._ends_s)

    def moved(self, now_s: float) -> float | None:
        """The share that has moved when a step is due now, None when none is."""
        self.standing += self.asked.take(now_s)
        if math.isinf(self._ends_s) and self.standing == self.count:
            shares = self.spec.shares
            self._steps = [(now_s + k * self.spec.wait_s, share) for k, share in enumerate(shares)]
            self._ends_s = self._steps[-1][0] + self.spec.termination_wait_s
        due = [share for at_s, share in self._steps if at_s <= now_s]
        self._steps = self._steps[len(due) :]
        return due[-1] if due else None

    def over(self, now_s: float) -> bool:
        """Whether the old fleet may end."""
        return not self._steps and now_s >= self._ends_s

    def paid(self, while_provisioning: bool) -> int:
        """Instances of the new fleet that are paid for and take no requests yet."""
        return self.standing + (len(self.asked.coming_s) if while_provisioning else 0)
