"""Environments that each work on one request at a time: provisioned ones, and others started on demand. Event by event.

Events in order of time: a request leaves its environment, a throttled request is tried again, a request arrives; at
equal times in this order, and within one kind by sequence. While max_concurrency requests are in flight, one more is
throttled; the client tries it again after a random delay when its mode allows that (facts rows 8.1 to 8.4). Clients in
the adaptive mode hold their attempts back to a rate of their own, see simulator.kernels.sending; they are sent first
come, first served, and at equal times before those that are tried again. (They learn of an answer when the environment
is free.) Otherwise a request takes a free provisioned environment, else the on-demand environment used last, else a new
one, which starts first. When starts are limited and none is allowed now, it is throttled instead. An on-demand
environment that has been idle for longer than keep_s, times a factor that is drawn when its request enters if such
times are spread, is gone. So are all idle ones once nothing has been in flight for longer than quiet_s, and, if they
are mortal, each at the end of a life that is drawn at its start, or when it is next idle. A start that takes longer
than start_limit_s fails then: the request has timed out and no environment is left (facts row 3.5). A request that has
waited for a start for not_ready_s is answered 429 then, and tried again when the client's mode does that; its
environment goes on to start (rows 3.4, 8.6). Work is cut off at limit_s, timed out (row 1.3).

Times are seconds. Idle environments are a stack in a ring: the newest is taken from the top, the oldest expires at the
bottom, both O(1); where they do not go in the order of the stack, one that is gone is found when it comes to either
end, or when it is measured. Busy ones are a calendar, see simulator.kernels.agenda: O(1) per request. The state is
carried from call to call; a call stops before `until`, when it has used up the chunk, or when it needs room.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from simulator.kernels import INF, LOG_FULL, NEED_SPARE, OK, POOL_FULL, Floats, Ints, compiled
from simulator.kernels.agenda import DAYS_PER_EVENT, KEY_SHIFT, KIND_BITS, ROW, TIME, WORD, put, redate, take
from simulator.kernels.calendar import Places
from simulator.kernels.fates import COMPLETED, THROTTLED, TIMED_OUT
from simulator.kernels.fold import Log
from simulator.kernels.heap import pop, push
from simulator.kernels.sending import ENABLED, answered, ready_s, send

# Places in State.ints.
LOGGED, SEQUENCE, BUSY, RETRYING, FREE, SPARED, STARTED, ATTEMPTS, KEPT = range(9)
READY, LEAVING, IDLE, BOTTOM, ENVIRONMENTS, MOST_ENVIRONMENTS, MOST_BUSY, EXECUTED = range(9, 17)
FIRST, EMPTY, DATED, HELD, NEXT_HELD, LAST_HELD = range(17, 23)
COUNTS = 23
# Places in State.reals. BILLED_MS is followed by its like for provisioned environments.
TOKENS, SINCE, WARM_S, BUSY_S, QUIET_SINCE, PROVISIONED_S, BILLED_MS = range(7)
PER_S, DATED_S, STARTS, STARTS_S, NOW_S = range(8, 13)
REALS = 13
# Rows of State.pool and of State.draws.
RETRY_T, RETRY_KEY, FIRST_S, DEMAND_S, ATTEMPT, MET, SLOT, BEHIND = range(8)
POOL = 8
SPARE, START_S, LIFE_S, KEEP = range(4)
DRAWS = 4

# What a busy environment is, in KIND_BITS of its word. FAILING ones are no more when their request leaves.
ON_DEMAND, PROVISIONED, FAILING = range(3)
SLOT_BITS = 28

# Attempts that clients hold back at most; one more is sent at once.
MOST_HELD: Final = 1 << 20
# Days of the calendar are looked at after so many requests, or twice as many as are busy.
PATIENCE: Final = 256
# Less than the billing step by far, more than rounding adds to a whole number of milliseconds.
ROUNDING_MS: Final = 1e-6


class Params(NamedTuple):
    """What does not change during a run, unless the caller changes it between two calls.

    factor: service time over reference time; added_s: what is added to it. bill_setup: 1 when a cold start is billed.
    horizon_s: billed are requests that arrived in [0, horizon_s). max_attempts in total; delay_cap_s: largest
    mean-doubling delay; tokens, retry_cost: the client's retry quota (cost 0: no quota). quiet_s: infinite when there
    is no such rule. mortal: 1 when environments have lives of limited length; spread: 1 when keep times are drawn.
    not_ready_s: infinite when a start is waited for; retry_not_ready: 1 when such an answer is tried again.
    starts_per_s: starts allowed, infinite for any number; start_burst: most of them at once.
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
    added_s: float = 0.0
    spread: int = 0
    not_ready_s: float = INF
    retry_not_ready: int = 0
    starts_per_s: float = INF
    start_burst: float = 0.0


