"""The fleet of kernels/realtime.py as most scenarios have it: no deadlines, no users, no kills. The same events in the
same order on the same state, the same rows as `realtime.advance` with nothing in its Extra, at about twice the speed.

What makes it fast: counters live in local variables, since a compiler that sees a store to one array has to read every
other array again; whatever leaves the loop breaks out of it, so that they are written back in one place; the next
completion is kept as a time; and no index can be negative (kernels/natural.py). What is left is mostly the price of
branches that nobody can foresee: whether a worker finishes next or a request arrives.
"""

from __future__ import annotations

from numba import njit

from simulator.kernels import INF, LOG_FULL, NEED_SPARE, OK, POOL_FULL, Floats, Ints, compiled
from simulator.kernels.calendar import insert, take
from simulator.kernels.fates import COMPLETED, REJECTED, TIMED_OUT
from simulator.kernels.fold import Log
from simulator.kernels.heap import pop, push
from simulator.kernels.natural import natural
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
    Members,
    Params,
    State,
)


def _shift(member: Members, members: Ints, place: Ints, j: int, level: int, to: int) -> None:
    """Move instance j from the list of one level to the end of that of another; the last of the first list takes its
    place there.
    """
    left = natural(members[level] - 1)
    members[level] = left
    last = natural(member[level, left])
    gap = natural(place[j])
    member[level, gap] = last
    place[last] = gap
    end = natural(members[to])
    place[j] = end
    member[to, end] = j
    members[to] = end + 1


