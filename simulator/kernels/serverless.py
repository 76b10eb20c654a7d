"""Environments that each work on one request at a time: provisioned ones, and others started on demand. Event by event.

Events in order of time: a request leaves its environment, a client gives up or tries again, a request arrives; at equal
times in this order, and within one kind by sequence. While max_concurrency requests are in flight, one more is
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
environment goes on to start (rows 3.4, 8.6). Work is cut off at limit_s, timed out (row 1.3). A client that is not told
within patience_s of sending an attempt gives it up and tries again when its mode and quota allow that; the environment
works on, and that work is billed (rows 2.58, 8.8). A patience that ends with the limit comes first, as on real-time.

Times are seconds. Idle environments are a stack in a ring: the newest is taken from the top, the oldest expires at the
bottom, both O(1); where they do not go in the order of the stack, one that is gone is found when it comes to either
end, or when it is measured. Busy ones are a calendar, see simulator.kernels.agenda: O(1) per request. The state is
carried from call to call; a call stops before `until`, when it has used up the chunk, or when it needs room.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator.kernels import INF, LOG_FULL, NEED_SPARE, OK, POOL_FULL, Floats, compiled
from simulator.kernels.agenda import DAYS_PER_EVENT, KEY_SHIFT, KIND_BITS, ROW, TIME, WORD, put, redate, take
from simulator.kernels.environments import bury, clear, expire, sweep
from simulator.kernels.fates import COMPLETED, THROTTLED, TIMED_OUT
from simulator.kernels.fold import Log
from simulator.kernels.heap import pop, push
from simulator.kernels.sending import ENABLED, answered, ready_s, send
from simulator.kernels.serverless_state import (
    ATTEMPT,
    ATTEMPTS,
    BEHIND,
    BILLED_MS,
    BOTTOM,
    BUSY,
    BUSY_S,
    DATED,
    DATED_S,
    DEMAND_S,
    EMPTY,
    ENVIRONMENTS,
    EXECUTED,
    FAILING,
    FIRST,
    FIRST_S,
    FREE,
    GIVES_UP,
    HELD,
    IDLE,
    KEEP,
    KEPT,
    LAST_HELD,
    LEAVING,
    LIFE_S,
    LOGGED,
    MET,
    MOST_BUSY,
    MOST_ENVIRONMENTS,
    MOST_HELD,
    NEXT_HELD,
    NOW_S,
    ON_DEMAND,
    PAID,
    PATIENCE,
    PER_S,
    PROVISIONED,
    PROVISIONED_S,
    QUIET_SINCE,
    READY,
    RETRY_KEY,
    RETRY_T,
    RETRYING,
    ROUNDING_MS,
    SEQUENCE,
    SINCE,
    SLOT,
    SLOT_BITS,
    SPARE,
    SPARED,
    START_S,
    STARTED,
    STARTS,
    STARTS_S,
    TOKENS,
    WARM_S,
    Params,
    State,
)

BEFORE_S: Final = -1.0
"""Arrival of the rows that are work alone."""


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
                if not s.ghost[place]:
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
        met, paid, held = 0.0, 0.0, False
        if rate is not None:
            held = sends <= soon
        if held:
            now = sends
            slot = c[NEXT_HELD]
            c[NEXT_HELD] = whole[BEHIND, slot]
            c[HELD] -= 1
            came, work = pool[FIRST_S, slot], pool[DEMAND_S, slot]
            attempt, met, paid = int(pool[ATTEMPT, slot]), pool[MET, slot], pool[PAID, slot]
            free[c[FREE]] = slot
            c[FREE] += 1
        elif retries <= arrives:
            now = retries
            slot = retry_key[0] & ((1 << SLOT_BITS) - 1)
            came, work = pool[FIRST_S, slot], pool[DEMAND_S, slot]
            attempt, met, paid = int(pool[ATTEMPT, slot]) + 1, pool[MET, slot], pool[PAID, slot]
            pop(retry_t, retry_key, c[RETRYING])
            c[RETRYING] -= 1
            if pool[GIVES_UP, slot]:
                # Its client is told nothing in time: the attempt has failed for it.
                pool[GIVES_UP, slot] = 0.0
                if rate is not None:
                    answered(rate, now, False)
                if attempt <= p.max_attempts and tokens >= p.timeout_cost:
                    tokens -= p.timeout_cost
                    pool[PAID, slot] = p.timeout_cost
                    delay = s.draws[SPARE, c[SPARED]] * min(float(1 << (attempt - 2)), p.delay_cap_s)
                    c[SPARED] += 1
                    push(retry_t, retry_key, c[RETRYING], now + delay, (sequence << SLOT_BITS) | slot)
                    sequence += 1
                    c[RETRYING] += 1
                else:
                    log.arrival_s[logged], log.retry_s[logged], log.queue_s[logged] = came, now - came, 0.0
                    log.setup_s[logged], log.service_s[logged] = 0.0, 0.0
                    log.fate[logged], log.attempts[logged], log.cold[logged] = TIMED_OUT, attempt - 1, met
                    logged += np.uint64(1)
                    free[c[FREE]] = slot
                    c[FREE] += 1
                retries = retry_t[0] if c[RETRYING] else INF
                continue
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
                pool[MET, slot], pool[PAID, slot] = met, paid
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
            told_s = p.not_ready_s if not_ready else setup + service
            gives_up = told_s > p.patience_s or (told_s == p.patience_s and fate == TIMED_OUT)
            leaves = now + setup + service
            if rate is not None:
                s.ghost[place] = 1 if gives_up else 0
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
            if gives_up:
                if service > 0:
                    # Work that ends no request: as if it had arrived during the warm-up, the fold counts it alone.
                    log.arrival_s[logged], log.retry_s[logged], log.queue_s[logged] = BEFORE_S, now - BEFORE_S, 0.0
                    log.setup_s[logged], log.service_s[logged] = setup, service
                    log.fate[logged], log.attempts[logged], log.cold[logged] = TIMED_OUT, 0, 0
                    logged += np.uint64(1)
                c[FREE] -= 1
                slot = free[c[FREE]]
                pool[FIRST_S, slot], pool[DEMAND_S, slot], pool[ATTEMPT, slot] = came, work, attempt
                pool[MET, slot], pool[PAID, slot], pool[GIVES_UP, slot] = met, paid, 1.0
                push(retry_t, retry_key, c[RETRYING], now + p.patience_s, (sequence << SLOT_BITS) | slot)
                sequence += 1
                c[RETRYING] += 1
                retries = retry_t[0]
                continue
        if fate == THROTTLED and (refused or p.retry_not_ready) and attempt < p.max_attempts and tokens >= p.retry_cost:
            tokens -= p.retry_cost
            c[FREE] -= 1
            slot = free[c[FREE]]
            pool[FIRST_S, slot], pool[DEMAND_S, slot], pool[ATTEMPT, slot] = came, work, attempt
            pool[MET, slot], pool[PAID, slot] = met, p.retry_cost
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
            tokens = min(p.tokens, tokens + (paid if attempt > 1 else 1.0))
    r[NOW_S] = now
    c[BUSY], c[IDLE], c[READY], c[FIRST], c[EMPTY] = busy, idle, ready, first, empty
    c[BOTTOM], c[LOGGED], c[SEQUENCE], c[ATTEMPTS] = bottom, logged, sequence, attempts
    c[MOST_BUSY], r[BUSY_S], r[TOKENS] = most_busy, busy_s, tokens
    return i, code


measure = compiled(_measure)
starts = compiled(_starts)
settle = compiled(_settle)
advance = compiled(_advance)
