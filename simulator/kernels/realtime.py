"""A fleet of instances, each with W workers and one queue of at most Q, fed by a router. Event by event.

Events in order of time; at equal times in this order, and within one kind by sequence:

    worker finishes ──► its request, or its batch, ends ──► it takes the head of the queue, or a batch of them
    client gives up ──► its attempt ends for it, not for the instance              (extras)
    oldest is due   ──► an idle worker takes a batch that is not full              (batches)
    held one sends  ─┐                                                             (extras)
    retry, user     ─┼► the router chooses an instance ─┬► full: refused, tried again or ended
    arrival         ─┘                                  ├► a worker is idle: begins
                                                        └► waits in the queue

The router sends a request to an instance in service: uniformly (RANDOM) or uniformly among those with the fewest
outstanding requests. The outstanding requests of each instance are kept in lists by number, so that no event looks at
all instances, and the busy workers in a calendar: O(1) per request. A refusal is retried after a random delay when the
client's mode allows it (facts rows 8.1 to 8.3).

The loop is compiled four times, with and without two parts; of a part that is not there (None) nothing is left:

- Extras: requests keep their place in the pool and are logged when they end, so that an instance can be killed;
  clients can give up, think and limit their rate (kernels/realtime_client.py), and service times depend on what goes
  on. Without them all is known of a request when its service begins, and it is logged then. One that waits and is
  served longer than the limit has timed out for the client but is worked on to its end (facts row 2.58).
  What a worker worked on for cut_s is ended by the container: timed out, answered 424 (row 2.60).
- Batches: what waits in an instance is worked on together (facts row 2.56, kernels/realtime_batch.py). A free worker
  takes up to `most` requests as soon as there are so many, or when the oldest has waited for delay_s; all of them are
  answered at its end. An instance refuses when its queue is full beyond what its free workers may take.

What makes it fast: counters live in local variables, since a compiler that sees a store to one array has to read every
other array again; whatever leaves the loop breaks out of it, so that they are written back in one place; the next
completion is kept as a time; a request that does not wait needs no place in the pool; and no index can be negative
(kernels/natural.py). What is left is mostly the price of branches that nobody can foresee: whether a worker finishes
next or a request arrives.

Times are seconds. The state (kernels/realtime_state.py) is carried from call to call; a call stops before `until`,
when it has used up the chunk, or when it needs room.
"""

from __future__ import annotations

from simulator.kernels import INF, LOG_FULL, NEED_SPARE, OK, POOL_FULL, Floats, compiled
from simulator.kernels.calendar import insert, take
from simulator.kernels.fates import COMPLETED, FAILED, REJECTED, TIMED_OUT
from simulator.kernels.fold import Log
from simulator.kernels.heap import pop, push
from simulator.kernels.natural import natural
from simulator.kernels.realtime_batch import demand_of, enrol, lasts, share_of, slowed
from simulator.kernels.realtime_client import end, fail, give_up, hold, part, release, unwatch, watch, worked
from simulator.kernels.realtime_levels import shift
from simulator.kernels.realtime_state import (
    ACTIVE,
    ADDED_S,
    ATTEMPTS,
    BUSY,
    DEMANDED,
    DUE,
    FIRST,
    FREE,
    HELD,
    IN_SERVICE,
    LEVEL,
    LOGGED,
    MOST,
    NEARLY,
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
    TOKENS,
    WEIGHT,
    Batches,
    Extra,
    Params,
    State,
    draws_of,
    rows_of,
)
from simulator.kernels.sending import ENABLED, answered, ready_s, send