def _advance(
    s: State, p: Params, log: Log, t: Floats, demand: Floats, u: Floats, i: int, until: float, final: bool
) -> tuple[int, int]:
    """Go on with request i of the chunk (t, demand, u); return the next request and a status code."""
    role, busy_on, queued_on, head, tail, place_of = s.role, s.busy, s.queued, s.head, s.tail, s.place
    active_at, member, members = s.active, s.member, s.members
    worker_t, worker_key, worker_after = s.worker_t, s.worker_key, s.worker_after
    worker_bucket, worker_spare = s.worker_bucket, s.worker_spare
    retry_t, retry_key = s.retry_t, s.retry_key
    first_s, enter_s, demand_s, attempt_of, next_slot, free_slot = (
        s.first_s,
        s.enter_s,
        s.demand_s,
        s.attempt,
        s.next,
        s.free,
    )
    spare = s.spare
    arrival_s, retry_s, queue_s, setup_s, service_s = (
        log.arrival_s,
        log.retry_s,
        log.queue_s,
        log.setup_s,
        log.service_s,
    )
    fates, attempts, cold = log.fate, log.attempts, log.cold
    c, r = s.ints, s.reals
    logged, sequence, busy, retrying, free = natural(c[LOGGED]), c[SEQUENCE], c[BUSY], c[RETRYING], c[FREE]
    least, queued, spared, made, peak, most = c[LEVEL], c[QUEUED], c[SPARED], c[ATTEMPTS], c[QUEUE_PEAK], c[MOST]
    weight, tokens, waited_s, since = r[WEIGHT], r[TOKENS], r[QUEUE_S], r[QUEUE_SINCE]
    following, active, per_s = c[FIRST], c[ACTIVE], r[PER_S]
    n, room, spare_room, places = t.size, arrival_s.size, spare.size - 2, worker_t.size
    mask = (1 << ROW_BITS) - 1
    full = p.workers + p.queue_size
    share = 1.0 / active
    finishes = worker_t[following] if busy else INF
    retries = retry_t[0] if retrying else INF
    i = natural(i)
    code = OK
    while i < n or final:
        arrives = t[i] if i < n else INF
        if finishes <= retries and finishes <= arrives:
            if finishes >= until:
                break
            if logged >= room:
                code = LOG_FULL
                break
            now = finishes
            place = natural(following)
            j = natural(worker_key[place] & mask)
            following = take(worker_t, worker_key, worker_after, worker_bucket, per_s, place)
            finishes = worker_t[natural(following)] if following >= 0 else INF
            waiting = queued_on[j]
            if p.least_outstanding and role[j] == IN_SERVICE:
                level = natural(busy_on[j] + waiting)
                shift(member, members, place_of, j, level, natural(level - 1))
                least = min(least, level - 1)
            if waiting == 0:
                busy_on[j] -= 1
                busy -= 1
                worker_spare[natural(places - busy - 1)] = place
                continue
            slot = natural(head[j])
            head[j] = next_slot[slot]
            queued_on[j] = waiting - 1
            waited_s += queued * (now - since)
            since = now
            queued -= 1
            first, enter, work, attempt = first_s[slot], enter_s[slot], demand_s[slot], attempt_of[slot]
            free_slot[natural(free)] = slot
            free += 1
        else:
            if min(arrives, retries) >= until:
                break
            if logged >= room:
                code = LOG_FULL
                break
            if spared > spare_room:
                code = NEED_SPARE
                break
            if free == 0:
                code = POOL_FULL
                break
            if retries <= arrives:
                slot = natural(retry_key[0])
                now = retries
                first, work, attempt = first_s[slot], demand_s[slot], attempt_of[slot] + 1
                pop(retry_t, retry_key, retrying)
                retrying -= 1
                retries = retry_t[0] if retrying else INF
                free_slot[natural(free)] = slot
                free += 1
                draw = spare[natural(spared)]
                spared += 1
            else:
                now = arrives
                first, work, attempt = arrives, demand[i], 1
                draw = u[i]
                i += 1
            enter = now
            made += 1
            weight += share
            if p.least_outstanding:
                while members[natural(least)] == 0:
                    least += 1
                level = natural(least)
                j = natural(member[level, natural(int(draw * members[level]))])
            else:
                j = natural(active_at[natural(int(draw * active))])
                level = natural(busy_on[j] + queued_on[j])
            if level >= full:
                if p.retry_overflow and attempt < p.max_attempts and tokens >= p.retry_cost:
                    tokens -= p.retry_cost
                    free -= 1
                    slot = natural(free_slot[natural(free)])
                    first_s[slot], demand_s[slot], attempt_of[slot] = first, work, attempt
                    delay = spare[natural(spared)] * min(2.0 ** (attempt - 1), p.delay_cap_s)
                    spared += 1
                    push(retry_t, retry_key, retrying, now + delay, slot)
                    retrying += 1
                    retries = retry_t[0]
                else:
                    arrival_s[logged], retry_s[logged], queue_s[logged] = first, now - first, 0.0
                    setup_s[logged], service_s[logged] = 0.0, 0.0
                    fates[logged], attempts[logged], cold[logged] = REJECTED, attempt, 0
                    logged += 1
                continue
            if level >= most:
                most = level + 1
            if p.least_outstanding:
                shift(member, members, place_of, j, level, natural(level + 1))
            # A queue begins when all workers are busy, so the number outstanding says both.
            if level >= p.workers:
                free -= 1
                slot = natural(free_slot[natural(free)])
                first_s[slot], enter_s[slot], demand_s[slot], attempt_of[slot] = first, now, work, attempt
                if level == p.workers:
                    head[j] = slot
                else:
                    next_slot[natural(tail[j])] = slot
                tail[j] = slot
                queued_on[j] += 1
                waited_s += queued * (now - since)
                since = now
                queued += 1
                peak = max(peak, queued)
                continue
            place = natural(worker_spare[natural(places - busy - 1)])
            busy_on[j] = level + 1
            busy += 1
        service = work * p.factor
        ends, key = now + service, (sequence << ROW_BITS) | j
        worker_t[place], worker_key[place] = ends, key
        sequence += 1
        insert(worker_t, worker_key, worker_after, worker_bucket, per_s, place, ends, key)
        if ends < finishes:
            following, finishes = place, ends
        arrival_s[logged], retry_s[logged], queue_s[logged] = first, enter - first, now - enter
        setup_s[logged], service_s[logged] = 0.0, service
        in_time = now - enter + service <= p.limit_s
        fates[logged], attempts[logged], cold[logged] = (COMPLETED if in_time else TIMED_OUT), attempt, 0
        logged += 1
        if in_time and p.retry_cost > 0:
            tokens = min(p.tokens, tokens + (p.retry_cost if attempt > 1 else 1.0))
    c[LOGGED], c[SEQUENCE], c[BUSY], c[RETRYING], c[FREE] = logged, sequence, busy, retrying, free
    c[LEVEL], c[QUEUED], c[SPARED], c[ATTEMPTS], c[QUEUE_PEAK], c[MOST] = least, queued, spared, made, peak, most
    r[WEIGHT], r[TOKENS], r[QUEUE_S], r[QUEUE_SINCE] = weight, tokens, waited_s, since
    c[FIRST] = following
    return i, code


# Inlined by LLVM, since a call would cost more than the work.
shift = njit(forceinline=True)(_shift)
advance = compiled(_advance)
