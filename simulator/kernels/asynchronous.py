"""One queue in front of a changing number of instances, each with so many slots. Event by event.

Events in order of time; at equal times in this order:

    slot finishes    ──► its request ends; the slot takes the head of the queue
    oldest is due    ──► an idle worker takes a batch that is not full        (batches: kernels/asynchronous_batch.py)
    head expires     ──► it leaves the queue
    arrival          ──► takes a free slot, or waits at the end of the queue

A free slot takes the head of the queue at once (first come, first served; row 4.2 does not promise the order).
A slot is held for download + model + upload, or for download + time limit when the model would take longer. A request
that has waited for the time to live leaves the queue at that moment. Its row is written when it ends. O(log b) per
request, b the number of busy slots.

An instance that is killed loses what it works on: it goes back to the head of the queue, oldest first, unless its time
to live is over, or it is lost.

Times are seconds. The state is carried from call to call; a call stops before `until`, when it has used up the chunk,
or when it needs room.
"""

from __future__ import annotations

import numpy as np

from simulator.kernels import INF, LOG_FULL, OK, POOL_FULL, Floats, Ints, compiled
from simulator.kernels.asynchronous_batch import DUE, EVENTS, Batches, load, remind, spent, step
from simulator.kernels.asynchronous_state import (
    ATTEMPTS,
    AWAY,
    BUSY,
    DROPPED,
    FREE,
    HEAD,
    IN_SERVICE,
    LOGGED,
    NOW,
    PEAK,
    QUEUED,
    SEQUENCE,
    SHUT,
    SLOT_BITS,
    WAITED,
    Params,
    State,
)
from simulator.kernels.fates import COMPLETED, EXPIRED, LOST, TIMED_OUT
from simulator.kernels.fold import Log
from simulator.kernels.heap import pop, push


def _advance(
    s: State,
    p: Params,
    b: Batches | None,
    log: Log,
    t: Floats,
    demand: Floats,
    i: int,
    until: float,
    final: bool,
) -> tuple[int, int]:
    """Go on with request i of the chunk (t, demand); return the next request and a status code.

    b: what a container needs that makes batches. It is compiled twice: without it, nothing of it is left.
    """
    c = s.ints
    n = t.size
    room = log.arrival_s.size
    places = s.enter_s.size
    mask = (1 << SLOT_BITS) - 1
    while True:
        if c[LOGGED] >= room:
            return i, LOG_FULL
        # A slot is free and a request waits: it begins at once, at the time of the last event.
        if c[QUEUED] and c[FREE]:
            now = s.reals[NOW]
            head = c[HEAD]
            c[HEAD] = head + 1 if head + 1 < places else 0
            c[QUEUED] -= 1
            c[FREE] -= 1
            slot = s.free[c[FREE]]
            j = s.owner[slot]
            s.busy[j] += 1
            s.held_enter_s[slot], s.held_began_s[slot], s.held_demand_s[slot] = s.enter_s[head], now, s.demand_s[head]
            if b is not None:
                c[BUSY] += 1
                load(s, p, b, slot, now)
                continue
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
            s.held_service_s[slot], s.held_fate[slot] = service, fate
            continue
        if i >= n and not final:
            return i, OK
        arrives = t[i] if i < n else INF
        finishes = s.finish_t[0] if c[BUSY] else INF
        due = INF
        if b is not None:
            finishes = s.finish_t[0] if b.ints[EVENTS] else INF
            due = b.due_t[0] if b.ints[DUE] else INF
        # What came back to the queue may stand behind a younger one.
        expires = max(s.enter_s[c[HEAD]] + p.ttl_s, s.reals[NOW]) if c[QUEUED] else INF
        now = min(arrives, finishes, expires)
        if b is not None:
            now = min(now, due)
        if now >= until:
            return i, OK
        arrival = arrives < finishes and arrives < expires
        if b is not None:
            arrival = arrival and arrives < due
        if arrival and c[QUEUED] == places and not c[SHUT]:
            return i, POOL_FULL
        s.reals[WAITED] += c[QUEUED] * (now - s.reals[NOW])
        s.reals[NOW] = now

        # A request arrives: at the end of the queue, or dropped where that may not grow any more.
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

        # A slot finishes (with batches: or has loaded, or its batch ends): its row, and it is free.
        elif finishes <= min(expires, due):
            slot = s.finish_key[0] & mask
            j = s.owner[slot]
            if b is None:
                pop(s.finish_t, s.finish_key, c[BUSY])
            else:
                pop(s.finish_t, s.finish_key, b.ints[EVENTS])
                b.ints[EVENTS] -= 1
                if not step(s, p, b, slot, now):
                    continue
            c[BUSY] -= 1
            s.busy[j] -= 1
            if s.role[j] == IN_SERVICE:
                s.free[c[FREE]] = slot
                c[FREE] += 1
            fate = s.held_fate[slot]
            enter, began = s.held_enter_s[slot], s.held_began_s[slot]
            k = c[LOGGED]
            log.arrival_s[k], log.retry_s[k], log.queue_s[k] = enter, 0.0, began - enter
            if b is not None:
                # It waited for its batch to begin, and for what the others in it needed.
                log.queue_s[k] += b.begun_s[slot] - b.joined_s[slot] + (b.lasts_s[slot] - s.held_service_s[slot])
            log.setup_s[k] = p.download_s + p.upload_s if fate == COMPLETED else p.download_s
            log.service_s[k] = s.held_service_s[slot]
            log.fate[k], log.attempts[k], log.cold[k] = fate, 1, 0
            c[LOGGED] += 1

        # The oldest request of an instance has waited long enough for its batch to fill.
        elif b is not None and due <= expires:
            remind(s, p, b, now)

        # The head of the queue expires.
        else:
            head = c[HEAD]
            c[HEAD] = head + 1 if head + 1 < places else 0
            c[QUEUED] -= 1
            k = c[LOGGED]
            log.arrival_s[k], log.retry_s[k], log.queue_s[k] = s.enter_s[head], 0.0, now - s.enter_s[head]
            log.setup_s[k], log.service_s[k] = 0.0, 0.0
            log.fate[k], log.attempts[k], log.cold[k] = EXPIRED, 1, 0
            c[LOGGED] += 1