class State(NamedTuple):
    """The endpoint between two calls. C places, the concurrency; R, a power of two >= C; P places for retries.

    ints: READY provisioned environments are free, LEAVING busy ones take no more requests, IDLE on-demand ones,
    ENVIRONMENTS on-demand ones exist; FIRST is the row of the next to leave, EMPTY the first free row, free rows are
    chained. reals: BUSY_S and WARM_S make the integrals since SINCE, see `measure`, PROVISIONED_S likewise that of busy
    provisioned environments, which the caller reads and resets; QUIET_SINCE is when the last request in flight left;
    NOW_S is the last event, where clients hold back HELD attempts, from NEXT_HELD to LAST_HELD, each BEHIND another;
    PER_S days per second, last looked at DATED_S, when the sequence was at DATED; STARTS are allowed at STARTS_S.

    rows: float64[2 x 2 C], see simulator.kernels.agenda, one for each on-demand environment and each busy provisioned
    one; busy: in the calendar, its key is the sequence; idle: TIME is when it is gone; free: WORD is the next free row.
    bucket: int32, a power of two. ring: int32[R], rows of idle environments. dies_s, keep: float64[2 C], end of the
    life and factor of the keep time by row, where drawn. pool:
    float64[POOL, P], heap of the requests to be tried again (RETRY_T, RETRY_KEY = sequence and place), the requests by
    place, and the FREE empty places (SLOT); RETRY_KEY, SLOT and BEHIND are whole numbers by their bytes. draws:
    float64[DRAWS, N], uniform numbers for delays, durations of starts and lives by start, factors of keep times.
    """

    ints: Ints
    reals: Floats
    rows: Floats
    bucket: Places
    ring: Places
    dies_s: Floats
    keep: Floats
    pool: Floats
    draws: Floats


def _leave(c: Ints, r: Floats, words: Ints, place: int, gone_s: float) -> None:
    """An on-demand environment is no more since gone_s; its row is free."""
    r[WARM_S] += gone_s - r[SINCE]
    c[ENVIRONMENTS] -= 1
    words[ROW * place + WORD] = c[EMPTY]
    c[EMPTY] = place


def _expire(c: Ints, r: Floats, rows: Floats, words: Ints, ring: Places, now: float) -> None:
    """Take away the environments that are gone by now from the bottom."""
    while c[IDLE]:
        place = int(ring[c[BOTTOM]])
        if rows[ROW * place + TIME] >= now:
            break
        leave(c, r, words, place, rows[ROW * place + TIME])
        c[BOTTOM] = (c[BOTTOM] + 1) & (ring.size - 1)
        c[IDLE] -= 1


def _bury(c: Ints, r: Floats, rows: Floats, words: Ints, ring: Places, now: float) -> None:
    """Take away the environments that are gone by now from the bottom, then from the top."""
    expire(c, r, rows, words, ring, now)
    while c[IDLE]:
        place = int(ring[(c[BOTTOM] + c[IDLE] - 1) & (ring.size - 1)])
        if rows[ROW * place + TIME] >= now:
            break
        leave(c, r, words, place, rows[ROW * place + TIME])
        c[IDLE] -= 1


def _clear(c: Ints, r: Floats, rows: Floats, words: Ints, ring: Places, gone_s: float) -> None:
    """Take away all idle environments: at the end of their time, at latest at gone_s."""
    while c[IDLE]:
        c[IDLE] -= 1
        place = int(ring[(c[BOTTOM] + c[IDLE]) & (ring.size - 1)])
        leave(c, r, words, place, min(gone_s, rows[ROW * place + TIME]))


def _sweep(c: Ints, r: Floats, rows: Floats, words: Ints, ring: Places, now: float) -> None:
    """Take away the environments that are gone by now, wherever they lie."""
    kept = 0
    for k in range(c[IDLE]):
        place = ring[(c[BOTTOM] + k) & (ring.size - 1)]
        gone_s = rows[ROW * place + TIME]
        if gone_s < now:
            leave(c, r, words, place, gone_s)
        else:
            ring[(c[BOTTOM] + kept) & (ring.size - 1)] = place
            kept += 1
    c[IDLE] = kept


