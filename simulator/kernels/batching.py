"""A fleet whose model servers make batches: what waits in an instance is worked on together. Event by event.

Events in order of time: a worker finishes, the oldest request of an instance has waited for the delay, a refused
request is tried again, a request arrives; at equal times in this order. A free worker takes up to `most` requests from
the head of its instance's queue as soon as there are so many, or when the oldest has waited for delay_s (facts row
2.56). A batch of requests with demands d takes factor x (fixed_share x mean(d) + (1 - fixed_share) x sum(d)), so a
batch of one takes its demand; all its requests are answered at its end. An instance refuses when its queue is full
beyond what its free workers may take. Everything else is as in kernels/realtime.py, whose state is used.

In the log a request's service is its share of the batch, by demand, so that the work of all is the time the worker
was busy; the rest of the batch counts as waiting.
"""

from __future__ import annotations

from typing import NamedTuple

from simulator.kernels import INF, LOG_FULL, NEED_SPARE, OK, POOL_FULL, Bytes, Floats, Ints, compiled
from simulator.kernels.calendar import put, take
from simulator.kernels.fates import COMPLETED, REJECTED, TIMED_OUT
from simulator.kernels.fold import Log
from simulator.kernels.heap import pop, push
from simulator.kernels.realtime import delist, enlist
from simulator.kernels.realtime_state import (
    ACTIVE,
    ATTEMPTS,
    BUSY,
    FIRST,
    FREE,
    IN_SERVICE,
    LEVEL,
    LOGGED,
    MOST,
    PER_S,
    QUEUE_PEAK,
    QUEUE_S,
    QUEUE_SINCE,
    QUEUED,
    RETRYING,
    ROW_BITS,
    SEQUENCE,
    SPARED,
    TOKENS,
    WEIGHT,
    Params,
    State,
)

# Places in Batches.ints: instances that wait for their oldest request.
(DUE,) = range(1)
INTS = 1


class Batches(NamedTuple):
    """most requests of a batch, its delay and fixed share. size: int64, requests by worker. members: int64[N], requests
    in work by instance. due_t, due_key: heap of moments at which instances look at their oldest; armed: int8[N], 1 for
    those in it.
    """

    most: int
    delay_s: float
    fixed_share: float
    ints: Ints
    size: Ints
    members: Ints
    due_t: Floats
    due_key: Ints
    armed: Bytes


def _relist(s: State, p: Params, j: int, before: int, after: int) -> None:
    """Instance j, in service, has `after` requests instead of `before`."""
    if p.least_outstanding and s.role[j] == IN_SERVICE and before != after:
        delist(s.member, s.members, s.place, j, before)
        enlist(s.member, s.members, s.place, j, after)
        s.ints[LEVEL] = min(s.ints[LEVEL], after)


def _begin(s: State, p: Params, b: Batches, log: Log, j: int, now: float) -> None:
    """An idle worker of instance j takes a batch from the queue; a row for each request in it."""
    c = s.ints
    size = min(b.most, s.queued[j])
    total = 0.0
    slot = s.head[j]
    for _ in range(size):
        total += s.demand_s[slot]
        slot = s.next[slot]
    lasts = p.factor * (b.fixed_share * (total / size) + (1 - b.fixed_share) * total)
    place = s.worker_spare[s.worker_t.size - c[BUSY] - 1]
    s.busy[j] += 1
    c[BUSY] += 1
    b.size[place] = size
    b.members[j] += size
    s.worker_t[place], s.worker_key[place] = now + lasts, (c[SEQUENCE] << ROW_BITS) | j
    c[SEQUENCE] += 1
    put(s.worker_t, s.worker_key, s.worker_after, s.worker_bucket, s.reals[PER_S], place)
    if c[BUSY] == 1 or now + lasts < s.worker_t[c[FIRST]]:
        c[FIRST] = place
    s.reals[QUEUE_S] += c[QUEUED] * (now - s.reals[QUEUE_SINCE])
    s.reals[QUEUE_SINCE] = now
    c[QUEUED] -= size
    for _ in range(size):
        slot = s.head[j]
        s.head[j] = s.next[slot]
        s.queued[j] -= 1
        s.free[c[FREE]] = slot
        c[FREE] += 1
        k = c[LOGGED]
        first, enter = s.first_s[slot], s.enter_s[slot]
        share = lasts * (s.demand_s[slot] / total) if total > 0 else 0.0
        log.arrival_s[k], log.retry_s[k], log.queue_s[k] = first, enter - first, now - enter + (lasts - share)
        log.setup_s[k], log.service_s[k] = 0.0, share
        in_time = now - enter + lasts <= p.limit_s
        log.fate[k], log.attempts[k], log.cold[k] = (COMPLETED if in_time else TIMED_OUT), s.attempt[slot], 0
        c[LOGGED] += 1
        if in_time and p.retry_cost > 0:
            s.reals[TOKENS] = min(p.tokens, s.reals[TOKENS] + (p.retry_cost if s.attempt[slot] > 1 else 1.0))


def _look(s: State, p: Params, b: Batches, log: Log, j: int, now: float) -> None:
    """Begin whatever batches of instance j may begin now; else look again when its oldest has waited long enough."""
    while (
        s.busy[j] < p.workers and s.queued[j] > 0 and (s.queued[j] >= b.most or s.enter_s[s.head[j]] + b.delay_s <= now)
    ):
        begin(s, p, b, log, j, now)
    if s.queued[j] and s.busy[j] < p.workers and not b.armed[j]:
        push(b.due_t, b.due_key, b.ints[DUE], s.enter_s[s.head[j]] + b.delay_s, j)
        b.ints[DUE] += 1
        b.armed[j] = 1


