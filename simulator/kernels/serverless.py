"""Environments that each work on one request at a time: provisioned ones, and others started on demand. Event by event.

Events in order of time: a request leaves its environment, a throttled request is tried again, a request arrives; at
equal times in this order, and within one kind by sequence. While max_concurrency requests are in flight, one more is
throttled; the client tries it again after a random delay when its mode allows that (facts rows 8.1 to 8.4).
Otherwise a request takes a free provisioned environment, else the on-demand environment used last, else a new one,
which starts first. An on-demand environment that has been idle for longer than keep_s is gone. So are all idle ones
once nothing has been in flight for longer than quiet_s, and, if they are mortal, each at the end of a life that is
drawn at its start, or when it is next idle. A start that takes longer than start_limit_s fails then: the request has
timed out and no environment is left (facts row 3.5). Work is cut off at limit_s, timed out (row 1.3).

Times are seconds. Idle environments are a stack of the times since when they are idle, in a ring: the newest is
taken from the top, the oldest expires at the bottom, both O(1); a dead one is found when it comes to either end, or
when it is measured. Busy ones are a heap: O(log b) per request, b the
requests in flight. The state is carried from call to call; a call stops before `until`, when it has used up the
chunk, or when it needs room.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from simulator.kernels import INF, LOG_FULL, NEED_SPARE, OK, POOL_FULL, Floats, Ints, compiled
from simulator.kernels.fold import Log
from simulator.kernels.heap import pop, push
from simulator.outcome import COMPLETED, THROTTLED, TIMED_OUT

# Places in State.ints.
LOGGED, SEQUENCE, BUSY, RETRYING, FREE, SPARED, STARTED, ATTEMPTS = range(8)
READY, IDLE, BOTTOM, ENVIRONMENTS, MOST_ENVIRONMENTS, MOST_BUSY, EXECUTED, PLACES = range(8, 16)
COUNTS = 16
# Places in State.reals. BILLED_MS is followed by its like for provisioned environments.
TOKENS, SINCE, WARM_S, BUSY_S, QUIET_SINCE, PROVISIONED_S, BILLED_MS = range(7)
REALS = 8

# What a busy environment is, in the low bits of its key; above them its place, when it is mortal. FAILING ones are no
# more when their request leaves.
ON_DEMAND, PROVISIONED, FAILING = range(3)
KIND_BITS = 2
PLACE_BITS = 20
SLOT_BITS = 28

# Less than the billing step by far, more than rounding adds to a whole number of milliseconds.
ROUNDING_MS: Final = 1e-6


class Params(NamedTuple):
    """What does not change during a run.

    factor: service time over reference time. bill_setup: 1 when a cold start is billed. horizon_s: billed are
    requests that arrived in [0, horizon_s). max_attempts in total; delay_cap_s: largest mean-doubling delay; tokens,
    retry_cost: the client's retry quota (cost 0: no quota). quiet_s: infinite when there is no such rule. mortal: 1
    when environments have lives of limited length.
    """

    max_concurrency: int
    keep_s: float
    factor: float
    limit_s: float
    start_limit_s: float
    bill_setup: int
    horizon_s: float
    max_attempts: int
    delay_cap_s: float
    tokens: float
    retry_cost: float
    quiet_s: float
    mortal: int


class State(NamedTuple):
    """The endpoint between two calls. C places, the concurrency; R places, a power of two >= C; P places for retries.

    ints: READY provisioned environments are free, IDLE on-demand ones, ENVIRONMENTS on-demand ones exist. reals:
    BUSY_S and WARM_S make the integrals since SINCE, see `measure`, PROVISIONED_S likewise that of busy provisioned
    environments, which the caller reads and resets; QUIET_SINCE is when the last request in flight left. busy_t,
    busy_key: [C], heap of busy environments, key = sequence, place and kind. idle_t, idle_place: [R], ring. dies_s:
    float64[C], end of the life by place; place: int64[C], the PLACES first are free; life_s: float64, lengths of lives,
    one for each in start_s: all three for mortal environments. retry_t, retry_key: [P], heap of requests to be tried
    again, key = sequence and place in the pool. first_s, demand_s, attempt: [P], the pool; free: [P], its empty
    places. spare: float64, uniform numbers for delays. start_s: float64, drawn durations of cold starts.
    """

    ints: Ints
    reals: Floats
    busy_t: Floats
    busy_key: Ints
    idle_t: Floats
    retry_t: Floats
    retry_key: Ints
    first_s: Floats
    demand_s: Floats
    attempt: Ints
    free: Ints
    spare: Floats
    start_s: Floats
    idle_place: Ints
    dies_s: Floats
    place: Ints
    life_s: Floats


def _leave(c: Ints, r: Floats, place: Ints, at: int, gone_s: float) -> None:
    """An environment is no more since gone_s; its place, if it has one, is free."""
    r[WARM_S] += gone_s - r[SINCE]
    c[ENVIRONMENTS] -= 1
    if at >= 0:
        place[c[PLACES]] = at
        c[PLACES] += 1


def _expire(c: Ints, r: Floats, idle_t: Floats, keep_s: float, now: float) -> None:
    """Take away the environments that have been idle for longer than keep_s by now; none of them is mortal."""
    while c[IDLE] and idle_t[c[BOTTOM]] + keep_s < now:
        r[WARM_S] += idle_t[c[BOTTOM]] + keep_s - r[SINCE]
        c[BOTTOM] = (c[BOTTOM] + 1) & (idle_t.size - 1)
        c[IDLE] -= 1
        c[ENVIRONMENTS] -= 1


def _bury(
    c: Ints, r: Floats, idle_t: Floats, idle_place: Ints, dies_s: Floats, place: Ints, keep_s: float, now: float
) -> None:
    """Take away the mortal environments that are gone by now from the bottom, then from the top."""
    ring = idle_t.size - 1
    while c[IDLE]:
        bottom = c[BOTTOM]
        gone_s = min(idle_t[bottom] + keep_s, dies_s[idle_place[bottom]])
        if gone_s >= now:
            break
        leave(c, r, place, idle_place[bottom], gone_s)
        c[BOTTOM] = (bottom + 1) & ring
        c[IDLE] -= 1
    while c[IDLE]:
        top = (c[BOTTOM] + c[IDLE] - 1) & ring
        if dies_s[idle_place[top]] >= now:
            break
        leave(c, r, place, idle_place[top], dies_s[idle_place[top]])
        c[IDLE] -= 1


def _clear(
    c: Ints, r: Floats, idle_t: Floats, idle_place: Ints, dies_s: Floats, place: Ints, keep_s: float, gone_s: float
) -> None:
    """Take away all idle environments: at the end of their time, at latest at gone_s."""
    ring = idle_t.size - 1
    while c[IDLE]:
        c[IDLE] -= 1
        top = (c[BOTTOM] + c[IDLE]) & ring
        at = idle_place[top]
        leave(c, r, place, at, min(gone_s, idle_t[top] + keep_s, dies_s[at] if at >= 0 else INF))


def _sweep(
    c: Ints, r: Floats, idle_t: Floats, idle_place: Ints, dies_s: Floats, place: Ints, keep_s: float, now: float
) -> None:
    """Take away the mortal environments that are gone by now, wherever they lie."""
    ring = idle_t.size - 1
    kept = 0
    for k in range(c[IDLE]):
        old, new = (c[BOTTOM] + k) & ring, (c[BOTTOM] + kept) & ring
        at = idle_place[old]
        gone_s = min(idle_t[old] + keep_s, dies_s[at])
        if gone_s < now:
            leave(c, r, place, at, gone_s)
        else:
            idle_t[new], idle_place[new] = idle_t[old], at
            kept += 1
    c[IDLE] = kept


def _measure(s: State, p: Params, now: float) -> tuple[float, float, int, int]:
    """Integrals since the last call, in environment-seconds and request-seconds, and peaks of the same; begins anew.

    A count that is N at the end, and rose and fell at times t since a, has the integral N (end - a) - sum of the
    rises' (t - a) + sum of the falls' (t - a): nothing has to be done between changes. A new environment starts only
    when no other is left idle, so the peak is exact although the dead are found late.
    """
    c, r = s.ints, s.reals
    if c[BUSY] == 0 and r[QUIET_SINCE] + p.quiet_s < now:
        clear(c, r, s.idle_t, s.idle_place, s.dies_s, s.place, p.keep_s, r[QUIET_SINCE] + p.quiet_s)
    if p.mortal:
        sweep(c, r, s.idle_t, s.idle_place, s.dies_s, s.place, p.keep_s, now)
    else:
        expire(c, r, s.idle_t, p.keep_s, now)
    length_s = now - r[SINCE]
    warm_s = max(0.0, c[ENVIRONMENTS] * length_s + r[WARM_S])
    busy_s = max(0.0, c[BUSY] * length_s + r[BUSY_S])
    most_environments, most_busy = c[MOST_ENVIRONMENTS], c[MOST_BUSY]
    r[SINCE], r[WARM_S], r[BUSY_S] = now, 0.0, 0.0
    c[MOST_ENVIRONMENTS], c[MOST_BUSY] = c[ENVIRONMENTS], c[BUSY]
    return warm_s, busy_s, most_environments, most_busy


def _advance(
    s: State, p: Params, log: Log, t: Floats, demand: Floats, i: int, until: float, final: bool
) -> tuple[int, int]:
    """Go on with request i of the chunk (t, demand); return the next request and a status code."""
    c = s.ints
    r = s.reals
    n = t.size
    room = log.arrival_s.size
    ring = s.idle_t.size - 1
    places = (1 << PLACE_BITS) - 1
    while i < n or final:
        arrives = t[i] if i < n else INF
        finishes = s.busy_t[0] if c[BUSY] else INF
        retries = s.retry_t[0] if c[RETRYING] else INF
        if min(arrives, finishes, retries) >= until:
            break
        if finishes <= retries and finishes <= arrives:
            kind = s.busy_key[0] & ((1 << KIND_BITS) - 1)
            at = ((s.busy_key[0] >> KIND_BITS) & places) - 1
            pop(s.busy_t, s.busy_key, c[BUSY])
            c[BUSY] -= 1
            r[BUSY_S] += finishes - r[SINCE]
            if c[BUSY] == 0:
                r[QUIET_SINCE] = finishes
            if kind == PROVISIONED:
                c[READY] += 1
                r[PROVISIONED_S] += finishes - r[SINCE]
            elif kind == FAILING or (p.mortal and s.dies_s[at] <= finishes):
                leave(c, r, s.place, at, finishes)
            else:
                top = (c[BOTTOM] + c[IDLE]) & ring
                s.idle_t[top], s.idle_place[top] = finishes, at
                c[IDLE] += 1
            continue
        if c[LOGGED] >= room:
            return i, LOG_FULL
        if c[SPARED] >= s.spare.size or c[STARTED] >= s.start_s.size:
            return i, NEED_SPARE
        if c[FREE] == 0:
            return i, POOL_FULL
        if retries <= arrives:
            now = retries
            slot = s.retry_key[0] & ((1 << SLOT_BITS) - 1)
            first, work, attempt = s.first_s[slot], s.demand_s[slot], s.attempt[slot] + 1
            pop(s.retry_t, s.retry_key, c[RETRYING])
            c[RETRYING] -= 1
            s.free[c[FREE]] = slot
            c[FREE] += 1
        else:
            now = arrives
            first, work, attempt = arrives, demand[i], 1
            i += 1
        c[ATTEMPTS] += 1
        k = c[LOGGED]
        if c[BUSY] >= p.max_concurrency:
            if attempt < p.max_attempts and r[TOKENS] >= p.retry_cost:
                r[TOKENS] -= p.retry_cost
                c[FREE] -= 1
                slot = s.free[c[FREE]]
                s.first_s[slot], s.demand_s[slot], s.attempt[slot] = first, work, attempt
                delay = s.spare[c[SPARED]] * min(float(1 << (attempt - 1)), p.delay_cap_s)
                c[SPARED] += 1
                push(s.retry_t, s.retry_key, c[RETRYING], now + delay, (c[SEQUENCE] << SLOT_BITS) | slot)
                c[SEQUENCE] += 1
                c[RETRYING] += 1
            else:
                log.arrival_s[k], log.retry_s[k], log.queue_s[k] = first, now - first, 0.0
                log.setup_s[k], log.service_s[k] = 0.0, 0.0
                log.fate[k], log.attempts[k], log.cold[k] = THROTTLED, attempt, 0
                c[LOGGED] += 1
            continue
        service = work * p.factor
        fate = COMPLETED
        if service > p.limit_s:
            service = p.limit_s
            fate = TIMED_OUT
        setup = 0.0
        cold = 0
        kind = ON_DEMAND
        at = -1
        if c[IDLE]:
            if c[BUSY] == 0 and r[QUIET_SINCE] + p.quiet_s < now:
                clear(c, r, s.idle_t, s.idle_place, s.dies_s, s.place, p.keep_s, r[QUIET_SINCE] + p.quiet_s)
            elif p.mortal:
                bury(c, r, s.idle_t, s.idle_place, s.dies_s, s.place, p.keep_s, now)
            else:
                expire(c, r, s.idle_t, p.keep_s, now)
        if c[READY]:
            c[READY] -= 1
            kind = PROVISIONED
            r[PROVISIONED_S] -= now - r[SINCE]
        elif c[IDLE]:
            c[IDLE] -= 1
            at = s.idle_place[(c[BOTTOM] + c[IDLE]) & ring]
        else:
            setup = s.start_s[c[STARTED]]
            life_s = s.life_s[c[STARTED]]
            c[STARTED] += 1
            cold = 1
            r[WARM_S] -= now - r[SINCE]
            c[ENVIRONMENTS] += 1
            c[MOST_ENVIRONMENTS] = max(c[MOST_ENVIRONMENTS], c[ENVIRONMENTS])
            if setup > p.start_limit_s:
                setup, service, fate, kind = p.start_limit_s, 0.0, TIMED_OUT, FAILING
            elif p.mortal:
                c[PLACES] -= 1
                at = s.place[c[PLACES]]
                s.dies_s[at] = now + life_s
        key = (((c[SEQUENCE] << PLACE_BITS) | (at + 1)) << KIND_BITS) | kind
        push(s.busy_t, s.busy_key, c[BUSY], now + setup + service, key)
        c[SEQUENCE] += 1
        c[BUSY] += 1
        c[MOST_BUSY] = max(c[MOST_BUSY], c[BUSY])
        r[BUSY_S] -= now - r[SINCE]
        if kind != FAILING and 0 <= first < p.horizon_s:
            billed_s = service + setup if p.bill_setup else service
            r[BILLED_MS + kind] += np.ceil(billed_s * 1000 - ROUNDING_MS)
            c[EXECUTED] += 1
        log.arrival_s[k], log.retry_s[k], log.queue_s[k] = first, now - first, 0.0
        log.setup_s[k], log.service_s[k] = setup, service
        log.fate[k], log.attempts[k], log.cold[k] = fate, attempt, cold
        c[LOGGED] += 1
        if fate == COMPLETED and p.retry_cost > 0:
            r[TOKENS] = min(p.tokens, r[TOKENS] + (p.retry_cost if attempt > 1 else 1.0))
    return i, OK


leave = compiled(_leave)
expire = compiled(_expire)
bury = compiled(_bury)
clear = compiled(_clear)
sweep = compiled(_sweep)
measure = compiled(_measure)
advance = compiled(_advance)
