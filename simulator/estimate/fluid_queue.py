"""The backlog of an asynchronous endpoint as a fluid: what came, what was started, and how many instances there were.

Minute by minute, with the engine's own policies. Within a stretch of time without changes the free slots take
from the queue at once, then slots / time-in-slot a second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.estimate.fleet_path import Crew, Path, Record, left
from simulator.estimate.load import Ground
from simulator.scaling.target import ScalableTarget
from simulator.scaling.tracking import TargetTracking
from simulator.scaling.wake import Wake

Floats = NDArray[np.float64]

_MINUTE_S = 60.0

_NOTHING = 1e-4
"""Mean requests in work below which none counts as in work."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Story:
    """came, started: cumulative requests at at_s (rising; a time may stand twice, before and after a jump). waiting: in
    the queue, at the end of each minute. dropped: share of all that left the queue at the end of their time to live.
    """

    path: Path
    at_s: Floats
    came: Floats
    started: Floats
    waiting: Floats
    dropped: float

    @property
    def left(self) -> float:
        """Requests that still wait at the very end."""
        return float(self.came[-1] - self.started[-1]) if self.came.size else 0.0


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """slots per instance, mean time in a slot. wakes_on_queue: the wake policy looks for anything in the queue, else
    for a backlog above the target value. target: what decides when actions are scheduled, else each policy by itself.
    zones: that the instances stand in, one of which is lost all the time; 0: none is.
    """

    fleet: Crew
    policy: TargetTracking | None
    wake: Wake | None
    slots: int
    mean_s: float
    wakes_on_queue: bool
    target_value: float
    rng: np.random.Generator
    target: ScalableTarget | None = None
    ttl_s: float = math.inf
    zones: int = 0
    queue: float = 0.0
    dropped: float = 0.0
    work: float = 0.0
    came: float = 0.0
    started: float = 0.0
    at_s: list[float] = field(default_factory=list)
    all_came: list[float] = field(default_factory=list)
    all_started: list[float] = field(default_factory=list)
    _left_after_minute: float = field(init=False)
    _chance: float = field(init=False)

    def __post_init__(self) -> None:
        self._left_after_minute = math.exp(-_MINUTE_S / self.mean_s)
        self._chance = self.mean_s / _MINUTE_S * -math.expm1(-_MINUTE_S / self.mean_s)

    @property
    def capacity(self) -> int:
        """Requests that the instances in service can have in work, without those of a zone that is lost."""
        return left(self.fleet.serving, self.zones) * self.slots

    def flow(self, start_s: float, length_s: float, arrivals: float) -> None:
        """Let `arrivals` requests come evenly over length_s while the slots work; length 0 only starts queued work."""
        capacity = self.capacity
        at_once = min(self.queue, max(0.0, capacity - self.work))
        if at_once > 0:
            self.queue -= at_once
            self.work += at_once
            self.started += at_once
            self._mark(start_s)
        if length_s <= 0:
            return
        begun = min(self.queue + arrivals, max(0.0, capacity - self.work) + capacity * length_s / self.mean_s)
        share_left = self._left_after_minute if length_s == _MINUTE_S else math.exp(-length_s / self.mean_s)
        self.queue = max(0.0, self.queue + arrivals - begun)
        self.work = self.work * share_left + begun * (1 - share_left) * self.mean_s / length_s
        if self.queue > 1e-9 or self.work > capacity:
            self.work = max(float(capacity), self.work * share_left) if capacity == 0 else float(capacity)
        if capacity:
            # Who waits for the whole time to live leaves at the head, so that no more wait than are started in it.
            overflow = max(0.0, self.queue - capacity * self.ttl_s / self.mean_s)
            self.queue -= overflow
            self.dropped += overflow
            begun += overflow
        self.came += arrivals
        self.started += begun
        self._mark(start_s + length_s)

    def observe(self, now_s: float) -> None:
        """Feed the metrics of a minute to the policies; requests in work are a whole number drawn around their mean."""
        serving = self.fleet.serving
        backlog = self.queue + (self._whole_work() if self.queue < 1 else self.work)
        if self.policy:
            self.policy.observe(now_s, backlog / serving if serving else None, serving, self.fleet.desired)
        if self.wake:
            up = self.queue >= 0.5 if self.wakes_on_queue else backlog > self.target_value
            self.wake.observe(now_s, up and serving == 0)

    def _whole_work(self) -> float:
        """Of what came in the minute, each is still in work at its end with the same chance; what came before adds up
        to as many more.
        """
        if self.work < _NOTHING:
            return 0.0
        came = math.floor(self.work / self._chance + self.rng.random())
        return float(self.rng.binomial(came, min(self._chance, 1.0)))

    def next_s(self) -> float:
        """Simulated time, in seconds, of the next possible change of the fleet."""
        due = self.fleet.next_ready_s()
        if self.target:
            return min(due, self.target.next_s())
        if self.policy:
            due = min(due, self.policy.next_s())
        return min(due, self.wake.next_s()) if self.wake else due

    def step(self, now_s: float) -> None:
        """Take ready instances into service and make the scaling decisions that are due."""
        self.fleet.arrive(now_s)
        for policy in (self.target,) if self.target else (self.policy, self.wake):
            while policy and policy.next_s() <= now_s:
                self.fleet.resize(now_s, policy.decide(now_s, self.fleet.desired))

    def _mark(self, now_s: float) -> None:
        self.at_s.append(now_s)
        self.all_came.append(self.came)
        self.all_started.append(self.started)


def tell(ground: Ground, endpoint: Endpoint, while_provisioning: bool, drain_s: float) -> Story:
    """Lead the endpoint through the load, then let it finish what waits, for at most drain_s."""
    edges = ground.edges_s.tolist()
    record = Record(endpoint.fleet, edges[0], while_provisioning)
    waiting = []
    for start_s, end_s, count in zip(edges, edges[1:], ground.counts.tolist(), strict=False):
        _minute(endpoint, record, (start_s, end_s), count)
        waiting.append(endpoint.queue)
    now_s = edges[-1]
    while endpoint.queue > 1e-6 and now_s < edges[-1] + drain_s:
        _minute(endpoint, record, (now_s, now_s + 60.0), 0.0)
        now_s += 60.0
    return Story(
        path=record.path(ground),
        at_s=np.array(endpoint.at_s),
        came=np.array(endpoint.all_came),
        started=np.array(endpoint.all_started),
        waiting=np.array(waiting),
        dropped=endpoint.dropped / endpoint.came if endpoint.came else 0.0,
    )


def _minute(endpoint: Endpoint, record: Record, minute: tuple[float, float], count: float) -> None:
    since_s, end_s = minute
    per_s = count / (end_s - since_s)
    while (at_s := endpoint.next_s()) < end_s:
        endpoint.flow(since_s, at_s - since_s, per_s * (at_s - since_s))
        endpoint.step(at_s)
        record.note(at_s)
        endpoint.flow(at_s, 0.0, 0.0)
        since_s = at_s
    endpoint.flow(since_s, end_s - since_s, per_s * (end_s - since_s))
    endpoint.observe(end_s)
    fleet = endpoint.fleet
    if fleet.draining and endpoint.work <= endpoint.capacity + 0.5:
        fleet.draining = 0
        record.note(end_s)