def _seize(s: State, b: Batches | None, j: int) -> Ints:
    """Take away all events of instance j; the keys (sequence and slot) of what it holds, oldest first."""
    c = s.ints
    mask = (1 << SLOT_BITS) - 1
    gone = np.empty(s.busy[j], np.int64)
    taken, kept, events = 0, 0, c[BUSY]
    if b is not None:
        events = b.ints[EVENTS]
    for k in range(events):
        ends, key = s.finish_t[k], s.finish_key[k]
        if s.owner[key & mask] != j:
            push(s.finish_t, s.finish_key, kept, ends, key)
            kept += 1
        elif b is None:
            gone[taken] = key
            taken += 1
    if b is not None:
        # Those that wait in the instance, or for the end of their batch, have no event of their own.
        b.ints[EVENTS] = kept
        slots = s.owner.size // s.role.size
        for slot in range(j * slots, (j + 1) * slots):
            if b.taken[slot] >= 0:
                gone[taken] = b.taken[slot]
                taken += 1
                b.taken[slot] = -1
        b.waiting[j], b.working[j] = 0, 0
    c[BUSY] -= taken
    gone.sort()
    return gone


def _kill(s: State, p: Params, b: Batches | None, log: Log, j: int, now: float, redo: bool) -> None:
    """Instance j is gone at `now`. The log must have room for all that it works on, and the pool too when redo."""
    c = s.ints
    mask = (1 << SLOT_BITS) - 1
    places = s.enter_s.size
    gone = seize(s, b, j)
    s.busy[j] = 0
    s.role[j] = AWAY
    kept = 0
    for k in range(c[FREE]):
        if s.owner[s.free[k]] != j:
            s.free[kept] = s.free[k]
            kept += 1
    c[FREE] = kept
    for at in range(gone.size - 1, -1, -1):
        slot = gone[at] & mask
        enter, began = s.held_enter_s[slot], s.held_began_s[slot]
        in_time = now < enter + p.ttl_s
        # Its work is done again: back to the head of the queue, the youngest first, so that the oldest is the first.
        if redo and in_time and c[QUEUED] < places:
            head = c[HEAD] - 1 if c[HEAD] > 0 else places - 1
            s.enter_s[head], s.demand_s[head] = enter, s.held_demand_s[slot]
            c[HEAD] = head
            c[QUEUED] += 1
            c[PEAK] = max(c[PEAK], c[QUEUED])
            continue
        k = c[LOGGED]
        setup = min(p.download_s, now - began)
        waited = 0.0
        service = min(now - began - setup, s.held_service_s[slot])
        if b is not None:
            waited, service = spent(s, b, slot, now, began + p.download_s)
        log.arrival_s[k], log.retry_s[k], log.queue_s[k] = enter, 0.0, began - enter + waited
        log.setup_s[k], log.service_s[k] = setup, service
        log.fate[k], log.attempts[k], log.cold[k] = EXPIRED if redo and not in_time else LOST, 1, 0
        c[LOGGED] += 1


seize = compiled(_seize)
advance = compiled(_advance)
kill = compiled(_kill)
