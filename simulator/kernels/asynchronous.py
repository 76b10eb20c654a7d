"""One queue in front of a changing number of instances, each with so many slots. Event by event.

Events in order of time: a slot finishes, the head of the queue expires, a request arrives; at equal times in this
order. A free slot takes the head of the queue at once (first come, first served; row 4.2 does not promise the order).
A slot is held for download + model + upload, or for download + time limit when the model would take longer. A request
that has waited for the time to live leaves the queue at that moment. Its row is written when it ends. O(log b) per
request, b the number of busy slots.

An instance that is killed loses what it works on: it goes back to the head of the queue, oldest first, unless its time
to live is over, or it is lost.

Times are seconds. The state is carried from call to call; a call stops before `until`, when it has used up the chunk,
or when it needs room.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.kernels import INF, LOG_FULL, OK, POOL_FULL, Floats, Ints, compiled
from simulator.kernels.fates import COMPLETED, EXPIRED, LOST, TIMED_OUT
from simulator.kernels.fold import Log
from simulator.kernels.heap import pop, push

# Places in State.ints. SHUT: 1 when a full pool does not grow any more, so that what finds it full is dropped.
LOGGED, SEQUENCE, BUSY, FREE, HEAD, QUEUED, PEAK, ATTEMPTS, SHUT, DROPPED = range(10)
COUNTS = 10
# Places in State.reals: time of the last event; integral of the queue's length since the controller last looked.
NOW, WAITED = range(2)
REALS = 2

AWAY, IN_SERVICE, DRAINING = range(3)
SLOT_BITS = 24


class Params(NamedTuple):
    """What does not change between two calls. factor: model time over reference time; the rest in seconds; added_s:
    added to the model time of what begins.
    """

    factor: float
    download_s: float
    upload_s: float
    ttl_s: float
    timeout_s: float
    added_s: float = 0.0


class State(NamedTuple):
    """The endpoint between two calls. N instances with S slots each, P places in the pool of waiting requests.

    role, busy: int64[N], of each instance. owner: int64[N x S], the instance of each slot. free: int64[N x S], a stack
    of the free slots of those in service. finish_t, finish_key: [N x S], heap of busy slots, the key is sequence and
    slot. held_enter_s, held_began_s, held_demand_s, held_service_s, held_fate: [N x S], what a busy slot works on.
    enter_s, demand_s: float64[P], a ring. slowdown: float64[S + 1], factor of the service time by busy slots of the
    instance.
    """

    ints: Ints
    reals: Floats
    role: Ints
    busy: Ints
    owner: Ints
    free: Ints
    finish_t: Floats
    finish_key: Ints
    held_enter_s: Floats
    held_began_s: Floats
    held_demand_s: Floats
    held_service_s: Floats
    held_fate: Ints
    enter_s: Floats
    demand_s: Floats
    slowdown: Floats


def _advance(
    s: State, p: Params, log: Log, t: Floats, demand: Floats, i: int, until: float, final: bool
) -> tuple[int, int]:
    """Go on with request i of the chunk (t, demand); return the next request and a status code."""
    c = s.ints
    n = t.size
    room = log.arrival_s.size
    places = s.enter_s.size
    mask = (1 << SLOT_BITS) - 1
    while True:
        if c[LOGGED] >= room:
            return i, LOG_FULL
        if c[QUEUED] and c[FREE]:
            now = s.reals[NOW]
            head = c[HEAD]
            c[HEAD] = head + 1 if head + 1 < places else 0
            c[QUEUED] -= 1
            c[FREE] -= 1
            slot = s.free[c[FREE]]
            j = s.owner[slot]
            s.busy[j] += 1
            service = s.demand_s[head] * p.factor * s.slowdown[s.busy[j]] + p.added_s
            setup = p.download_s + p.upload_s
            fate = COMPLETED
            if service > p.timeout_s:
                service = p.timeout_s
                setup = p.download_s
                fate = TIMED_OUT
            push(s.finish_t, s.finish_key, c[BUSY], now + setup + service, (c[SEQUENCE] << SLOT_BITS) | slot)
            c[SEQUENCE] += 1
            c[BUSY] += 1
            s.held_enter_s[slot], s.held_began_s[slot], s.held_demand_s[slot] = s.enter_s[head], now, s.demand_s[head]
            s.held_service_s[slot], s.held_fate[slot] = service, fate
            continue
        if i >= n and not final:
            return i, OK
        arrives = t[i] if i < n else INF
        finishes = s.finish_t[0] if c[BUSY] else INF
        # What came back to the queue may stand behind a younger one.
        expires = max(s.enter_s[c[HEAD]] + p.ttl_s, s.reals[NOW]) if c[QUEUED] else INF
        now = min(arrives, finishes, expires)
        if now >= until:
            return i, OK
        arrival = arrives < finishes and arrives < expires
        if arrival and c[QUEUED] == places and not c[SHUT]:
            return i, POOL_FULL
        s.reals[WAITED] += c[QUEUED] * (now - s.reals[NOW])
        s.reals[NOW] = now
        if arrival:
            c[ATTEMPTS] += 1
            if c[QUEUED] == places:
                c[DROPPED] += 1
            else:
                tail = c[HEAD] + c[QUEUED]
                if tail >= places:
                    tail -= places
                s.enter_s[tail], s.demand_s[tail] = arrives, demand[i]
                c[QUEUED] += 1
                if c[FREE] == 0:
                    c[PEAK] = max(c[PEAK], c[QUEUED])
            i += 1
        elif finishes <= expires:
            slot = s.finish_key[0] & mask
            j = s.owner[slot]
            pop(s.finish_t, s.finish_key, c[BUSY])
            c[BUSY] -= 1
            s.busy[j] -= 1
            if s.role[j] == IN_SERVICE:
                s.free[c[FREE]] = slot
                c[FREE] += 1
            fate = s.held_fate[slot]
            enter, began = s.held_enter_s[slot], s.held_began_s[slot]
            k = c[LOGGED]
            log.arrival_s[k], log.retry_s[k], log.queue_s[k] = enter, 0.0, began - enter
            log.setup_s[k] = p.download_s + p.upload_s if fate == COMPLETED else p.download_s
            log.service_s[k] = s.held_service_s[slot]
            log.fate[k], log.attempts[k], log.cold[k] = fate, 1, 0
            c[LOGGED] += 1
        else:
            head = c[HEAD]
            c[HEAD] = head + 1 if head + 1 < places else 0
            c[QUEUED] -= 1
            k = c[LOGGED]
            log.arrival_s[k], log.retry_s[k], log.queue_s[k] = s.enter_s[head], 0.0, now - s.enter_s[head]
            log.setup_s[k], log.service_s[k] = 0.0, 0.0
            log.fate[k], log.attempts[k], log.cold[k] = EXPIRED, 1, 0
            c[LOGGED] += 1


def _kill(s: State, p: Params, log: Log, j: int, now: float, redo: bool) -> None:
    """Instance j is gone at `now`. The log must have room for all that it works on, and the pool too when redo."""
    c = s.ints
    mask = (1 << SLOT_BITS) - 1
    places = s.enter_s.size
    gone = np.empty(s.busy[j], np.int64)
    found = 0
    kept = 0
    for k in range(c[BUSY]):
        ends, key = s.finish_t[k], s.finish_key[k]
        if s.owner[key & mask] == j:
            gone[found] = key
            found += 1
        else:
            push(s.finish_t, s.finish_key, kept, ends, key)
            kept += 1
    c[BUSY] = kept
    s.busy[j] = 0
    s.role[j] = AWAY
    kept = 0
    for k in range(c[FREE]):
        if s.owner[s.free[k]] != j:
            s.free[kept] = s.free[k]
            kept += 1
    c[FREE] = kept
    gone.sort()
    for at in range(found - 1, -1, -1):
        slot = gone[at] & mask
        enter, began = s.held_enter_s[slot], s.held_began_s[slot]
        in_time = now < enter + p.ttl_s
        if redo and in_time and c[QUEUED] < places:
            head = c[HEAD] - 1 if c[HEAD] > 0 else places - 1
            s.enter_s[head], s.demand_s[head] = enter, s.held_demand_s[slot]
            c[HEAD] = head
            c[QUEUED] += 1
            c[PEAK] = max(c[PEAK], c[QUEUED])
            continue
        k = c[LOGGED]
        setup = min(p.download_s, now - began)
        log.arrival_s[k], log.retry_s[k], log.queue_s[k] = enter, 0.0, began - enter
        log.setup_s[k], log.service_s[k] = setup, min(now - began - setup, s.held_service_s[slot])
        log.fate[k], log.attempts[k], log.cold[k] = EXPIRED if redo and not in_time else LOST, 1, 0
        c[LOGGED] += 1


advance = compiled(_advance)
kill = compiled(_kill)