def _measure(s: State, p: Params, now: float) -> tuple[float, float, int, int]:
    """Integrals since the last call, in environment-seconds and request-seconds, and peaks of the same; begins anew.

    A count that is N at the end, and rose and fell at times t since a, has the integral N (end - a) - sum of the
    rises' (t - a) + sum of the falls' (t - a): nothing has to be done between changes. A new environment starts only
    when no other is left idle, so the peak is exact although the dead are found late.
    """
    c, r = s.ints, s.reals
    words = s.rows.view(np.int64)
    if c[BUSY] == 0 and r[QUIET_SINCE] + p.quiet_s < now:
        clear(c, r, s.rows, words, s.ring, r[QUIET_SINCE] + p.quiet_s)
    if p.mortal or p.spread:
        sweep(c, r, s.rows, words, s.ring, now)
    else:
        expire(c, r, s.rows, words, s.ring, now)
    length_s = now - r[SINCE]
    warm_s = max(0.0, c[ENVIRONMENTS] * length_s + r[WARM_S])
    busy_s = max(0.0, c[BUSY] * length_s + r[BUSY_S])
    most_environments, most_busy = c[MOST_ENVIRONMENTS], c[MOST_BUSY]
    r[SINCE], r[WARM_S], r[BUSY_S] = now, 0.0, 0.0
    c[MOST_ENVIRONMENTS], c[MOST_BUSY] = c[ENVIRONMENTS], c[BUSY]
    return warm_s, busy_s, most_environments, most_busy


def _starts(r: Floats, p: Params, now: float) -> bool:
    """Whether one more environment may start now; if so, it does."""
    if p.starts_per_s == INF:
        return True
    r[STARTS] = min(p.start_burst, r[STARTS] + (now - r[STARTS_S]) * p.starts_per_s)
    r[STARTS_S] = now
    if r[STARTS] < 1.0:
        return False
    r[STARTS] -= 1.0
    return True


def _settle(s: State, started: int, now: float) -> float:
    """Days per second for so many starts since the last look; the calendar is laid out anew when they were far off."""
    r = s.reals
    if now > r[DATED_S]:
        wanted = DAYS_PER_EVENT * started / (now - r[DATED_S])
        if not 0.5 < wanted / r[PER_S] < 2.0:
            r[PER_S] = wanted
            redate(s.rows, s.rows.view(np.int64), s.bucket, wanted)
    r[DATED_S] = now
    return float(r[PER_S])