def _refuse(s: State, p: Params, log: Log, slot: int, now: float) -> None:
    """The request of this slot finds a full queue: it is tried again, or ends."""
    c = s.ints
    attempt = s.attempt[slot]
    if p.retry_overflow and attempt < p.max_attempts and s.reals[TOKENS] >= p.retry_cost:
        s.reals[TOKENS] -= p.retry_cost
        delay = s.spare[c[SPARED]] * min(2.0 ** (attempt - 1), p.delay_cap_s)
        c[SPARED] += 1
        push(s.retry_t, s.retry_key, c[RETRYING], now + delay, slot)
        c[RETRYING] += 1
        return
    k = c[LOGGED]
    log.arrival_s[k], log.retry_s[k], log.queue_s[k] = s.first_s[slot], now - s.first_s[slot], 0.0
    log.setup_s[k], log.service_s[k] = 0.0, 0.0
    log.fate[k], log.attempts[k], log.cold[k] = REJECTED, attempt, 0
    c[LOGGED] += 1
    s.free[c[FREE]] = slot
    c[FREE] += 1


def _route(s: State, p: Params, draw: float) -> int:
    """The instance that the router chooses; counts the attempt."""
    c = s.ints
    c[ATTEMPTS] += 1
    s.reals[WEIGHT] += 1.0 / c[ACTIVE]
    if not p.least_outstanding:
        return int(s.active[int(draw * c[ACTIVE])])
    level = c[LEVEL]
    while s.members[level] == 0:
        level += 1
    c[LEVEL] = level
    return int(s.member[level, int(draw * s.members[level])])


def _join(s: State, p: Params, b: Batches, j: int, slot: int, now: float) -> None:
    """The request of this slot waits in instance j."""
    c = s.ints
    level = b.members[j] + s.queued[j]
    c[MOST] = max(c[MOST], level + 1)
    relist(s, p, j, level, level + 1)
    if s.queued[j] == 0:
        s.head[j] = slot
    else:
        s.next[s.tail[j]] = slot
    s.tail[j] = slot
    s.queued[j] += 1
    s.reals[QUEUE_S] += c[QUEUED] * (now - s.reals[QUEUE_SINCE])
    s.reals[QUEUE_SINCE] = now
    c[QUEUED] += 1


def _advance(
    s: State,
    p: Params,
    b: Batches,
    log: Log,
    t: Floats,
    demand: Floats,
    u: Floats,
    i: int,
    until: float,
    final: bool,
) -> tuple[int, int]:
    """Go on with request i of the chunk (t, demand, u); return the next request and a status code. The log has room for
    at least two batches.
    """
    c = s.ints
    n = t.size
    mask = (1 << ROW_BITS) - 1
    while i < n or final:
        arrives = t[i] if i < n else INF
        finishes = s.worker_t[c[FIRST]] if c[BUSY] else INF
        retries = s.retry_t[0] if c[RETRYING] else INF
        due = b.due_t[0] if b.ints[DUE] else INF
        now = min(arrives, finishes, retries, due)
        if now >= until:
            break
        if c[LOGGED] + 2 * b.most > log.arrival_s.size:
            return i, LOG_FULL
        if c[SPARED] > s.spare.size - 2:
            return i, NEED_SPARE
        if c[FREE] == 0:
            return i, POOL_FULL
        if finishes <= now:
            place = c[FIRST]
            j = s.worker_key[place] & mask
            c[FIRST] = take(s.worker_t, s.worker_key, s.worker_after, s.worker_bucket, s.reals[PER_S], place)
            relist(s, p, j, b.members[j] + s.queued[j], b.members[j] + s.queued[j] - b.size[place])
            b.members[j] -= b.size[place]
            s.busy[j] -= 1
            c[BUSY] -= 1
            s.worker_spare[s.worker_t.size - c[BUSY] - 1] = place
        elif due <= now:
            j = b.due_key[0]
            pop(b.due_t, b.due_key, b.ints[DUE])
            b.ints[DUE] -= 1
            b.armed[j] = 0
        else:
            if retries <= now:
                slot = s.retry_key[0]
                pop(s.retry_t, s.retry_key, c[RETRYING])
                c[RETRYING] -= 1
                s.attempt[slot] += 1
                draw = s.spare[c[SPARED]]
                c[SPARED] += 1
            else:
                c[FREE] -= 1
                slot = s.free[c[FREE]]
                s.first_s[slot], s.demand_s[slot], s.attempt[slot] = arrives, demand[i], 1
                draw = u[i]
                i += 1
            s.enter_s[slot] = now
            j = route(s, p, draw)
            if s.queued[j] >= p.queue_size + b.most * (p.workers - s.busy[j]):
                refuse(s, p, log, slot, now)
                continue
            join(s, p, b, j, slot, now)
        look(s, p, b, log, j, now)
        c[QUEUE_PEAK] = max(c[QUEUE_PEAK], c[QUEUED])
    return i, OK


relist = compiled(_relist)
begin = compiled(_begin)
look = compiled(_look)
refuse = compiled(_refuse)
route = compiled(_route)
join = compiled(_join)
advance = compiled(_advance)
