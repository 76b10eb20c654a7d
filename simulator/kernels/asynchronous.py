"""One queue in front of a changing number of instances, each with so many slots. Event by event.

Events in order of time: a slot finishes, the head of the queue expires, a request arrives; at equal times in this
order. A free slot takes the head of the queue at once (first come, first served; row 4.2 does not promise the order).
A slot is held for download + model + upload, or for download + time limit when the model would take longer. A request
that has waited for the time to live leaves the queue at that moment. O(log b) per request, b the number of busy
slots.

Times are seconds. The state is carried from call to call; a call stops before `until`, when it has used up the chunk,
or when it needs room.
"""

from __future__ import annotations

from typing import NamedTuple

from simulator.kernels import INF, LOG_FULL, OK, POOL_FULL, Floats, Ints, compiled
from simulator.kernels.fold import Log
from simulator.kernels.heap import pop, push
from simulator.outcome import COMPLETED, EXPIRED, TIMED_OUT

# Places in State.ints. SHUT: 1 when a full pool does not grow any more, so that what finds it full is dropped.
LOGGED, SEQUENCE, BUSY, FREE, HEAD, QUEUED, PEAK, ATTEMPTS, SHUT, DROPPED = range(10)
COUNTS = 10
# Places in State.reals: time of the last event; integral of the queue's length since the controller last looked.
NOW, WAITED = range(2)
REALS = 2

AWAY, IN_SERVICE, DRAINING = range(3)
ROW_BITS = 20


class Params(NamedTuple):
    """What does not change during a run. factor: model time over reference time; the rest in seconds."""

    factor: float
    download_s: float
    upload_s: float
    ttl_s: float
    timeout_s: float


class State(NamedTuple):
    """The endpoint between two calls. N instances with S slots each, P places in the pool of waiting requests.

    role, busy: int64[N], of each instance. free: int64[N x S], a stack with the instance's number for each free slot
    of those in service. finish_t, finish_key: [N x S], heap of busy slots, the key is sequence and instance. enter_s,
    demand_s: float64[P], a ring.
    """

    ints: Ints
    reals: Floats
    role: Ints
    busy: Ints
    free: Ints
    finish_t: Floats
    finish_key: Ints
    enter_s: Floats
    demand_s: Floats


def _advance(
    s: State, p: Params, log: Log, t: Floats, demand: Floats, i: int, until: float, final: bool
) -> tuple[int, int]:
    """Go on with request i of the chunk (t, demand); return the next request and a status code."""
    c = s.ints
    n = t.size
    room = log.arrival_s.size
    places = s.enter_s.size
    mask = (1 << ROW_BITS) - 1
    while True:
        if c[LOGGED] >= room:
            return i, LOG_FULL
        if c[QUEUED] and c[FREE]:
            now = s.reals[NOW]
            head = c[HEAD]
            c[HEAD] = head + 1 if head + 1 < places else 0
            c[QUEUED] -= 1
            c[FREE] -= 1
            j = s.free[c[FREE]]
            s.busy[j] += 1
            service = s.demand_s[head] * p.factor
            setup = p.download_s + p.upload_s
            fate = COMPLETED
            if service > p.timeout_s:
                service = p.timeout_s
                setup = p.download_s
                fate = TIMED_OUT
            push(s.finish_t, s.finish_key, c[BUSY], now + setup + service, (c[SEQUENCE] << ROW_BITS) | j)
            c[SEQUENCE] += 1
            c[BUSY] += 1
            k = c[LOGGED]
            log.arrival_s[k], log.retry_s[k], log.queue_s[k] = s.enter_s[head], 0.0, now - s.enter_s[head]
            log.setup_s[k], log.service_s[k] = setup, service
            log.fate[k], log.attempts[k], log.cold[k] = fate, 1, 0
            c[LOGGED] += 1
            continue
        if i >= n and not final:
            return i, OK
        arrives = t[i] if i < n else INF
        finishes = s.finish_t[0] if c[BUSY] else INF
        expires = s.enter_s[c[HEAD]] + p.ttl_s if c[QUEUED] else INF
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
            j = s.finish_key[0] & mask
            pop(s.finish_t, s.finish_key, c[BUSY])
            c[BUSY] -= 1
            s.busy[j] -= 1
            if s.role[j] == IN_SERVICE:
                s.free[c[FREE]] = j
                c[FREE] += 1
        else:
            head = c[HEAD]
            c[HEAD] = head + 1 if head + 1 < places else 0
            c[QUEUED] -= 1
            k = c[LOGGED]
            log.arrival_s[k], log.retry_s[k], log.queue_s[k] = s.enter_s[head], 0.0, now - s.enter_s[head]
            log.setup_s[k], log.service_s[k] = 0.0, 0.0
            log.fate[k], log.attempts[k], log.cold[k] = EXPIRED, 1, 0
            c[LOGGED] += 1


advance = compiled(_advance)
