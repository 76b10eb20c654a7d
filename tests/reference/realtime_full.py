"""The slow twin of simulator/kernels/realtime.py with extras, with and without batches: objects and one heap."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from simulator.kernels.fates import COMPLETED, FAILED, REJECTED, TIMED_OUT
from tests.reference.adaptive_client import AdaptiveClient

BEFORE_S = -1.0  # when rows that are work alone arrived

# Kinds of events at equal times.
KILL, FINISH, GIVE_UP, LOOK, HELD, AGAIN, ARRIVE = range(7)


@dataclass(eq=False)
class Request:
    """What a client wants."""

    first: float
    demand: float
    user: bool = False
    attempt: int = 0
    paid: float = 0.0
    enter: float = 0.0


@dataclass(eq=False)
class Attempt:
    """What an instance holds; its client may have given up."""

    request: Request
    demand: float
    entered: float
    abandoned: bool = False


@dataclass(eq=False)
class Batch:
    """What a worker works on: without batching a single attempt."""

    attempts: list[Attempt]
    begin: float
    ended: bool = False  # by the container, before it was done

    def share(self, attempt, lasted):
        """What an attempt has of the time that the batch lasted."""
        if len(self.attempts) == 1:
            return lasted
        total = 0.0
        for other in self.attempts:
            total += other.demand
        return lasted * (attempt.demand / total)


@dataclass(eq=False)
class Instance:
    number: int
    working: dict[int, Batch] = field(default_factory=dict)
    queue: list[Attempt] = field(default_factory=list)
    alive: bool = True

    @property
    def outstanding(self) -> int:
        return sum(len(batch.attempts) for batch in self.working.values()) + len(self.queue)


class Endpoint:
    """batching: most requests of a batch, delay in seconds, fixed share; None without."""

    def __init__(self, p, extra, instances, draws, processes=1, batching=None):
        self.p, self.rules, self.extra, self.batching = p, extra.rules, extra, batching
        self.client = AdaptiveClient(0.0, processes)
        self.spare, self.works = iter(draws[0]), iter(draws[1])
        self.instances = [Instance(number) for number in range(instances)]
        self.active = list(self.instances)
        self.levels = {0: list(self.instances)}
        self.places = list(range(instances * p.workers))
        self.tokens = p.tokens
        self.rows, self.sent, self.held = [], [], []
        self.events: list[tuple[float, int, int, Any]] = []
        self.sequence, self.tries, self.entries = count(), count(), count()

    def run(self, t, demand, u, *, users, kills):
        for i, at in enumerate(t):
            self.at(float(at), ARRIVE, i, (Request(float(at), float(demand[i])), u[i]))
        for at in users:
            self.at(at, AGAIN, next(self.tries), Request(0.0, 0.0, user=True))
        for at, number in kills:
            self.at(at, KILL, number, self.instances[number])
        now = -math.inf
        while self.events or self.held:
            sends = self.client.ready(now) if self.held else math.inf
            if self.held and (not self.events or (sends, HELD) < self.events[0][:2]):
                now = sends
                self.enter(self.held.pop(0), now, next(self.spare), held=True)
                continue
            now, kind, _, what = heapq.heappop(self.events)
            if kind == KILL:
                self.kill(what, now)
            elif kind == FINISH:
                instance, place, batch = what
                self.finish(instance, place, batch, now)
            elif kind == GIVE_UP:
                self.give_up(what, now)
            elif kind == LOOK:
                self.look(what, now)
            elif kind == AGAIN:
                self.again(what, now)
            else:
                request, draw = what
                request.attempt = 1
                self.enter(request, now, draw)
        return self.rows

    def at(self, time, kind, order, what):
        heapq.heappush(self.events, (time, kind, order, what))

    def again(self, request, now):
        request.attempt += 1
        if request.attempt == 1:
            request.first, request.demand = now, next(self.works)
            self.sent.append(now)
        self.enter(request, now, next(self.spare))

    def enter(self, request, now, draw, held=False):
        request.enter = now
        if self.rules.adaptive:
            if not held and self.client.limited and (self.held or self.client.ready(now) > now):
                self.held.append(request)
                return
            self.client.send(now)
        if not self.active:
            self.fail(request, now, FAILED)
            return
        those = self.active
        if self.p.least_outstanding:
            those = self.levels[min(level for level, some in self.levels.items() if some)]
        instance = those[int(draw * len(those))]
        if self.is_full(instance):
            self.fail(request, now, REJECTED)
            return
        self.move(instance, 1)
        attempt = Attempt(request, request.demand, now)
        if self.rules.deadline_s < math.inf:
            self.at(now + self.rules.deadline_s, GIVE_UP, next(self.entries), (attempt, request.enter))
        instance.queue.append(attempt)
        if self.batching:
            self.at(now + self.batching[1], LOOK, (instance.number, next(self.entries)), instance)
        self.look(instance, now)

    def is_full(self, instance):
        room = self.p.workers - len(instance.working)
        if self.batching:
            return len(instance.queue) >= self.p.queue_size + self.batching[0] * room
        return len(instance.queue) >= self.p.queue_size + room

    def look(self, instance, now):
        """Idle workers begin what may begin now."""
        most, delay = self.batching[:2] if self.batching else (1, 0.0)
        while (
            instance.queue
            and len(instance.working) < self.p.workers
            and (len(instance.queue) >= most or instance.queue[0].entered + delay <= now)
        ):
            taken, instance.queue = instance.queue[:most], instance.queue[most:]
            self.start(instance, self.places.pop(), Batch(taken, now), now)

    def move(self, instance, step):
        if not instance.alive:
            return
        here = self.levels[instance.outstanding]
        place = next(k for k, other in enumerate(here) if other is instance)
        here[place] = here[-1]
        here.pop()
        self.levels.setdefault(instance.outstanding + step, []).append(instance)

    def usual(self, batch):
        """Service time on this type when nothing else goes on."""
        demands = [attempt.demand for attempt in batch.attempts]
        if not self.batching:
            return demands[0] * self.p.factor
        total = 0.0
        for demand in demands:
            total += demand
        fixed = self.batching[2]
        return self.p.factor * (fixed * (total / len(demands)) + (1 - fixed) * total)

    def start(self, instance, place, batch, now):
        instance.working[place] = batch
        service = self.usual(batch) * self.extra.slowdown[len(instance.working)]
        service += self.extra.reals[0]
        if now < self.extra.warm_s[instance.number]:
            service *= self.rules.warmup_slowdown
        batch.ended = service >= self.p.cut_s
        service = min(service, self.p.cut_s)
        self.at(now + service, FINISH, next(self.sequence), (instance, place, batch))

    def finish(self, instance, place, batch, now):
        if instance.working.get(place) is not batch:
            return
        for attempt in batch.attempts:
            self.finish_attempt(batch, attempt, now)
        self.move(instance, -len(batch.attempts))
        del instance.working[place]
        self.places.append(place)
        self.look(instance, now)

    def finish_attempt(self, batch, attempt, now):
        request = attempt.request
        if attempt.abandoned:
            self.worked(batch, attempt, now)
            return
        lasted = now - batch.begin
        service = batch.share(attempt, lasted)
        waited = batch.begin - request.enter + (lasted - service)
        fate = TIMED_OUT if batch.ended else COMPLETED
        self.rows.append((request.first, request.enter - request.first, waited, service, fate, request.attempt))
        attempt.abandoned = True
        if not batch.ended and self.p.retry_cost > 0:
            self.tokens = min(self.p.tokens, self.tokens + (request.paid if request.attempt > 1 else 1.0))
        if self.rules.adaptive:
            self.client.answered(now, False)
        self.part(request, now)

    def worked(self, batch, attempt, now):
        lasted = now - batch.begin
        service = batch.share(attempt, lasted)
        begin = batch.begin + (lasted - service)
        self.rows.append((BEFORE_S, begin - BEFORE_S, 0.0, service, TIMED_OUT, 0))

    def give_up(self, what, now):
        attempt, enter = what
        if not attempt.abandoned and attempt.request.enter == enter:
            attempt.abandoned = True
            self.fail(attempt.request, now, TIMED_OUT)

    def kill(self, instance, now):
        self.active[self.active.index(instance)] = self.active[-1]
        self.active.pop()
        here = self.levels[instance.outstanding]
        place = here.index(instance)
        here[place] = here[-1]
        here.pop()
        instance.alive = False
        for place in sorted(instance.working):
            batch = instance.working.pop(place)
            self.places.append(place)
            for attempt in batch.attempts:
                if now > batch.begin:
                    self.worked(batch, attempt, now)
                self.bury(attempt, now)
        for attempt in instance.queue:
            self.bury(attempt, now)
        instance.queue = []

    def bury(self, attempt, now):
        if not attempt.abandoned:
            attempt.abandoned = True
            self.fail(attempt.request, now, FAILED)

    def fail(self, request, now, fate):
        again, cost = True, self.p.retry_cost
        if fate == REJECTED:
            again = self.p.retry_overflow
        elif fate == TIMED_OUT:
            again, cost = self.rules.retry_timeout, self.rules.timeout_cost
        elif fate == FAILED and not self.active:
            again = self.rules.retry_absent
        if self.rules.adaptive:
            self.client.answered(now, fate == REJECTED and bool(self.p.retry_overflow))
        if again and request.attempt < self.p.max_attempts and self.tokens >= cost:
            self.tokens -= cost
            request.paid = cost
            delay = next(self.spare) * min(2.0 ** (request.attempt - 1), self.p.delay_cap_s)
            self.at(now + delay, AGAIN, next(self.tries), request)
            return
        first, enter = request.first, request.enter
        self.rows.append((first, enter - first, now - enter, 0.0, fate, request.attempt))
        self.part(request, now)

    def part(self, request, now):
        if request.user:
            thinks = -math.log(1.0 - next(self.spare)) * self.rules.think_s
            if now + thinks < self.rules.stops_s:
                self.at(now + thinks, AGAIN, next(self.tries), Request(0.0, 0.0, user=True))