def _advance(
    s: State,
    p: Params,
    x: Extra | None,
    b: Batches | None,
    log: Log,
    t: Floats,
    demand: Floats,
    u: Floats,
    i: int,
    until: float,
    final: bool,
) -> tuple[int, int]:
    """Go on with request i of the chunk (t, demand, u); return the next request and a status code. The log has room for
    the rows of one event.
    """
    role, busy_on, queued_on, head, tail, place_of = s.role, s.busy, s.queued, s.head, s.tail, s.place
    active_at, member, members = s.active, s.member, s.members
    worker_t, worker_key, worker_after = s.worker_t, s.worker_key, s.worker_after
    worker_bucket, worker_spare = s.worker_bucket, s.worker_spare
    retry_t, retry_key = s.retry_t, s.retry_key
    first_s, enter_s, demand_s, attempt_of = s.first_s, s.enter_s, s.demand_s, s.attempt
    next_slot, free_slot, spare = s.next, s.free, s.spare
    arrival_s, retry_s, queue_s = log.arrival_s, log.retry_s, log.queue_s
    setup_s, service_s = log.setup_s, log.service_s
    fates, attempts, cold = log.fate, log.attempts, log.cold
    c, r = s.ints, s.reals
    logged, free, sequence, busy = natural(c[LOGGED]), natural(c[FREE]), c[SEQUENCE], c[BUSY]
    least, queued, made, peak, most = c[LEVEL], c[QUEUED], c[ATTEMPTS], c[QUEUE_PEAK], c[MOST]
    weight, waited_s, since = r[WEIGHT], r[QUEUE_S], r[QUEUE_SINCE]
    following, active, per_s = c[FIRST], c[ACTIVE], r[PER_S]
    n, places = t.size, worker_t.size
    last_row, last_draw = arrival_s.size - rows_of(b), spare.size - draws_of(x, b)
    mask = (1 << ROW_BITS) - 1
    full = p.workers + p.queue_size
    share = 1.0 / active if active else 0.0
    finishes = worker_t[following] if busy else INF
    retries = retry_t[0] if c[RETRYING] else INF
    now = 0.0
    if x is not None:
        now = x.reals[NOW_S]
    # Whether a request needs a place in the pool although it does not wait.
    kept = x is not None or b is not None
    i = natural(i)
    code = OK
    while i < n or final:
        arrives = t[i] if i < n else INF
        soon = min(arrives, retries)
        if x is not None:
            # What a client does when nothing else comes first: give up, or send what it held back.
            oldest = x.ints[OLDEST]
            expires = enter_s[oldest] + x.rules.deadline_s if oldest != NONE else INF
            sends = ready_s(x.rate, now) if x.ints[HELD] else INF
            soon = min(soon, expires, sends)
        if b is not None:
            due = b.due_t[0] if b.ints[DUE] else INF
            soon = min(soon, due)

        # A worker finishes: what it worked on ends, and it is idle, or takes the head of its instance's queue.
        if finishes <= soon:
            if finishes >= until:
                break
            if logged > last_row:
                code = LOG_FULL
                break
            if x is not None and c[SPARED] > last_draw:
                code = NEED_SPARE
                break
            now = finishes
            place = natural(following)
            j = natural(worker_key[place] & mask)
            following = take(worker_t, worker_key, worker_after, worker_bucket, per_s, place)
            finishes = worker_t[natural(following)] if following >= 0 else INF
            waiting, done = queued_on[j], 1
            level = natural(busy_on[j] + waiting)
            if b is not None:
                done = b.size[place]
                level = natural(b.in_work[j] + waiting)
                b.in_work[j] -= done
            if p.least_outstanding and role[j] == IN_SERVICE:
                shift(member, members, place_of, j, level, natural(level - done))
                least = min(least, level - done)
            if x is not None:
                # Of the time of a batch each request has its share as service, the rest as waiting.
                slot = natural(x.worker_slot[place])
                begin = x.begin_s[slot]
                lasted, total = now - begin, 0.0
                ended = lasted >= p.cut_s * NEARLY
                if b is not None:
                    total = demand_of(s, slot, done)
                for _ in range(done):
                    behind = next_slot[slot]
                    service = lasted
                    if b is not None:
                        service = lasted * share_of(demand_s[slot], total, done)
                    if x.ghost[slot]:
                        logged = worked(log, begin + (lasted - service), service, logged)
                    else:
                        first, enter, attempt = first_s[slot], enter_s[slot], attempt_of[slot]
                        arrival_s[logged], retry_s[logged] = first, enter - first
                        queue_s[logged] = begin - enter + (lasted - service)
                        setup_s[logged], service_s[logged] = 0.0, service
                        fates[logged], attempts[logged], cold[logged] = (TIMED_OUT if ended else COMPLETED), attempt, 0
                        logged += 1
                        unwatch(x.ints, x.older, x.newer, slot)
                        if not ended and p.retry_cost > 0:
                            r[TOKENS] = min(p.tokens, r[TOKENS] + (x.paid[slot] if attempt > 1 else 1.0))
                        if x.rules.adaptive:
                            answered(x.rate, now, False)
                    if x.user[slot]:
                        free = part(s, x, slot, now, free)
                        retries = retry_t[0] if c[RETRYING] else INF
                    else:
                        free_slot[natural(free)] = slot
                        free += 1
                    slot = natural(behind)
            if b is not None or waiting == 0:
                busy_on[j] -= 1
                busy -= 1
                worker_spare[natural(places - busy - 1)] = place
                if b is None:
                    continue
            if b is None:
                slot = natural(head[j])
                head[j] = next_slot[slot]
                queued_on[j] = waiting - 1
                waited_s += queued * (now - since)
                since = now
                queued -= 1
                first, enter, work, attempt = first_s[slot], enter_s[slot], demand_s[slot], attempt_of[slot]
                if x is None:
                    free_slot[natural(free)] = slot
                    free += 1
        else:
            if soon >= until:
                break
            if logged > last_row:
                code = LOG_FULL
                break
            if c[SPARED] > last_draw:
                code = NEED_SPARE
                break
            if free == 0:
                code = POOL_FULL
                break
            if x is not None:
                if x.ints[SENT] == x.sent_s.size:
                    code = LOG_FULL
                    break
                if x.ints[DEMANDED] == x.demand_s.size:
                    code = NEED_SPARE
                    break
            now = soon

            # A client gives up: its attempt has timed out, and the instance does not know.
            if x is not None and expires <= soon:
                logged, free = give_up(s, p, x, log, now, logged, free)
                retries = retry_t[0] if c[RETRYING] else INF
                continue

            # The oldest request of an instance has waited long enough: a batch begins, full or not.
            looks = False
            if b is not None:
                looks = due <= soon
                if looks:
                    j = natural(b.due_key[0])
                    pop(b.due_t, b.due_key, b.ints[DUE])
                    b.ints[DUE] -= 1
                    b.armed[j] = 0

            if not looks:
                # Somebody sends: who was held back, who tries again (or a user who has thought), or a new request.
                held = False
                if x is not None:
                    held = sends <= soon
                if held:
                    slot = 0
                    if x is not None:
                        slot = natural(release(x))
                    first, work, attempt = first_s[slot], demand_s[slot], attempt_of[slot]
                    draw = spare[natural(c[SPARED])]
                    c[SPARED] += 1
                elif retries <= arrives:
                    slot = natural(retry_key[0])
                    pop(retry_t, retry_key, c[RETRYING])
                    c[RETRYING] -= 1
                    retries = retry_t[0] if c[RETRYING] else INF
                    attempt = attempt_of[slot] + 1
                    attempt_of[slot] = attempt
                    if x is not None and attempt == 1:
                        first_s[slot], demand_s[slot] = now, x.demand_s[x.ints[DEMANDED]]
                        x.ints[DEMANDED] += 1
                        x.sent_s[x.ints[SENT]] = now
                        x.ints[SENT] += 1
                    first, work = first_s[slot], demand_s[slot]
                    draw = spare[natural(c[SPARED])]
                    c[SPARED] += 1
                    if not kept:
                        free_slot[natural(free)] = slot
                        free += 1
                else:
                    slot = 0
                    first, work, attempt = arrives, demand[i], 1
                    draw = u[i]
                    i += 1
                    if kept:
                        free -= 1
                        slot = natural(free_slot[natural(free)])
                        first_s[slot], demand_s[slot], attempt_of[slot] = first, work, 1
                    if x is not None:
                        x.user[slot], x.ghost[slot] = 0, 0
                enter = now
                if kept:
                    enter_s[slot] = now

                # A client that limits its rate holds it back, behind those that it holds already.
                if x is not None and x.rules.adaptive:
                    if not held and x.rate[ENABLED] and (x.ints[HELD] or ready_s(x.rate, now) > now):
                        if not hold(x, slot):
                            logged, free = end(s, x, log, slot, now, REJECTED, logged, free)
                            retries = retry_t[0] if c[RETRYING] else INF
                        continue
                    send(x.rate, now)
                made += 1
                if x is not None and active == 0:
                    logged, free = fail(s, p, x, log, slot, now, FAILED, logged, free)
                    retries = retry_t[0] if c[RETRYING] else INF
                    continue

                # The router chooses an instance; level: its outstanding requests.
                weight += share
                if p.least_outstanding:
                    while members[natural(least)] == 0:
                        least += 1
                    level = natural(least)
                    j = natural(member[level, natural(int(draw * members[level]))])
                else:
                    j = natural(active_at[natural(int(draw * active))])
                    level = natural(busy_on[j] + queued_on[j])
                    if b is not None:
                        level = natural(b.in_work[j] + queued_on[j])

                # Its queue is full: refused.
                refused = level >= full
                if b is not None:
                    refused = queued_on[j] >= p.queue_size + b.most * (p.workers - busy_on[j])
                waits = b is not None or level >= p.workers
                if not kept and (refused or waits):
                    free -= 1
                    slot = natural(free_slot[natural(free)])
                    first_s[slot], enter_s[slot], demand_s[slot], attempt_of[slot] = first, now, work, attempt
                if refused:
                    logged, free = fail(s, p, x, log, slot, now, REJECTED, logged, free)
                    retries = retry_t[0] if c[RETRYING] else INF
                    continue
                if level >= most:
                    most = level + 1
                if p.least_outstanding:
                    shift(member, members, place_of, j, level, natural(level + 1))
                if x is not None:
                    watch(x.ints, x.older, x.newer, slot)

                # It waits where all workers are busy, or until a batch begins; else an idle worker begins with it.
                if waits:
                    if queued_on[j] == 0:
                        head[j] = slot
                    else:
                        next_slot[natural(tail[j])] = slot
                    tail[j] = slot
                    queued_on[j] += 1
                    waited_s += queued * (now - since)
                    since = now
                    queued += 1
                    if b is None:
                        peak = max(peak, queued)
                        continue
                else:
                    place = natural(worker_spare[natural(places - busy - 1)])
                    busy_on[j] = busy_on[j] + 1
                    busy += 1

        # Batches: idle workers of instance j begin what may begin; if something is left, it is looked at when its
        # oldest is due.
        if b is not None:
            while (
                busy_on[j] < p.workers
                and queued_on[j] > 0
                and (queued_on[j] >= b.most or enter_s[head[j]] + b.delay_s <= now)
            ):
                size = min(b.most, queued_on[j])
                slot = head[j]
                busy_on[j] += 1
                service = lasts(p.factor, b.fixed_share, demand_of(s, slot, size), size)
                place = natural(worker_spare[natural(places - busy - 1)])
                busy += 1
                if x is not None:
                    service = slowed(
                        service, x.slowdown[busy_on[j]], x.reals[ADDED_S], x.rules.warmup_slowdown, now < x.warm_s[j]
                    )
                    x.worker_slot[place] = slot
                service = min(service, p.cut_s)
                head[j], logged, free = enrol(s, p, x, log, slot, size, service, now, (logged, free))
                b.size[place] = size
                b.in_work[j] += size
                ends, key = now + service, (sequence << ROW_BITS) | j
                worker_t[place], worker_key[place] = ends, key
                sequence += 1
                insert(worker_t, worker_key, worker_after, worker_bucket, per_s, place, ends, key)
                if ends < finishes:
                    following, finishes = place, ends
                queued_on[j] -= size
                waited_s += queued * (now - since)
                since = now
                queued -= size
            if queued_on[j] and busy_on[j] < p.workers and not b.armed[j]:
                push(b.due_t, b.due_key, b.ints[DUE], enter_s[head[j]] + b.delay_s, j)
                b.ints[DUE] += 1
                b.armed[j] = 1
            peak = max(peak, queued)
            continue

        # A worker begins with one request.
        service = work * p.factor
        if x is not None:
            service = slowed(
                service, x.slowdown[busy_on[j]], x.reals[ADDED_S], x.rules.warmup_slowdown, now < x.warm_s[j]
            )
            x.worker_slot[place], x.begin_s[slot] = slot, now
        service = min(service, p.cut_s)
        ends, key = now + service, (sequence << ROW_BITS) | j
        worker_t[place], worker_key[place] = ends, key
        sequence += 1
        insert(worker_t, worker_key, worker_after, worker_bucket, per_s, place, ends, key)
        if ends < finishes:
            following, finishes = place, ends
        if x is None:
            arrival_s[logged], retry_s[logged], queue_s[logged] = first, enter - first, now - enter
            setup_s[logged], service_s[logged] = 0.0, service
            in_time = service < p.cut_s and now - enter + service <= p.limit_s
            fates[logged], attempts[logged], cold[logged] = (COMPLETED if in_time else TIMED_OUT), attempt, 0
            logged += 1
            if in_time and p.retry_cost > 0:
                r[TOKENS] = min(p.tokens, r[TOKENS] + (p.retry_cost if attempt > 1 else 1.0))
    c[LOGGED], c[FREE], c[SEQUENCE], c[BUSY] = logged, free, sequence, busy
    c[LEVEL], c[QUEUED], c[ATTEMPTS], c[QUEUE_PEAK], c[MOST] = least, queued, made, peak, most
    r[WEIGHT], r[QUEUE_S], r[QUEUE_SINCE] = weight, waited_s, since
    c[FIRST] = following
    if x is not None:
        x.reals[NOW_S] = now
    return i, code


advance = compiled(_advance)
