"""A fleet of instances, each with W workers and one queue of at most Q, fed by a router. Event by event.

Events in order of time: a worker finishes, a refused request is tried again, a request arrives; at equal times in
this order, and within one kind by sequence. A worker that finishes takes the head of its instance's queue. The router
sends a request to an instance in service: uniformly (RANDOM) or uniformly among those with the fewest outstanding
requests. The outstanding requests of each instance are kept in lists by number, so that no event looks at all
instances, and the busy workers in a calendar: O(1) per request. An instance whose queue is full refuses; a refusal is
retried after a random delay when the client's mode allows it (facts rows 8.1 to 8.3). A request that waits and is
served longer than the limit has timed out for the client but is worked on to its end (facts row 2.58).

Times are seconds. The state is carried from call to call; a call stops before `until`, when it has used up the chunk,
or when it needs room.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.kernels import INF, LOG_FULL, NEED_SPARE, OK, POOL_FULL, Floats, Ints, compiled
from simulator.kernels.calendar import Places, put, take
from simulator.kernels.fold import Log
from simulator.kernels.heap import pop, push
from simulator.outcome import COMPLETED, REJECTED, TIMED_OUT

# Places in State.ints.
LOGGED, SEQUENCE, BUSY, RETRYING, FREE, ACTIVE, LEVEL, QUEUED, SPARED, ATTEMPTS, FIRST, QUEUE_PEAK, MOST = range(13)
COUNTS = 13
# Places in State.reals.
WEIGHT, TOKENS, PER_S, QUEUE_S, QUEUE_SINCE = range(5)
REALS = 5

OFF, IN_SERVICE, DRAINING = range(3)
ROW_BITS = 20


Members = NDArray[np.int32]


class Params(NamedTuple):
    """What does not change during a run.

    least_outstanding: 1 for LEAST_OUTSTANDING_REQUESTS. factor: service time over reference time. limit_s: time limit
    of a request. retry_overflow: 1 when a refusal is retried; max_attempts in total; delay_cap_s: largest
    mean-doubling delay. tokens, retry_cost: the client's retry quota (cost 0: no quota).
    """

    workers: int
    queue_size: int
    least_outstanding: int
    factor: float
    limit_s: float
    retry_overflow: int
    max_attempts: int
    delay_cap_s: float
    tokens: float
    retry_cost: float


class State(NamedTuple):
    """The fleet between two calls. N instances, P places in the pool of waiting requests, L = W + Q + 1 levels.

    role, busy, queued, head, tail, place: int64[N]; active: int64[N], the ACTIVE first are in service; member:
    int32[L, N] and members: int64[L], instances in service by outstanding requests. worker_t, worker_key,
    worker_after, worker_bucket: calendar of busy workers, FIRST is the place of the next to finish, PER_S its days
    per second; worker_spare: int32, its free places. retry_t, retry_key: heap of requests to be tried again, the key
    is their place in the pool. QUEUE_S, QUEUE_SINCE, QUEUE_PEAK: integral of the waiting requests up to QUEUE_SINCE,
    and their peak, until the caller resets them; MOST: most outstanding requests that any instance reached, likewise.
    first_s, enter_s, demand_s, attempt, next: the pool; free: its empty
    places. spare: float64, uniform numbers for retries.
    """

    ints: Ints
    reals: Floats
    role: Ints
    busy: Ints
    queued: Ints
    head: Ints
    tail: Ints
    place: Ints
    active: Ints
    member: Members
    members: Ints
    worker_t: Floats
    worker_key: Ints
    worker_after: Places
    worker_bucket: Places
    worker_spare: Places
    retry_t: Floats
    retry_key: Ints
    first_s: Floats
    enter_s: Floats
    demand_s: Floats
    attempt: Ints
    next: Ints
    free: Ints
    spare: Floats


def _enlist(member: Members, members: Ints, place: Ints, j: int, level: int) -> None:
    """Put instance j at the end of the list of its level."""
    place[j] = members[level]
    member[level, members[level]] = j
    members[level] += 1


def _delist(member: Members, members: Ints, place: Ints, j: int, level: int) -> None:
    """Take instance j out of the list of its level; the last of the list takes its place."""
    members[level] -= 1
    last = member[level, members[level]]
    member[level, place[j]] = last
    place[last] = place[j]


def _advance(
    s: State, p: Params, log: Log, t: Floats, demand: Floats, u: Floats, i: int, until: float, final: bool
) -> tuple[int, int]:
    """Go on with request i of the chunk (t, demand, u); return the next request and a status code."""
    c = s.ints
    n = t.size
    room = log.arrival_s.size
    spare_room = s.spare.size - 2
    mask = (1 << ROW_BITS) - 1
    places = s.worker_t.size
    per_s = s.reals[PER_S]
    while i < n or final:
        arrives = t[i] if i < n else INF
        finishes = s.worker_t[c[FIRST]] if c[BUSY] else INF
        retries = s.retry_t[0] if c[RETRYING] else INF
        if min(arrives, finishes, retries) >= until:
            break
        if c[LOGGED] >= room:
            return i, LOG_FULL
        if finishes <= retries and finishes <= arrives:
            place = c[FIRST]
            j = s.worker_key[place] & mask
            c[FIRST] = take(s.worker_t, s.worker_key, s.worker_after, s.worker_bucket, per_s, place)
            if p.least_outstanding and s.role[j] == IN_SERVICE:
                level = s.busy[j] + s.queued[j]
                delist(s.member, s.members, s.place, j, level)
                enlist(s.member, s.members, s.place, j, level - 1)
                c[LEVEL] = min(c[LEVEL], level - 1)
            if s.queued[j] == 0:
                s.busy[j] -= 1
                c[BUSY] -= 1
                s.worker_spare[places - c[BUSY] - 1] = place
                continue
            now = finishes
            slot = s.head[j]
            s.head[j] = s.next[slot]
            s.queued[j] -= 1
            s.reals[QUEUE_S] += c[QUEUED] * (now - s.reals[QUEUE_SINCE])
            s.reals[QUEUE_SINCE] = now
            c[QUEUED] -= 1
            first, enter, work, attempt = s.first_s[slot], s.enter_s[slot], s.demand_s[slot], s.attempt[slot]
            s.free[c[FREE]] = slot
            c[FREE] += 1
        else:
            if c[SPARED] > spare_room:
                return i, NEED_SPARE
            if c[FREE] == 0:
                return i, POOL_FULL
            if retries <= arrives:
                slot = s.retry_key[0]
                now = retries
                first, work, attempt = s.first_s[slot], s.demand_s[slot], s.attempt[slot] + 1
                pop(s.retry_t, s.retry_key, c[RETRYING])
                c[RETRYING] -= 1
                s.free[c[FREE]] = slot
                c[FREE] += 1
                draw = s.spare[c[SPARED]]
                c[SPARED] += 1
            else:
                now = arrives
                first, work, attempt = arrives, demand[i], 1
                draw = u[i]
                i += 1
            enter = now
            c[ATTEMPTS] += 1
            s.reals[WEIGHT] += 1.0 / c[ACTIVE]
            if p.least_outstanding:
                level = c[LEVEL]
                while s.members[level] == 0:
                    level += 1
                c[LEVEL] = level
                j = s.member[level, int(draw * s.members[level])]
            else:
                j = s.active[int(draw * c[ACTIVE])]
                level = s.busy[j] + s.queued[j]
            if level >= p.workers + p.queue_size:
                allowed = p.retry_overflow and attempt < p.max_attempts and s.reals[TOKENS] >= p.retry_cost
                if allowed:
                    s.reals[TOKENS] -= p.retry_cost
                    c[FREE] -= 1
                    slot = s.free[c[FREE]]
                    s.first_s[slot], s.demand_s[slot], s.attempt[slot] = first, work, attempt
                    delay = s.spare[c[SPARED]] * min(2.0 ** (attempt - 1), p.delay_cap_s)
                    c[SPARED] += 1
                    push(s.retry_t, s.retry_key, c[RETRYING], now + delay, slot)
                    c[RETRYING] += 1
                else:
                    k = c[LOGGED]
                    log.arrival_s[k], log.retry_s[k], log.queue_s[k] = first, now - first, 0.0
                    log.setup_s[k], log.service_s[k] = 0.0, 0.0
                    log.fate[k], log.attempts[k], log.cold[k] = REJECTED, attempt, 0
                    c[LOGGED] += 1
                continue
            if level >= c[MOST]:
                c[MOST] = level + 1
            if p.least_outstanding:
                delist(s.member, s.members, s.place, j, level)
                enlist(s.member, s.members, s.place, j, level + 1)
            if s.busy[j] == p.workers:
                c[FREE] -= 1
                slot = s.free[c[FREE]]
                s.first_s[slot], s.enter_s[slot], s.demand_s[slot], s.attempt[slot] = first, now, work, attempt
                if s.queued[j] == 0:
                    s.head[j] = slot
                else:
                    s.next[s.tail[j]] = slot
                s.tail[j] = slot
                s.queued[j] += 1
                s.reals[QUEUE_S] += c[QUEUED] * (now - s.reals[QUEUE_SINCE])
                s.reals[QUEUE_SINCE] = now
                c[QUEUED] += 1
                c[QUEUE_PEAK] = max(c[QUEUE_PEAK], c[QUEUED])
                continue
            place = s.worker_spare[places - c[BUSY] - 1]
            s.busy[j] += 1
            c[BUSY] += 1
        service = work * p.factor
        s.worker_t[place], s.worker_key[place] = now + service, (c[SEQUENCE] << ROW_BITS) | j
        c[SEQUENCE] += 1
        put(s.worker_t, s.worker_key, s.worker_after, s.worker_bucket, per_s, place)
        if c[BUSY] == 1 or now + service < s.worker_t[c[FIRST]]:
            c[FIRST] = place
        k = c[LOGGED]
        log.arrival_s[k], log.retry_s[k], log.queue_s[k] = first, enter - first, now - enter
        log.setup_s[k], log.service_s[k] = 0.0, service
        in_time = now - enter + service <= p.limit_s
        log.fate[k], log.attempts[k], log.cold[k] = (COMPLETED if in_time else TIMED_OUT), attempt, 0
        c[LOGGED] += 1
        if in_time and p.retry_cost > 0:
            s.reals[TOKENS] = min(p.tokens, s.reals[TOKENS] + (p.retry_cost if attempt > 1 else 1.0))
    return i, OK


enlist = compiled(_enlist)
delist = compiled(_delist)
advance = compiled(_advance)
