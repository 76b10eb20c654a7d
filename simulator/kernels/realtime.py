"""A fleet of instances, each with W workers and one queue of at most Q, fed by a router. Event by event.

Events in order of time: a worker finishes, a client gives up, one that had to wait sends, a refused request is tried
again (or a user sends), a request arrives; at equal times in this order, and within one kind by sequence. A worker
that finishes takes the head of its instance's queue. The router sends a request to an instance in service: uniformly
(RANDOM) or uniformly among those with the fewest outstanding requests. The outstanding requests of each instance are
kept in lists by number, so that no event looks at all instances, and the busy workers in a calendar: O(1) per request.
An instance whose queue is full refuses; a refusal is retried after a random delay when the client's mode allows it
(facts rows 8.1 to 8.3). A request that waits and is served longer than the limit has timed out for the client but is
worked on to its end (facts row 2.58).

This is the full specialisation. Requests keep their place in the pool and are logged when they end, so that an
instance can be killed; clients can give up, think and limit their rate (kernels/realtime_client.py), and service times
depend on what goes on. Most scenarios need none of it: kernels/realtime_plain.py is the same loop without, twice as
fast.

Times are seconds. The state (kernels/realtime_state.py) is carried from call to call; a call stops before `until`,
when it has used up the chunk, or when it needs room.
"""

from __future__ import annotations

import numpy as np

from simulator.kernels import INF, LOG_FULL, NEED_SPARE, OK, POOL_FULL, Floats, Ints, compiled
from simulator.kernels.calendar import put, take
from simulator.kernels.fates import COMPLETED, FAILED, REJECTED
from simulator.kernels.fold import Log
from simulator.kernels.heap import pop
from simulator.kernels.realtime_client import end, fail, give_up, hold, part, release, thanks, unwatch, watch, worked
from simulator.kernels.realtime_state import (
    ACTIVE,
    ADDED_S,
    ATTEMPTS,
    BUSY,
    DEMANDED,
    FIRST,
    FREE,
    HELD,
    IN_SERVICE,
    LEVEL,
    LOGGED,
    MOST,
    NONE,
    NOW_S,
    OLDEST,
    PER_S,
    QUEUE_PEAK,
    QUEUE_S,
    QUEUE_SINCE,
    QUEUED,
    RETRYING,
    ROW_BITS,
    SENT,
    SEQUENCE,
    SPARED,
    WEIGHT,
    Extra,
    Members,
    Params,
    State,
)
from simulator.kernels.sending import ENABLED, ready_s, send


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
    s: State,
    p: Params,
    x: Extra,
    log: Log,
    t: Floats,
    demand: Floats,
    u: Floats,
    i: int,
    until: float,
    final: bool,
) -> tuple[int, int]:
    """Go on with request i of the chunk (t, demand, u); return the next request and a status code."""
    c = s.ints
    n = t.size
    room = log.arrival_s.size
    spare_room = s.spare.size - 2
    mask = (1 << ROW_BITS) - 1
    places = s.worker_t.size
    per_s = s.reals[PER_S]
    now = x.reals[NOW_S]
    while i < n or final:
        arrives = t[i] if i < n else INF
        finishes = s.worker_t[c[FIRST]] if c[BUSY] else INF
        retries = s.retry_t[0] if c[RETRYING] else INF
        nearest = min(arrives, finishes, retries)
        # What a client does when none of the other three comes first: give up, or send what it held back.
        oldest = x.ints[OLDEST]
        expires = s.enter_s[oldest] + x.rules.deadline_s if oldest != NONE else INF
        sends = ready_s(x.rate, now) if x.ints[HELD] else INF
        nearest = min(nearest, expires, sends)
        if nearest >= until:
            break
        if c[LOGGED] >= room or x.ints[SENT] == x.sent_s.size:
            return i, LOG_FULL
        if c[SPARED] > spare_room or x.ints[DEMANDED] == x.demand_s.size:
            return i, NEED_SPARE
        if c[FREE] == 0:
            return i, POOL_FULL
        now = nearest
        x.reals[NOW_S] = now
        if finishes > expires and expires <= min(sends, retries, arrives):
            give_up(s, p, x, log, now)
            continue
        if finishes <= nearest:
            place = c[FIRST]
            j = s.worker_key[place] & mask
            c[FIRST] = take(s.worker_t, s.worker_key, s.worker_after, s.worker_bucket, per_s, place)
            if p.least_outstanding and s.role[j] == IN_SERVICE:
                level = s.busy[j] + s.queued[j]
                delist(s.member, s.members, s.place, j, level)
                enlist(s.member, s.members, s.place, j, level - 1)
                c[LEVEL] = min(c[LEVEL], level - 1)
            slot = x.worker_slot[place]
            if x.ghost[slot]:
                worked(s, log, x.begin_s[slot], now)
            else:
                k = c[LOGGED]
                first, enter, begin = s.first_s[slot], s.enter_s[slot], x.begin_s[slot]
                log.arrival_s[k], log.retry_s[k], log.queue_s[k] = first, enter - first, begin - enter
                log.setup_s[k], log.service_s[k] = 0.0, now - begin
                log.fate[k], log.attempts[k], log.cold[k] = COMPLETED, s.attempt[slot], 0
                c[LOGGED] += 1
                unwatch(x.ints, x.older, x.newer, slot)
                if p.retry_cost > 0 or x.rules.adaptive:
                    thanks(s, p, x, slot, now)
            if x.user[slot]:
                part(s, x, slot, now)
            else:
                s.free[c[FREE]] = slot
                c[FREE] += 1
            if s.queued[j] == 0:
                s.busy[j] -= 1
                c[BUSY] -= 1
                s.worker_spare[places - c[BUSY] - 1] = place
                continue
            slot = s.head[j]
            s.head[j] = s.next[slot]
            s.queued[j] -= 1
            s.reals[QUEUE_S] += c[QUEUED] * (now - s.reals[QUEUE_SINCE])
            s.reals[QUEUE_SINCE] = now
            c[QUEUED] -= 1
        else:
            held = sends <= retries and sends <= arrives
            if held:
                slot = release(x)
                draw = s.spare[c[SPARED]]
                c[SPARED] += 1
            elif retries <= arrives:
                slot = s.retry_key[0]
                pop(s.retry_t, s.retry_key, c[RETRYING])
                c[RETRYING] -= 1
                s.attempt[slot] += 1
                if s.attempt[slot] == 1:
                    # A user has thought and sends the next request.
                    s.first_s[slot], s.demand_s[slot] = now, x.demand_s[x.ints[DEMANDED]]
                    x.ints[DEMANDED] += 1
                    x.sent_s[x.ints[SENT]] = now
                    x.ints[SENT] += 1
                draw = s.spare[c[SPARED]]
                c[SPARED] += 1
            else:
                c[FREE] -= 1
                slot = s.free[c[FREE]]
                s.first_s[slot], s.demand_s[slot], s.attempt[slot] = now, demand[i], 1
                x.user[slot], x.ghost[slot] = 0, 0
                draw = u[i]
                i += 1
            s.enter_s[slot] = now
            if x.rules.adaptive:
                if not held and x.rate[ENABLED] and (x.ints[HELD] or ready_s(x.rate, now) > now):
                    if not hold(x, slot):
                        end(s, x, log, slot, now, REJECTED)
                    continue
                send(x.rate, now)
            c[ATTEMPTS] += 1
            if c[ACTIVE] == 0:
                fail(s, p, x, log, slot, now, FAILED)
                continue
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
                fail(s, p, x, log, slot, now, REJECTED)
                continue
            if level >= c[MOST]:
                c[MOST] = level + 1
            if p.least_outstanding:
                delist(s.member, s.members, s.place, j, level)
                enlist(s.member, s.members, s.place, j, level + 1)
            watch(x.ints, x.older, x.newer, slot)
            if s.busy[j] == p.workers:
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
        service = s.demand_s[slot] * p.factor * x.slowdown[s.busy[j]] + x.reals[ADDED_S]
        if now < x.warm_s[j]:
            service *= x.rules.warmup_slowdown
        s.worker_t[place], s.worker_key[place] = now + service, (c[SEQUENCE] << ROW_BITS) | j
        c[SEQUENCE] += 1
        put(s.worker_t, s.worker_key, s.worker_after, s.worker_bucket, per_s, place)
        if c[BUSY] == 1 or now + service < s.worker_t[c[FIRST]]:
            c[FIRST] = place
        x.worker_slot[place], x.begin_s[slot] = slot, now
    return i, OK


