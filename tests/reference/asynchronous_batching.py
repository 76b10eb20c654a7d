"""The slow twin of simulator/kernels/asynchronous.py with a container that makes batches: lists, one object per thing.

A slot takes the head of the queue and loads its input; its request waits in the instance until a worker takes it into a
batch; from the end of the batch on the answer is delivered, then the slot is free.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

COMPLETED, TIMED_OUT, EXPIRED, LOST = 0, 3, 4, 5


@dataclass(eq=False)
class Batch:
    number: int
    members: list[Held]
    begun: float
    lasts: float
    fate: int
    total: float

    def share(self, held):
        part = held.work / self.total if self.total > 0 else 1.0 / len(self.members)
        return self.lasts * part


@dataclass(eq=False)
class Held:
    """A request that a slot holds."""

    arrival: float
    work: float
    number: int
    began: float
    taken: int = 0
    joined: float = 0.0
    batch: Batch | None = None


@dataclass
class Instance:
    waiting: list[Held] = field(default_factory=list)
    working: int = 0


class Endpoint:
    def __init__(self, p, workers, rule, slowdown):
        self.p, self.workers, self.rule, self.slowdown = p, workers, rule, slowdown
        self.queue: list[tuple[float, float]] = []
        self.free: list[int] = []
        self.holding: list[Held] = []
        self.in_service: set[int] = set()
        self.instances: dict[int, Instance] = {}
        self.events: list[tuple[float, int, str, Any]] = []  # of slots and batches: time, sequence, what, thing
        self.looks: list[tuple[float, int]] = []  # time, instance
        self.rows: list[tuple[float, ...]] = []
        self.sequence = 0

    def at(self, time, what, thing):
        self.events.append((time, self.sequence, what, thing))
        self.sequence += 1
        return self.sequence - 1

    def take(self, now):
        while self.queue and self.free:
            arrival, work = self.queue.pop(0)
            held = Held(arrival, work, self.free.pop(), now)
            held.taken = self.at(now + self.p.download_s, "loaded", held)
            self.holding.append(held)

    def happen(self, now):
        event = min(self.events, key=lambda event: event[:2])
        self.events.remove(event)
        _, _, what, thing = event
        if what == "delivered":
            self.deliver(thing)
            return
        instance = self.instances[thing.number]
        if what == "loaded":
            thing.joined = now
            instance.waiting.append(thing)
            self.looks.append((now + self.rule.delay_s, thing.number))
        else:
            instance.working -= 1
            for held in thing.members:
                self.at(now + self.p.upload_s if thing.fate == COMPLETED else now, "delivered", held)
        self.look(thing.number, now)

    def deliver(self, held):
        self.holding.remove(held)
        if held.number in self.in_service:
            self.free.append(held.number)
        batch = held.batch
        share = batch.share(held)
        waited = held.began - held.arrival + (batch.begun - held.joined + (batch.lasts - share))
        setup = self.p.download_s + self.p.upload_s if batch.fate == COMPLETED else self.p.download_s
        self.rows.append((held.arrival, waited, setup, share, batch.fate))

    def look(self, number, now):
        instance, rule = self.instances[number], self.rule
        while (
            instance.waiting
            and instance.working < self.workers
            and (len(instance.waiting) >= rule.most or instance.waiting[0].joined + rule.delay_s <= now)
        ):
            members, instance.waiting = instance.waiting[: rule.most], instance.waiting[rule.most :]
            instance.working += 1
            self.begin(number, members, 1.0 if self.slowdown is None else self.slowdown[instance.working], now)

    def begin(self, number, members, slower, now):
        total = 0.0
        for held in members:
            total += held.work
        fixed = self.rule.fixed_share
        lasts = self.p.factor * (fixed * (total / len(members)) + (1 - fixed) * total) * slower + self.p.added_s
        fate = COMPLETED
        if lasts > self.p.timeout_s:
            lasts, fate = self.p.timeout_s, TIMED_OUT
        batch = Batch(number, members, now, lasts, fate, total)
        for held in members:
            held.batch = batch
        self.at(now + lasts, "worked", batch)

    def change(self, now, number, what):
        if what == "join":
            self.in_service.add(number)
            self.instances[number] = Instance()
            return
        self.in_service.discard(number)
        self.free = [other for other in self.free if other != number]
        if what == "drain":
            return
        dead = sorted((held for held in self.holding if held.number == number), key=lambda held: -held.taken)
        self.holding = [held for held in self.holding if held.number != number]
        self.events = [event for event in self.events if event[3].number != number]
        self.instances[number] = Instance()
        for held in dead:
            if what == "redo" and now < held.arrival + self.p.ttl_s:
                self.queue.insert(0, (held.arrival, held.work))
            else:
                self.lose(held, now, EXPIRED if what == "redo" else LOST)

    def lose(self, held, now, fate):
        loaded = held.began + self.p.download_s
        setup = min(self.p.download_s, now - held.began)
        waited, service = max(0.0, now - loaded), 0.0
        batch = held.batch
        if batch:
            lasted = min(now - batch.begun, batch.lasts)
            service = batch.share(held) * (lasted / batch.lasts if batch.lasts > 0 else 1.0)
            waited = batch.begun - loaded + (lasted - service)
        self.rows.append((held.arrival, held.began - held.arrival + waited, setup, service, fate))


def run(p, slots, t, demand, changes, *, workers, rule, slowdown=None):
    """All requests through instances that join and leave; changes as in tests/reference/asynchronous.py.

    rule: most requests of a batch, delay and fixed share. Returns rows (arrival, queue, setup, service, fate) in order
    of their ends.
    """
    endpoint = Endpoint(p, workers, rule, slowdown)
    arrivals, changes, latest = list(zip(t, demand, strict=True)), list(changes), -math.inf
    while True:
        changed = changes[0][0] if changes else math.inf
        happens = min(event[0] for event in endpoint.events) if endpoint.events else math.inf
        looks = min(endpoint.looks)[0] if endpoint.looks else math.inf
        expires = max(endpoint.queue[0][0] + p.ttl_s, latest) if endpoint.queue else math.inf
        arrives = arrivals[0][0] if arrivals else math.inf
        now = min(changed, happens, looks, expires, arrives)
        if now == math.inf:
            return endpoint.rows
        latest = now
        if now == changed:
            _, number, what = changes.pop(0)
            endpoint.change(now, number, what)
            if what == "join":
                endpoint.free += [number] * slots
            # Of several changes at one time the last is followed by starts, as the controller makes them in one go.
            if changes and changes[0][0] == now:
                continue
        elif now == happens:
            endpoint.happen(now)
        elif now == looks:
            _, number = min(endpoint.looks)
            endpoint.looks.remove((now, number))
            endpoint.look(number, now)
        elif now == expires:
            arrival, _ = endpoint.queue.pop(0)
            endpoint.rows.append((arrival, now - arrival, 0.0, 0.0, EXPIRED))
        else:
            endpoint.queue.append(arrivals.pop(0))
        endpoint.take(now)
