"""The slow twin of simulator/kernels/batch_joined.py: one instance after the other, lists, one object per call."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tests.reference import batch


@dataclass(eq=False)
class Call:
    number: int  # of its object
    slot: int
    work: float
    needed: int
    made: int = 0
    whole: int = 0
    joined: float = 0.0


class Instance:
    def __init__(self, p, slots, workers, rule, slow, slowdown):
        self.p, self.workers, self.rule, self.slow, self.slowdown = p, workers, rule, slow, slowdown
        self.free = [(0.0, slot) for slot in range(slots)]
        self.slots = slots
        self.waiting: list[Call] = []
        self.working = 0
        self.events: list[tuple[float, int, Any]] = []  # time, sequence, a call that joins or a batch that ends
        self.sequence, self.worked = 0, 0.0
        self.done: dict[int, float] = {}
        self.fates: dict[int, list[str]] = {}

    def at(self, time, what):
        self.events.append((time, self.sequence, what))
        self.sequence += 1

    def take(self, k, calls, records):
        """The object with these (work, needed) of its mini-batches; returns when it began."""
        begun = ready = 0.0
        for first, (work, needed) in enumerate(calls):
            while not self.free:
                self.step()
            free, slot = min(self.free)
            self.free.remove((free, slot))
            if first == 0:
                begun, ready = free, free + records * self.p.download_s
                self.done[k], self.fates[k] = ready, []
            self.at(max(free, ready) + self.p.overhead_s, Call(k, slot, work, needed))
        return begun

    def step(self):
        happens = min(event[0] for event in self.events) if self.events else math.inf
        due = self.waiting[0].joined + self.rule.delay_s if self.waiting and self.working < self.workers else math.inf
        now = min(happens, due)
        if happens <= due:
            event = min(self.events, key=lambda event: event[:2])
            self.events.remove(event)
            if isinstance(event[2], Call):
                event[2].joined = now
                self.waiting.append(event[2])
            else:
                self.working -= 1
                calls, cut = event[2]
                for call in calls:
                    self.end(call, cut, now)
        rule = self.rule
        while (
            self.working < self.workers
            and self.waiting
            and (len(self.waiting) >= rule.most or self.waiting[0].joined + rule.delay_s <= now)
        ):
            calls, self.waiting = self.waiting[: rule.most], self.waiting[rule.most :]
            self.working += 1
            self.begin(calls, now)

    def begin(self, calls, now):
        total = 0.0
        for call in calls:
            total += call.work
        fixed = self.rule.fixed_share
        service = self.p.factor * (fixed * (total / len(calls)) + (1 - fixed) * total)
        service *= self.slowdown[self.working] if len(self.slowdown) else 1.0
        service += sum(more for since, until, more in self.slow if since <= now < until)
        self.worked += min(service, self.p.limit_s)
        self.at(now + min(service, self.p.limit_s), (calls, service > self.p.limit_s))

    def end(self, call, cut, now):
        call.made += 1
        call.whole += not cut
        succeeds = not cut and call.whole == call.needed
        if not succeeds and call.made < self.p.most_tries:
            self.at(now + self.p.overhead_s, call)
            return
        self.fates[call.number].append("done" if succeeds else "cut off" if cut else "failed")
        self.done[call.number] = max(self.done[call.number], now)
        self.free.append((now, call.slot))


def run(p, slots, batching, demand, bounds=None, tries=None, slow=(), slowdown=()):
    """As tests/reference/batch.py, with a container that makes batches. batching: its workers, and the rule: most calls
    of a batch, delay, fixed share.

    Returns begun and finished of each object, model time of each instance, and the fates of each object's mini-batches
    in order of their ends.
    """
    calls = iter(zip(demand, tries if tries is not None else [1] * len(demand), strict=True))
    workers, rule = batching
    fleet = [Instance(p, slots, workers, rule, slow, slowdown) for _ in range(p.instances)]
    begun, records = [], [len(held) for held in batch.objects(p, bounds)]
    for k, sizes in enumerate(batch.mini_batches(p, bounds)):
        begun.append(fleet[k % p.instances].take(k, [next(calls) for _ in sizes], records[k]))
    for instance in fleet:
        while len(instance.free) < instance.slots:
            instance.step()
    homes = [fleet[k % p.instances] for k in range(len(begun))]
    finished = [home.done[k] + records[k] * p.upload_s for k, home in enumerate(homes)]
    return begun, finished, [instance.worked for instance in fleet], [home.fates[k] for k, home in enumerate(homes)]