def _bury(s: State, p: Params, x: Extra, log: Log, slot: int, now: float) -> None:
    """The request of this slot fails with its instance."""
    if x.ghost[slot]:
        s.free[s.ints[FREE]] = slot
        s.ints[FREE] += 1
        return
    unwatch(x.ints, x.older, x.newer, slot)
    fail(s, p, x, log, slot, now, FAILED)


def _kill(s: State, p: Params, x: Extra, log: Log, j: int, now: float) -> int:
    """Instance j, which is not in service any more, is gone: what it works on and what waits there fails. Returns a
    status code: to be called again with room until OK.
    """
    c = s.ints
    places = s.worker_t.size
    mask = (1 << ROW_BITS) - 1
    works = np.ones(places, dtype=np.bool_)
    works[s.worker_spare[: places - c[BUSY]]] = False
    x.reals[NOW_S] = now
    code = OK
    at = 0
    while s.busy[j] + s.queued[j]:
        if c[LOGGED] + 2 > log.arrival_s.size:
            code = LOG_FULL
            break
        if c[SPARED] > s.spare.size - 2:
            code = NEED_SPARE
            break
        if s.busy[j]:
            while not works[at] or s.worker_key[at] & mask != j:
                at += 1
            works[at] = False
            slot = x.worker_slot[at]
            s.busy[j] -= 1
            c[BUSY] -= 1
            s.worker_spare[places - c[BUSY] - 1] = at
            if now > x.begin_s[slot]:
                worked(s, log, x.begin_s[slot], now)
        else:
            slot = s.head[j]
            s.head[j] = s.next[slot]
            s.queued[j] -= 1
            s.reals[QUEUE_S] += c[QUEUED] * (now - s.reals[QUEUE_SINCE])
            s.reals[QUEUE_SINCE] = now
            c[QUEUED] -= 1
        bury(s, p, x, log, slot, now)
    reorder(s, np.flatnonzero(works))
    return code


def _reorder(s: State, working: Ints) -> None:
    """Put the workers of these places into the calendar anew, and find the first."""
    s.worker_bucket[:] = -1
    first = NONE
    for place in working:
        put(s.worker_t, s.worker_key, s.worker_after, s.worker_bucket, s.reals[PER_S], place)
        t, k = s.worker_t[place], s.worker_key[place]
        if first == NONE or t < s.worker_t[first] or (t == s.worker_t[first] and k < s.worker_key[first]):
            first = place
    s.ints[FIRST] = first


enlist = compiled(_enlist)
delist = compiled(_delist)
bury = compiled(_bury)
reorder = compiled(_reorder)
kill = compiled(_kill)
advance = compiled(_advance)