def _advance(
    s: State, p: Params, rate: Floats | None, log: Log, t: Floats, demand: Floats, i: int, until: float, final: bool
) -> tuple[int, int]:
    """Go on with request i of the chunk (t, demand); return the next request and a status code.

    rate: how fast clients in the adaptive mode send, see simulator.kernels.sending. It is compiled twice: without it,
    nothing of it is left.
    """
    c, r = s.ints, s.reals
    rows, bucket, ring, pool = s.rows, s.bucket, s.ring, s.pool
    words, whole = rows.view(np.int64), pool.view(np.int64)
    retry_t, retry_key, free = pool[RETRY_T], whole[RETRY_KEY], whole[SLOT]
    n, room, drawn = t.size, np.uint64(log.arrival_s.size), s.draws.shape[1]
    wrap = ring.size - 1
    uneven = p.mortal or p.spread
    # What nearly every event touches is kept in registers and written back at the end, or before a helper needs it;
    # an index that cannot be negative is unsigned, so that nothing is done about negative ones.
    per_s, since = r[PER_S], r[SINCE]
    busy, idle, ready, first, empty = c[BUSY], c[IDLE], c[READY], c[FIRST], c[EMPTY]
    bottom, logged, sequence, attempts = c[BOTTOM], np.uint64(c[LOGGED]), c[SEQUENCE], c[ATTEMPTS]
    most_busy, busy_s, tokens = c[MOST_BUSY], r[BUSY_S], r[TOKENS]
    look = c[DATED] + max(PATIENCE, 2 * busy)
    finishes = rows[ROW * first + TIME] if busy else INF
    retries = retry_t[0] if c[RETRYING] else INF
    expires = rows[ROW * ring[bottom] + TIME] if idle else INF
    code = OK
    now, sends = r[NOW_S], INF
    while i < n or final:
        arrives = t[i] if i < n else INF
        soon = min(arrives, retries)
        if rate is not None:
            sends = ready_s(rate, now) if c[HELD] else INF
            soon = min(soon, sends)
        while finishes <= soon and finishes < until:
            left, place = finishes, first
            if rate is not None:
                now = left
                answered(rate, now, False)
                sends = ready_s(rate, now) if c[HELD] else INF
                soon = min(arrives, retries, sends)
            kind = words[ROW * place + WORD] & ((1 << KIND_BITS) - 1)
            busy -= 1
            busy_s += left - since
            if busy == 0:
                r[QUIET_SINCE] = left
                bucket[int(np.floor(left * per_s)) & (bucket.size - 1)] = -1
                finishes = INF
            else:
                first = take(rows, words, bucket, per_s, place)
                finishes = rows[ROW * first + TIME]
            if kind == ON_DEMAND and not (p.mortal and s.dies_s[place] <= left):
                gone_s = left + p.keep_s
                if uneven:
                    gone_s = left + p.keep_s * s.keep[place]
                    if p.mortal:
                        gone_s = min(gone_s, s.dies_s[place])
                rows[ROW * place + TIME] = gone_s
                ring[(bottom + idle) & wrap] = place
                if idle == 0:
                    expires = gone_s
                idle += 1
                continue
            words[ROW * place + WORD] = empty
            empty = place
            if kind == PROVISIONED and c[LEAVING] == 0:
                ready += 1
                r[PROVISIONED_S] += left - since
            else:
                if kind == PROVISIONED:
                    c[LEAVING] -= 1
                r[WARM_S] += left - since
                c[ENVIRONMENTS] -= 1
        if soon >= until:
            break
        if logged >= room:
            code = LOG_FULL
            break
        if c[SPARED] >= drawn or c[STARTED] >= drawn or c[KEPT] >= drawn:
            code = NEED_SPARE
            break
        if c[FREE] == 0:
            code = POOL_FULL
            break
        met, held = 0.0, False
        if rate is not None:
            held = sends <= soon
        if held:
            now = sends
            slot = c[NEXT_HELD]
            c[NEXT_HELD] = whole[BEHIND, slot]
            c[HELD] -= 1
            came, work = pool[FIRST_S, slot], pool[DEMAND_S, slot]
            attempt, met = int(pool[ATTEMPT, slot]), pool[MET, slot]
            free[c[FREE]] = slot
            c[FREE] += 1
        elif retries <= arrives:
            now = retries
            slot = retry_key[0] & ((1 << SLOT_BITS) - 1)
            came, work = pool[FIRST_S, slot], pool[DEMAND_S, slot]
            attempt, met = int(pool[ATTEMPT, slot]) + 1, pool[MET, slot]
            pop(retry_t, retry_key, c[RETRYING])
            c[RETRYING] -= 1
            retries = retry_t[0] if c[RETRYING] else INF
            free[c[FREE]] = slot
            c[FREE] += 1
        else:
            now = arrives
            came, work, attempt = arrives, demand[i], 1
            i += 1
        if rate is not None:
            if not held and rate[ENABLED] and (c[HELD] or ready_s(rate, now) > now) and c[HELD] < MOST_HELD:
                c[FREE] -= 1
                slot = free[c[FREE]]
                pool[FIRST_S, slot], pool[DEMAND_S, slot], pool[ATTEMPT, slot] = came, work, attempt
                pool[MET, slot] = met
                if c[HELD]:
                    whole[BEHIND, c[LAST_HELD]] = slot
                else:
                    c[NEXT_HELD] = slot
                c[LAST_HELD] = slot
                c[HELD] += 1
                continue
            send(rate, now)
        attempts += 1
        if busy < p.max_concurrency and idle and (uneven or expires < now or busy == 0):
            c[IDLE], c[BOTTOM], c[EMPTY] = idle, bottom, empty
            if busy == 0 and r[QUIET_SINCE] + p.quiet_s < now:
                clear(c, r, rows, words, ring, r[QUIET_SINCE] + p.quiet_s)
            elif uneven:
                bury(c, r, rows, words, ring, now)
            else:
                expire(c, r, rows, words, ring, now)
            idle, bottom, empty = c[IDLE], c[BOTTOM], c[EMPTY]
            expires = rows[ROW * ring[bottom] + TIME] if idle else INF
        setup, fate, not_ready = 0.0, COMPLETED, False
        refused = busy >= p.max_concurrency or (ready == 0 and idle == 0 and not starts(r, p, now))
        if refused:
            service, fate = 0.0, THROTTLED
            if rate is not None:
                answered(rate, now, True)
        else:
            service = work * p.factor + p.added_s
            if service > p.limit_s:
                service, fate = p.limit_s, TIMED_OUT
            kind, place = ON_DEMAND, empty
            if ready:
                ready -= 1
                kind = PROVISIONED
                r[PROVISIONED_S] -= now - since
                empty = words[ROW * place + WORD]
            elif idle:
                idle -= 1
                place = int(ring[(bottom + idle) & wrap])
            else:
                empty = words[ROW * place + WORD]
                setup = s.draws[START_S, c[STARTED]]
                s.dies_s[place] = now + s.draws[LIFE_S, c[STARTED]]
                c[STARTED] += 1
                met = 1.0
                r[WARM_S] -= now - since
                c[ENVIRONMENTS] += 1
                c[MOST_ENVIRONMENTS] = max(c[MOST_ENVIRONMENTS], c[ENVIRONMENTS])
                not_ready = setup > p.not_ready_s
                if setup > p.start_limit_s:
                    setup, service, fate, kind = p.start_limit_s, 0.0, TIMED_OUT, FAILING
                elif not_ready:
                    service = 0.0
            leaves = now + setup + service
            if p.spread:
                s.keep[place] = s.draws[KEEP, c[KEPT]]
                c[KEPT] += 1
            rows[ROW * place + TIME] = leaves
            words[ROW * place + WORD] = (sequence << KEY_SHIFT) | kind
            put(rows, words, bucket, per_s, place)
            if leaves < finishes:
                first, finishes = place, leaves
            sequence += 1
            busy += 1
            most_busy = max(most_busy, busy)
            busy_s -= now - since
            if sequence >= look:
                per_s = settle(s, sequence - c[DATED], now)
                c[DATED] = sequence
                look = sequence + max(PATIENCE, 2 * busy)
            if not_ready:
                setup, fate = p.not_ready_s, THROTTLED
            elif kind != FAILING and 0 <= came < p.horizon_s:
                billed_s = service + setup if p.bill_setup else service
                r[BILLED_MS + kind] += np.ceil(billed_s * 1000 - ROUNDING_MS)
                c[EXECUTED] += 1
        if fate == THROTTLED and (refused or p.retry_not_ready) and attempt < p.max_attempts and tokens >= p.retry_cost:
            tokens -= p.retry_cost
            c[FREE] -= 1
            slot = free[c[FREE]]
            pool[FIRST_S, slot], pool[DEMAND_S, slot], pool[ATTEMPT, slot] = came, work, attempt
            pool[MET, slot] = met
            delay = s.draws[SPARE, c[SPARED]] * min(float(1 << (attempt - 1)), p.delay_cap_s)
            c[SPARED] += 1
            push(retry_t, retry_key, c[RETRYING], now + setup + delay, (sequence << SLOT_BITS) | slot)
            sequence += 1
            c[RETRYING] += 1
            retries = retry_t[0]
            continue
        log.arrival_s[logged], log.retry_s[logged], log.queue_s[logged] = came, now - came, 0.0
        log.setup_s[logged], log.service_s[logged] = setup, service
        log.fate[logged], log.attempts[logged], log.cold[logged] = fate, attempt, met
        logged += np.uint64(1)
        if fate == COMPLETED and p.retry_cost > 0:
            tokens = min(p.tokens, tokens + (p.retry_cost if attempt > 1 else 1.0))
    r[NOW_S] = now
    c[BUSY], c[IDLE], c[READY], c[FIRST], c[EMPTY] = busy, idle, ready, first, empty
    c[BOTTOM], c[LOGGED], c[SEQUENCE], c[ATTEMPTS] = bottom, logged, sequence, attempts
    c[MOST_BUSY], r[BUSY_S], r[TOKENS] = most_busy, busy_s, tokens
    return i, code


leave = compiled(_leave)
expire = compiled(_expire)
bury = compiled(_bury)
clear = compiled(_clear)
sweep = compiled(_sweep)
measure = compiled(_measure)
starts = compiled(_starts)
settle = compiled(_settle)
advance = compiled(_advance)
