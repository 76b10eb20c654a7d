"""The slow twin of the full specialisation of simulator/kernels/realtime.py: one object per thing, one heap."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from simulator.kernels import sending
from simulator.kernels.fates import COMPLETED, FAILED, REJECTED, TIMED_OUT
from simulator.kernels.realtime_client import BEFORE_S

# Kinds of events at equal times.
KILL, FINISH, GIVE_UP, AGAIN, ARRIVE = -1, 0, 1, 3, 4


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
    abandoned: bool = False
    begin: float = 0.0


@dataclass(eq=False)
class Instance:
    number: int
    working: dict[int, Attempt] = field(default_factory=dict)
    queue: list[Attempt] = field(default_factory=list)
    alive: bool = True

    @property
    def outstanding(self) -> int:
        return len(self.working) + len(self.queue)


class Endpoint:
    def __init__(self, p, extra, instances, draws):
        self.p, self.rules, self.extra = p, extra.rules, extra
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
            sends = float(sending.ready_s(self.extra.rate, now)) if self.held else math.inf
            if self.held and (not self.events or (sends, 2) < self.events[0][:2]):
                now = sends
                self.enter(self.held.pop(0), now, next(self.spare), held=True)
                continue
            now, kind, _, what = heapq.heappop(self.events)
            if kind == KILL:
                self.kill(what, now)
            elif kind == FINISH:
                instance, place, attempt = what
                self.finish(instance, place, attempt, now)
            elif kind == GIVE_UP:
                self.give_up(what, now)
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
        rate = self.extra.rate
        if self.rules.adaptive:
            if not held and rate[sending.ENABLED] and (self.held or sending.ready_s(rate, now) > now):
                self.held.append(request)
                return
            sending.send(rate, now)
        if not self.active:
            self.fail(request, now, FAILED)
            return
        those = self.active
        if self.p.least_outstanding:
            those = self.levels[min(level for level, some in self.levels.items() if some)]
        instance = those[int(draw * len(those))]
        if instance.outstanding >= self.p.workers + self.p.queue_size:
            self.fail(request, now, REJECTED)
            return
        self.move(instance, 1)
        attempt = Attempt(request)
        if self.rules.deadline_s < math.inf:
            self.at(now + self.rules.deadline_s, GIVE_UP, next(self.entries), (attempt, request.enter))
        if len(instance.working) < self.p.workers:
            self.start(instance, self.places.pop(), attempt, now)
        else:
            instance.queue.append(attempt)

    def move(self, instance, step):
        if not instance.alive:
            return
        here = self.levels[instance.outstanding]
        place = next(k for k, other in enumerate(here) if other is instance)
        here[place] = here[-1]
        here.pop()
        self.levels.setdefault(instance.outstanding + step, []).append(instance)

    def start(self, instance, place, attempt, now):
        instance.working[place] = attempt
        attempt.begin = now
        service = attempt.request.demand * self.p.factor * self.extra.slowdown[len(instance.working)]
        service += self.extra.reals[0]
        if now < self.extra.warm_s[instance.number]:
            service *= self.rules.warmup_slowdown
        self.at(now + service, FINISH, next(self.sequence), (instance, place, attempt))

    def finish(self, instance, place, attempt, now):
        if instance.working.get(place) is not attempt:
            return
        request = attempt.request
        if attempt.abandoned:
            self.worked(attempt, now)
        else:
            begin, first = attempt.begin, request.first
            self.rows.append(
                (first, request.enter - first, begin - request.enter, now - begin, COMPLETED, request.attempt)
            )
            attempt.abandoned = True
            if self.p.retry_cost > 0:
                self.tokens = min(self.p.tokens, self.tokens + (request.paid if request.attempt > 1 else 1.0))
            if self.rules.adaptive:
                sending.answered(self.extra.rate, now, False)
            self.part(request, now)
        self.move(instance, -1)
        del instance.working[place]
        if instance.queue:
            self.start(instance, place, instance.queue.pop(0), now)
        else:
            self.places.append(place)

    def worked(self, attempt, now):
        self.rows.append((BEFORE_S, attempt.begin - BEFORE_S, 0.0, now - attempt.begin, TIMED_OUT, 0))

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
            attempt = instance.working.pop(place)
            self.places.append(place)
            if now > attempt.begin:
                self.worked(attempt, now)
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
        if self.rules.adaptive:
            sending.answered(self.extra.rate, now, fate == REJECTED and bool(self.p.retry_overflow))
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
