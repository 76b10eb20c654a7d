"""Faults that a scenario asks for: what goes wrong, and when. Inert values, each a line of the scenario.

Times are seconds from the start of the horizon. `simulator.scaling.disturbances` leads a pattern through them;
traffic spikes are part of the source of arrivals (`simulator.traffic.spiked`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated, Literal

from pydantic import Field

from simulator.fields import Spec, choice, quantity

MAX_FAULTS = 12


class _At(Spec):
    at_s: float = quantity(
        12 * 3600.0, "At", "When it happens, in seconds from the start of the horizon.", unit="s", ge=0, le=1e8
    )


class _Window(_At):
    lasts_s: float = quantity(600.0, "Lasts", "How long it holds.", unit="s", gt=0, le=1e7)


class InstanceLoss(_At):
    """Instances in service die at once, those with the lowest numbers; what they hold fails with them."""

    kind: Literal["instance_loss"] = "instance_loss"
    instances: int = quantity(1, "Instances", "How many die.", ge=1, le=1000)


class ZoneLoss(_At):
    """An availability zone goes: every so many-th instance dies, beginning with the first. Instances are replaced in
    the other zones; a rush for capacity there is a capacity shortage of its own.
    """

    kind: Literal["zone_loss"] = "zone_loss"
    zones: int = quantity(3, "Zones", "Zones that the instances are spread over; one of them goes.", ge=2, le=6)


class SlowDependency(_Window):
    """Something that the model waits for becomes slow: every service time that starts in the window is longer."""

    kind: Literal["slow_dependency"] = "slow_dependency"
    added_ms: float = quantity(200.0, "Added time", "Added to each service time.", unit="ms", gt=0, le=3.6e6)


class CapacityShortage(_Window):
    """AWS has no capacity of this instance type: what is asked for in the window is provisioned only when it ends."""

    kind: Literal["capacity_shortage"] = "capacity_shortage"


class TrafficSpike(_Window):
    """Arrivals are multiplied in the window. Those that would have come without it still come at the same times."""

    kind: Literal["traffic_spike"] = "traffic_spike"
    factor: float = quantity(5.0, "Factor", "Arrivals are multiplied by this.", ge=1, le=1000)


class EndpointUpdate(_At):
    """The endpoint is updated blue/green: a second fleet is provisioned, takes over the traffic, and the first ends."""

    kind: Literal["endpoint_update"] = "endpoint_update"
    traffic_routing: Literal["ALL_AT_ONCE", "CANARY", "LINEAR"] = choice(
        "ALL_AT_ONCE", "TrafficRoutingConfiguration", "How traffic moves to the new fleet.", row="2.45"
    )
    step_percent: float = quantity(
        10.0,
        "Size of a step",
        "Capacity that moves in the canary, or in each linear step; not used by ALL_AT_ONCE.",
        unit="%",
        ge=1,
        le=50,
        row="2.45",
    )
    wait_s: float = quantity(
        300.0, "WaitIntervalInSeconds", "Time between two steps.", unit="s", ge=0, le=3600, row="2.45"
    )
    termination_wait_s: float = quantity(
        0.0,
        "TerminationWaitInSeconds",
        "How long the old fleet stays, and is paid for, once all traffic has moved.",
        unit="s",
        ge=0,
        le=3600,
        row="2.45",
    )

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of the fleet that has moved after each step."""
        step = self.step_percent / 100
        if self.traffic_routing == "ALL_AT_ONCE":
            return (1.0,)
        if self.traffic_routing == "CANARY":
            return (step, 1.0)
        # The tolerance keeps ten steps of a tenth at ten in spite of rounding.
        return (*(k * step for k in range(1, 101) if k * step < 1 - 1e-9), 1.0)


Fault = Annotated[
    InstanceLoss | ZoneLoss | SlowDependency | CapacityShortage | TrafficSpike | EndpointUpdate,
    Field(discriminator="kind"),
]

KINDS: tuple[type[Spec], ...] = (InstanceLoss, ZoneLoss, SlowDependency, CapacityShortage, TrafficSpike, EndpointUpdate)

TITLES = {
    "instance_loss": "Instance loss",
    "zone_loss": "Zone loss",
    "slow_dependency": "Slow dependency",
    "capacity_shortage": "Capacity shortage",
    "traffic_spike": "Traffic spike",
    "endpoint_update": "Endpoint update",
}
"""Kind -> what it is called."""


def touching(faults: Iterable[Fault], kinds: Collection[str]) -> list[Fault]:
    """The faults of these kinds, by time."""
    return sorted((fault for fault in faults if fault.kind in kinds), key=lambda fault: fault.at_s)


def ends_s(fault: Fault) -> float:
    """When the cause is over: the end of its window, or the moment itself."""
    return fault.at_s + (fault.lasts_s if isinstance(fault, _Window) else 0.0)
