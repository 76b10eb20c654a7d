"""What a run follows over time: the level of its gauges and the events that it counts, each declared once.

Names are what JSON, series and figures call them. As Literal types, a name that is misspelt does not pass the type
checker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from simulator.kernels.fates import Fate

GaugeName = Literal[
    "instances_in_service",
    "instances_billed",
    "provisioned_in_service",
    "provisioned_billed",
    "environments",
    "in_flight",
    "busy",
    "queued",
    "slots",
]
CountName = Literal["offered", "attempts", "cold_starts", Fate]
"""Requests by when they came, attempts by when they were made, cold starts, and requests by how they ended."""

Machine = Literal["instances", "environments", "any"]


@dataclass(frozen=True, slots=True)
class GaugeKind:
    """One gauge. unit: what it counts. machine: which patterns tell it: those on instances, on serverless environments,
    or all. peak: whether the largest value of each bin is kept beside the mean.
    """

    title: str
    unit: Literal["instances", "environments", "requests"]
    machine: Machine
    peak: bool = True


GAUGES: Final[Mapping[GaugeName, GaugeKind]] = {
    "instances_in_service": GaugeKind("instances in service", "instances", "instances"),
    "instances_billed": GaugeKind("instances paid for", "instances", "instances"),
    "provisioned_in_service": GaugeKind("provisioned environments", "environments", "environments"),
    "provisioned_billed": GaugeKind("provisioned environments paid for", "environments", "environments"),
    "environments": GaugeKind("environments, warm or busy", "environments", "environments"),
    "in_flight": GaugeKind("requests in flight, cold starts included", "requests", "environments"),
    "busy": GaugeKind("requests in work", "requests", "any", peak=False),
    "queued": GaugeKind("requests waiting", "requests", "instances"),
    "slots": GaugeKind("requests that can be in work at once", "requests", "any"),
}
