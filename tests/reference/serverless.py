"""The slow twin of simulator/kernels/serverless.py: the words of its docstring, one object per thing."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.reference.adaptive_client import AdaptiveClient

COMPLETED, THROTTLED, _, TIMED_OUT = range(4)


@dataclass
class Request:
    first: float
    demand: float
    attempt: int = 1
    met: bool = False  # a cold start
    paid: float = 0.0  # of the quota, for the last retry
    given_up: bool = False  # its attempt is, at the event that it waits for


@dataclass
class Environment:
    provisioned: bool
    created: float
    idle_since: float = math.inf
    fails: bool = False
    dies: float = math.inf
    keep: float = 1.0
    nobody_waits: bool = False


@dataclass
class Story:
    """What happened. rows as in the log: (first, retry, queue, setup, service, fate, attempts, cold); work that nobody
    waits for any more as if first were -1. stays: (start, end) of each stay of a request in an environment; lives:
    (created, gone) of each on-demand environment.
    """

    rows: list[tuple] = field(default_factory=list)
    stays: list[tuple[float, float]] = field(default_factory=list)
    lives: list[tuple[float, float]] = field(default_factory=list)
    provisioned_s: float = 0.0
    billed_ms: dict[bool, float] = field(default_factory=lambda: {False: 0.0, True: 0.0})
    executed: int = 0
    attempts: int = 0


def run(p, provisioned, t, demand, spare, start_s, life_s=(), keep=(), *, processes=0) -> Story:
    """All requests through one endpoint; spare: numbers for delays; start_s: durations of cold starts; life_s: of
    lives, when p.mortal; keep: factors of the keep time, when p.spread; processes: clients in the adaptive mode, or 0.
    """
    story = Story()
    sequence = count()
    events: list[tuple[float, int, int, Any]] = []
    for i, at in enumerate(t):
        # Kinds at equal times: 0 a request leaves its environment, 1 a client gives up or tries again, 2 an arrival.
        heapq.heappush(events, (float(at), 2, i, Request(float(at), float(demand[i]))))
    spare, start_s, life_s, keep = iter(spare), iter(start_s), iter(life_s), iter(keep)
    ready = [Environment(True, -math.inf) for _ in range(provisioned)]
    idle: list[Environment] = []  # the one used last is last
    in_flight = 0
    tokens = p.tokens
    quiet_since = math.inf  # nothing is in flight since then
    allowed, allowed_at = p.start_burst, 0.0  # starts

    def gone(environment) -> float:
        return min(environment.idle_since + p.keep_s * environment.keep, environment.dies, quiet_since + p.quiet_s)

    clients = AdaptiveClient(0.0, processes) if processes else None
    held: list[Request] = []  # by clients in the adaptive mode; the first is sent first
    now = 0.0
    what: Any

    while events or held:
        sends = clients.ready(now) if clients and held else math.inf
        sent = not events or (sends, 0.5) < events[0][:2]
        now, kind, _, what = (sends, 0.5, 0, held.pop(0)) if sent else heapq.heappop(events)
        if kind == 0:
            environment = what
            if clients and not environment.nobody_waits:
                clients.answered(now, throttled=False)
            in_flight -= 1
            environment.idle_since = now
            if in_flight == 0:
                quiet_since = now
            if environment.fails or environment.dies <= now:
                story.lives.append((environment.created, now))
            else:
                (ready if environment.provisioned else idle).append(environment)
            continue
        request = what
        if request.given_up:
            request.given_up = False
            if clients:
                clients.answered(now, throttled=False)
            if request.attempt < p.max_attempts and tokens >= p.timeout_cost:
                tokens -= p.timeout_cost
                request.paid = p.timeout_cost
                delay = next(spare) * min(2.0 ** (request.attempt - 1), p.delay_cap_s)
                heapq.heappush(events, (now + delay, 1, next(sequence), request))
            else:
                first, waited = request.first, now - request.first
                story.rows.append((first, waited, 0.0, 0.0, 0.0, TIMED_OUT, request.attempt, int(request.met)))
            continue
        if kind == 1:
            request.attempt += 1
        if clients:
            if not sent and clients.limited and (held or clients.ready(now) > now):
                held.append(request)
                continue
            clients.send(now)
        story.attempts += 1
        waited = now - request.first
        for environment in [e for e in idle if gone(e) < now]:
            idle.remove(environment)
            story.lives.append((environment.created, gone(environment)))
        refused = in_flight >= p.max_concurrency
        if not refused and not ready and not idle and p.starts_per_s < math.inf:
            allowed = min(p.start_burst, allowed + (now - allowed_at) * p.starts_per_s)
            allowed_at = now
            refused = allowed < 1
            allowed -= not refused
        if refused:
            if clients:
                clients.answered(now, throttled=True)
            if request.attempt < p.max_attempts and tokens >= p.retry_cost:
                tokens -= p.retry_cost
                request.paid = p.retry_cost
                delay = next(spare) * min(2.0 ** (request.attempt - 1), p.delay_cap_s)
                heapq.heappush(events, (now + delay, 1, next(sequence), request))
            else:
                row = (request.first, waited, 0.0, 0.0, 0.0, THROTTLED, request.attempt, int(request.met))
                story.rows.append(row)
            continue
        setup, service = 0.0, min(request.demand * p.factor + p.added_s, p.limit_s)
        fate = COMPLETED if request.demand * p.factor + p.added_s <= p.limit_s else TIMED_OUT
        not_ready = False
        if ready:
            environment = ready.pop()
        elif idle:
            environment = idle.pop()
        else:
            environment = Environment(False, now)
            setup = next(start_s)
            request.met = True
            not_ready = setup > p.not_ready_s
            if p.mortal:
                environment.dies = now + next(life_s)
            if setup > p.start_limit_s:
                environment.fails = True
                setup, service, fate = p.start_limit_s, 0.0, TIMED_OUT
            elif not_ready:
                service = 0.0
        if p.spread:
            environment.keep = next(keep)
        told_after = p.not_ready_s if not_ready else setup + service
        gives_up = told_after > p.patience_s or (told_after == p.patience_s and fate == TIMED_OUT)
        environment.nobody_waits = gives_up
        in_flight += 1
        quiet_since = math.inf
        heapq.heappush(events, (now + setup + service, 0, next(sequence), environment))
        story.stays.append((now, now + setup + service))
        story.provisioned_s += service if environment.provisioned else 0.0
        if not not_ready and not environment.fails and 0 <= request.first < p.horizon_s:
            seconds = service + setup if p.bill_setup else service
            story.billed_ms[environment.provisioned] += math.ceil(seconds * 1000 - 1e-6)
            story.executed += 1
        if gives_up:  # the client does, at the end of its patience; the environment works on
            if service > 0:
                story.rows.append((-1.0, now + 1.0, 0.0, setup, service, TIMED_OUT, 0, 0))
            request.given_up = True
            heapq.heappush(events, (now + p.patience_s, 1, next(sequence), request))
            continue
        if not_ready:  # the client is told so; the environment goes on to start
            setup, fate = p.not_ready_s, THROTTLED
            if p.retry_not_ready and request.attempt < p.max_attempts and tokens >= p.retry_cost:
                tokens -= p.retry_cost
                request.paid = p.retry_cost
                delay = next(spare) * min(2.0 ** (request.attempt - 1), p.delay_cap_s)
                heapq.heappush(events, (now + setup + delay, 1, next(sequence), request))
                continue
        story.rows.append((request.first, waited, 0.0, setup, service, fate, request.attempt, int(request.met)))
        if fate == COMPLETED and p.retry_cost > 0:
            tokens = min(p.tokens, tokens + (request.paid if request.attempt > 1 else 1.0))
    story.lives += [(e.created, gone(e)) for e in idle]
    return story


def integral(spans, begin, end) -> float:
    """Seconds that the spans (from, to) have between begin and end, together."""
    return math.fsum(max(0.0, min(to, end) - max(start, begin)) for start, to in spans)


def peak(spans, begin, end) -> int:
    """Most spans that hold at once from begin until before end; one that ends when another begins made room for it."""
    moments = [begin, *(start for start, _ in spans if begin <= start < end)]
    return max(sum(start <= at < to for start, to in spans) for at in moments)
