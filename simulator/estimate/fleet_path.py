"""How many instances there are when: the scaling policy and the fleet of the engine, led through minutes of load.

The policy is the engine's own, and so are the draws of delays and provisioning times; only the metric comes from the
fast answer. What happens within a minute happens at its own time, as in the engine.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.estimate.load import Ground
from simulator.estimate.peak_concurrency import Peaks
from simulator.scaling.metrics import HIGH_RESOLUTION_S, PERIOD_S, Reading
from simulator.scaling.target import ScalableTarget
from simulator.scaling.tracking import TargetTracking

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Count = TypeVar("Count", int, Ints)
Draw = Callable[[int], Sequence[float]]
"""Times until so many instances, asked for together, are in service."""
Decides = TargetTracking | ScalableTarget


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """Between edges_s[i] and edges_s[i + 1]: instances in service, instances billed, expected arrivals. Edges are the
    minutes and the times of changes, from the start of the warm-up to the end of the horizon.
    """

    edges_s: Floats
    in_service: Ints
    billed: Ints
    expected: Floats

    @property
    def length_s(self) -> Floats:
        """Length of each stretch, in seconds, float64[n]."""
        return np.diff(self.edges_s)

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Mask of the stretches that lie within the horizon, bool[n]; the others are warm-up."""
        return self.edges_s[:-1] >= 0

    def integral(self, values: Floats | Ints) -> float:
        """Integral over the horizon of a quantity that is constant in each stretch: its unit times seconds."""
        return float((values * self.length_s)[self.counted].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretches:
    """The horizons of several paths, one after the other: instances in service, arrivals and length of each stretch."""

    instances: Ints
    arrivals: Floats
    length_s: Floats

    @property
    def rate_per_s(self) -> Floats:
        """Expected arrivals per second in each stretch, float64[n]."""
        return self.arrivals / self.length_s


def stretches(paths: Sequence[Path]) -> Stretches:
    """Join the stretches of several paths into one row of arrays."""
    return Stretches(
        instances=np.concatenate([path.in_service[path.counted] for path in paths]),
        arrivals=np.concatenate([path.expected[path.counted] for path in paths]),
        length_s=np.concatenate([path.length_s[path.counted] for path in paths]),
    )


class Crew:
    """The engine's Fleet without the names of its instances: numbers only, so that large fleets cost no more."""

    def __init__(self, serving: int, ready_s: Draw) -> None:
        self.serving = serving
        self.draining = 0
        self._ready_s = ready_s
        self._coming: list[float] = []

    @property
    def desired(self) -> int:
        """Instances in service or on their way."""
        return self.serving + len(self._coming)

    def next_ready_s(self) -> float:
        """Simulated time, in seconds, at which the next instance comes into service."""
        return self._coming[0] if self._coming else math.inf

    def arrive(self, now_s: float) -> None:
        """Take into service what is ready by now."""
        while self._coming and self._coming[0] <= now_s:
            heapq.heappop(self._coming)
            self.serving += 1

    def resize(self, now_s: float, desired: int) -> None:
        """Ask for more, or cancel the last to come and drain."""
        change = desired - self.desired
        if change > 0:
            for ready_s in self._ready_s(change):
                heapq.heappush(self._coming, now_s + ready_s)
        elif change < 0:
            cancelled = min(-change, len(self._coming))
            # A sorted list is a heap.
            self._coming = sorted(self._coming)[: len(self._coming) - cancelled]
            self.serving -= -change - cancelled
            self.draining += -change - cancelled

    def billed(self, while_provisioning: bool) -> int:
        """Instances that are paid for at this moment."""
        return self.serving + self.draining + (len(self._coming) if while_provisioning else 0)


class Record:
    """Changes of a fleet, in order of time."""

    def __init__(self, fleet: Crew, now_s: float, while_provisioning: bool) -> None:
        self.fleet = fleet
        self.while_provisioning = while_provisioning
        self.at_s: list[float] = []
        self.in_service: list[int] = []
        self.billed: list[int] = []
        self.note(now_s)

    def note(self, now_s: float) -> None:
        """Note the current numbers of the fleet at now_s."""
        self.at_s.append(now_s)
        self.in_service.append(self.fleet.serving)
        self.billed.append(self.fleet.billed(self.while_provisioning))

    def path(self, ground: Ground) -> Path:
        """All changes so far, laid over the minutes."""
        edges = np.unique(np.concatenate((ground.edges_s, [0.0], self.at_s)))
        edges = edges[edges <= ground.horizon_s]
        last = np.searchsorted(self.at_s, edges[:-1], side="right") - 1
        return Path(
            edges_s=edges,
            in_service=np.array(self.in_service)[last],
            billed=np.array(self.billed)[last],
            expected=ground.expected_between(edges),
        )


def still(ground: Ground, instances: int) -> Path:
    """The path of a fleet whose number of instances never changes."""
    edges = np.unique(np.append(ground.edges_s, 0.0))
    same = np.full(edges.size - 1, instances)
    return Path(edges_s=edges, in_service=same, billed=same, expected=ground.expected_between(edges))


def left(instances: Count, zones: int) -> Count:
    """Instances that are left when one of so many zones is lost, over which they are spread evenly, and the fullest
    goes: n - ceil(n / zones). All of them where zones is 0.
    """
    return instances - -(-instances // zones) if zones else instances


def without_a_zone(path: Path, zones: int) -> Path:
    """The same path with the instances in service that are left while one of so many zones is lost."""
    return replace(path, in_service=left(path.in_service, zones)) if zones else path


class Scaler(Protocol):
    """The policies of an endpoint, fed with the metrics they look at."""

    @property
    def target(self) -> ScalableTarget:
        """The scalable target that joins the decisions of all policies."""

    def observe(self, now_s: float, period_s: float, reading: Reading) -> None:
        """A period of the metrics of this length ends now."""


def tracked(ground: Ground, fleet: Crew, scaler: Scaler, while_provisioning: bool, peaks: Peaks | None = None) -> Path:
    """A fleet under the policies of an endpoint. What they look at: the arrivals of each minute per instance in
    service and, where peaks are given, the most requests at any instance in each ten seconds.
    """
    decides = _decides(scaler)
    edges = ground.edges_s.tolist()
    record = Record(fleet, edges[0], while_provisioning)
    serving, period = fleet.serving, 0
    reading = Reading(in_service=serving, desired=fleet.desired)
    for start_s, end_s, count in zip(edges, edges[1:], ground.counts.tolist(), strict=False):
        since_s, weight = start_s, 0.0
        for pause_s in _pauses_s(start_s, end_s) if peaks else (end_s,):
            while True:
                at_s = min(pause_s, fleet.next_ready_s(), decides.next_s())
                weight += count * (at_s - since_s) / (end_s - start_s) / serving if serving else 0.0
                since_s = at_s
                if at_s >= pause_s:
                    break
                serving = _step(fleet, decides, at_s, record)
            if pause_s >= end_s:
                reading.in_service, reading.desired, reading.per_instance = serving, fleet.desired, weight
                scaler.observe(end_s, PERIOD_S, reading)
            if peaks:
                reading.in_service, reading.desired = serving, fleet.desired
                reading.most_at_once = peaks.most(period, serving) if serving else 0.0
                scaler.observe(pause_s, HIGH_RESOLUTION_S, reading)
                period += 1
            if fleet.draining:
                fleet.draining = 0
                record.note(pause_s)
    return record.path(ground)


def _pauses_s(start_s: float, end_s: float) -> list[float]:
    """Ends of the periods of ten seconds in this minute; the last one of a horizon may be shorter."""
    inner = range(1, math.ceil((end_s - start_s) / HIGH_RESOLUTION_S))
    return [*(start_s + number * HIGH_RESOLUTION_S for number in inner), end_s]


def _decides(scaler: Scaler) -> Decides:
    """The only policy, where nothing else has a say: the target asks it just the same, and takes longer."""
    target = scaler.target
    (policy, *others) = target.policies or (None,)
    alone = isinstance(policy, TargetTracking) and not others and not target.changes and target.quota is None
    return policy if alone else target  # type: ignore[return-value]


def _step(fleet: Crew, policy: Decides, now_s: float, record: Record) -> int:
    """Instances that are ready come, decisions that are due are made; returns the instances in service."""
    fleet.arrive(now_s)
    decide_due(fleet, policy, now_s)
    record.note(now_s)
    return fleet.serving


def decide_due(fleet: Crew, policy: Decides, now_s: float) -> None:
    """Make the decisions that are due."""
    while policy.next_s() <= now_s:
        fleet.resize(now_s, policy.decide(now_s, fleet.desired))
