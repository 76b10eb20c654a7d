"""The slow twin of simulator/kernels/realtime.py with batches and without extras: one object per thing."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from simulator.kernels.fates import COMPLETED, REJECTED, TIMED_OUT

FINISH, LOOK, AGAIN, ARRIVE = range(4)


@dataclass(eq=False)
class Request:
    first: float
    demand: float
    attempt: int = 0
    enter: float = 0.0


@dataclass(eq=False)
class Instance:
    number: int
    busy: int = 0
    in_work: int = 0
    queue: list[Request] = field(default_factory=list)

    @property
    def outstanding(self) -> int:
        return self.in_work + len(self.queue)


def run(p, rule, instances, t, demand, u, spare):
    """Rows (first, retry, queue, service, fate, attempts) in the order of their logging."""
    most, delay_s, fixed_share = rule
    fleet = [Instance(number) for number in range(instances)]
    levels = {0: list(fleet)}
    sequence = count()
    spare, tokens, rows = iter(spare), p.tokens, []
    events: list[tuple[float, int, Any, Any]] = [
        (float(at), ARRIVE, i, Request(float(at), float(demand[i]))) for i, at in enumerate(t)
    ]
    heapq.heapify(events)

    def move(instance, step):
        if step:
            here = levels[instance.outstanding]
            place = next(k for k, other in enumerate(here) if other is instance)
            here[place] = here[-1]
            here.pop()
            levels.setdefault(instance.outstanding + step, []).append(instance)

    def look(instance, now):
        nonlocal tokens
        while (
            instance.busy < p.workers
            and instance.queue
            and (len(instance.queue) >= most or instance.queue[0].enter + delay_s <= now)
        ):
            batch, instance.queue = instance.queue[:most], instance.queue[most:]
            total = 0.0
            for request in batch:
                total += request.demand
            lasts = min(p.cut_s, p.factor * (fixed_share * (total / len(batch)) + (1 - fixed_share) * total))
            instance.busy += 1
            instance.in_work += len(batch)
            heapq.heappush(events, (now + lasts, FINISH, next(sequence), (instance, len(batch))))
            for request in batch:
                share = lasts * (request.demand / total)
                in_time = lasts < p.cut_s and now - request.enter + lasts <= p.limit_s
                rows.append(
                    (
                        request.first,
                        request.enter - request.first,
                        now - request.enter + (lasts - share),
                        share,
                        COMPLETED if in_time else TIMED_OUT,
                        request.attempt,
                    )
                )
                if in_time and p.retry_cost > 0:
                    tokens = min(p.tokens, tokens + (p.retry_cost if request.attempt > 1 else 1.0))

    while events:
        now, kind, i, what = heapq.heappop(events)
        if kind == FINISH:
            instance, size = what
            move(instance, -size)
            instance.busy -= 1
            instance.in_work -= size
        elif kind == LOOK:
            instance = what
        else:
            request = what
            request.attempt += 1
            draw = next(spare) if kind == AGAIN else u[i]
            request.enter = now
            those = fleet
            if p.least_outstanding:
                those = levels[min(level for level, some in levels.items() if some)]
            instance = those[int(draw * len(those))]
            if len(instance.queue) >= p.queue_size + most * (p.workers - instance.busy):
                if p.retry_overflow and request.attempt < p.max_attempts and tokens >= p.retry_cost:
                    tokens -= p.retry_cost
                    delay = next(spare) * min(2.0 ** (request.attempt - 1), p.delay_cap_s)
                    heapq.heappush(events, (now + delay, AGAIN, next(sequence), request))
                else:
                    rows.append((request.first, now - request.first, 0.0, 0.0, REJECTED, request.attempt))
                continue
            move(instance, 1)
            instance.queue.append(request)
            heapq.heappush(events, (now + delay_s, LOOK, (instance.number, next(sequence)), instance))
        look(instance, now)
    return rows
