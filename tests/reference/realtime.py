"""The slow twin of simulator/kernels/realtime.py: the words of its docstring, one object per thing."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count
from typing import Any


@dataclass
class Request:
    first: float
    demand: float
    attempt: int
    enter: float = 0.0


@dataclass
class Instance:
    number: int
    busy: int = 0
    peak: int = 0
    queue: list[Request] = field(default_factory=list)

    @property
    def outstanding(self) -> int:
        return self.busy + len(self.queue)


def run(p, instances, t, demand, u, spare):
    """All requests through a fixed fleet; returns rows (first, retry, queue, service, fate, attempts) in order of
    their end or start.
    """
    return story(p, instances, t, demand, u, spare)[0]


def story(p, instances, t, demand, u, spare):
    """The same, and the most outstanding requests that any instance ever had."""
    fleet = [Instance(number) for number in range(instances)]
    by_outstanding = {0: list(fleet)}
    sequence = count()
    events: list[tuple[float, int, int, Any]] = []
    for i, at in enumerate(t):
        # Kinds at equal times: 0 a worker finishes, 1 a retry, 2 an arrival.
        heapq.heappush(events, (at, 2, i, None))
    spare = iter(spare)
    tokens = p.tokens
    rows = []

    def move(instance, before, after):
        # The last of a list takes the place of the one that leaves; who comes goes to the end.
        here = by_outstanding[before]
        place = next(k for k, other in enumerate(here) if other is instance)
        here[place] = here[-1]
        here.pop()
        by_outstanding.setdefault(after, []).append(instance)

    def start(instance, request, now):
        nonlocal tokens
        service = min(request.demand * p.factor, p.cut_s)
        heapq.heappush(events, (now + service, 0, next(sequence), instance))
        in_time = service < p.cut_s and now - request.enter + service <= p.limit_s
        rows.append(
            (
                request.first,
                request.enter - request.first,
                now - request.enter,
                service,
                0 if in_time else 3,
                request.attempt,
            )
        )
        if in_time and p.retry_cost > 0:
            tokens = min(p.tokens, tokens + (p.retry_cost if request.attempt > 1 else 1.0))

    retry_number = count()
    while events:
        now, kind, _, what = heapq.heappop(events)
        if kind == 0:
            instance = what
            move(instance, instance.outstanding, instance.outstanding - 1)
            if instance.queue:
                start(instance, instance.queue.pop(0), now)
            else:
                instance.busy -= 1
            continue
        if kind == 1:
            request = what
            request.attempt += 1
            draw = next(spare)
        else:
            i = _
            request = Request(float(t[i]), float(demand[i]), 1)
            draw = u[i]
        request.enter = now
        if p.least_outstanding:
            fewest = min(level for level, those in by_outstanding.items() if those)
            those = by_outstanding[fewest]
            instance = those[int(draw * len(those))]
        else:
            instance = fleet[int(draw * len(fleet))]
        if instance.outstanding >= p.workers + p.queue_size:
            if p.retry_overflow and request.attempt < p.max_attempts and tokens >= p.retry_cost:
                tokens -= p.retry_cost
                delay = next(spare) * min(2.0 ** (request.attempt - 1), p.delay_cap_s)
                heapq.heappush(events, (now + delay, 1, next(retry_number), request))
            else:
                rows.append((request.first, now - request.first, 0.0, 0.0, 2, request.attempt))
            continue
        move(instance, instance.outstanding, instance.outstanding + 1)
        if instance.busy < p.workers:
            instance.busy += 1
            start(instance, request, now)
        else:
            instance.queue.append(request)
        instance.peak = max(instance.peak, instance.outstanding)
    return rows, max(instance.peak for instance in fleet)
