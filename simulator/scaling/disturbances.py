"""The faults of a case, as the controller of a pattern meets them: when to look, who dies, what is slow, what waits.

A kernel knows nothing of faults. The controller stops it at next_s(), asks for what is due, and changes the kernel's
parameters or takes instances away.
"""

from __future__ import annotations

import math

from simulator.engine.replication import Case
from simulator.model.faults import (
    CapacityShortage,
    EndpointUpdate,
    Fault,
    InstanceLoss,
    SlowDependency,
    ZoneLoss,
    ends_s,
)
from simulator.scaling.fleet import Fleet


class Disturbances:
    """Faults by time; each event comes out of `due` once. refused_updates: those that the quota forbade."""

    def __init__(self, case: Case) -> None:
        by_time = sorted(case.faults, key=lambda fault: fault.at_s)
        self._slow = [fault for fault in by_time if isinstance(fault, SlowDependency)]
        self._shortages = [fault for fault in by_time if isinstance(fault, CapacityShortage)]
        self._events = [fault for fault in by_time if isinstance(fault, InstanceLoss | ZoneLoss | EndpointUpdate)]
        self._quota = case.assumptions.instances_per_endpoint_quota or math.inf
        self.refused_updates = 0
        self._edges_s = sorted({edge for fault in self._slow for edge in (fault.at_s, ends_s(fault))})

    def next_s(self) -> float:
        """When the controller must look next: an event, or a slow time that begins or ends."""
        event_s = self._events[0].at_s if self._events else math.inf
        return min(event_s, self._edges_s[0] if self._edges_s else math.inf)

    def due(self, now_s: float) -> list[Fault]:
        """The instance losses, zone losses and updates up to now that have not come out yet; forgets what is past."""
        self._edges_s = [edge for edge in self._edges_s if edge > now_s]
        due: list[Fault] = [fault for fault in self._events if fault.at_s <= now_s]
        self._events = self._events[len(due) :]
        return due

    def added_s(self, now_s: float) -> float:
        """What slow dependencies add to a service time that starts now."""
        return sum((fault.added_ms / 1000 for fault in self._slow if fault.at_s <= now_s < ends_s(fault)), start=0.0)

    def starts_s(self, now_s: float) -> float:
        """When the provisioning of an instance that is asked for now begins: now, or at the end of a shortage."""
        for fault in self._shortages:
            if fault.at_s <= now_s < ends_s(fault):
                now_s = ends_s(fault)
        return now_s

    def strike(self, now_s: float, fleet: Fleet) -> list[int]:
        """Let what is due happen to the fleet; returns the numbers of the instances that die now.

        An update while another is under way is refused, as AWS does, and one whose two fleets are more than the quota
        (facts row 10.8).
        """
        dead: list[int] = []
        for fault in self.due(now_s):
            if isinstance(fault, EndpointUpdate) and 2 * fleet.desired > self._quota:
                self.refused_updates += 1
            elif isinstance(fault, EndpointUpdate):
                fleet.update(now_s, fault)
            else:
                struck = victims(fault, fleet)
                fleet.lose(now_s, struck)
                dead.extend(struck)
        return dead


def victims(fault: Fault, fleet: Fleet) -> list[int]:
    """The instances that die with this fault: of those in service the lowest numbers, or every so many-th of all that
    run; none for other faults.
    """
    if isinstance(fault, InstanceLoss):
        return sorted(fleet.in_service)[: fault.instances]
    if isinstance(fault, ZoneLoss):
        return sorted(fleet.in_service + fleet.draining)[:: fault.zones]
    return []
