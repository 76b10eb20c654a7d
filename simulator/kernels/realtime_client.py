"""What the clients of kernels/realtime.py do when an attempt ends: row of the log, retry, quota, users, send rate.

A request has one row in the log when it ends for its client. Work that ends no request (of an attempt that was given
up, or broken off) has a row of its own, as if it had arrived during the warm-up: the fold then counts its work alone.

The loop keeps the number of rows in the log and of free places in the pool in registers (logged, free): what changes
them takes them and gives them back.
"""

from __future__ import annotations

import numpy as np

from simulator.kernels import Ints, compiled
from simulator.kernels.fates import FAILED, REJECTED, TIMED_OUT
from simulator.kernels.fold import Log
from simulator.kernels.heap import push
from simulator.kernels.realtime_state import (
    ACTIVE,
    HELD,
    LAST_HELD,
    NEWEST,
    NEXT_HELD,
    NONE,
    OLDEST,
    RETRYING,
    SPARED,
    TOKENS,
    Extra,
    Params,
    State,
)
from simulator.kernels.sending import answered

BEFORE_S = -1.0
"""Arrival of the rows that are work alone."""
MOST_HELD = 1 << 20
"""A client whose line of requests that it may not send is this long refuses the next."""


def _watch(ints: Ints, older: Ints, newer: Ints, slot: int) -> None:
    """The attempt of this slot enters now: the newest of the list."""
    newest = ints[NEWEST]
    older[slot], newer[slot] = newest, NONE
    if newest == NONE:
        ints[OLDEST] = slot
    else:
        newer[newest] = slot
    ints[NEWEST] = slot


def _unwatch(ints: Ints, older: Ints, newer: Ints, slot: int) -> None:
    """Take the attempt of this slot out of the list."""
    before, after = older[slot], newer[slot]
    if before == NONE:
        ints[OLDEST] = after
    else:
        newer[before] = after
    if after == NONE:
        ints[NEWEST] = before
    else:
        older[after] = before


def _hold(x: Extra, slot: int) -> bool:
    """Put the request of this slot into the line of those who may not send yet; whether there is room."""
    if x.ints[HELD] >= MOST_HELD:
        return False
    x.newer[slot] = NONE
    if x.ints[HELD] == 0:
        x.ints[NEXT_HELD] = slot
    else:
        x.newer[x.ints[LAST_HELD]] = slot
    x.ints[LAST_HELD] = slot
    x.ints[HELD] += 1
    return True


def _release(x: Extra) -> int:
    """The first of those who wait to send."""
    slot = x.ints[NEXT_HELD]
    x.ints[NEXT_HELD] = x.newer[slot]
    x.ints[HELD] -= 1
    return int(slot)


def _worked(log: Log, begin_s: float, work_s: float, logged: int) -> int:
    """A row for work that ends no request, done from begin_s on."""
    log.arrival_s[logged], log.retry_s[logged], log.queue_s[logged] = BEFORE_S, begin_s - BEFORE_S, 0.0
    log.setup_s[logged], log.service_s[logged] = 0.0, work_s
    log.fate[logged], log.attempts[logged], log.cold[logged] = TIMED_OUT, 0, 0
    return logged + 1


def _part(s: State, x: Extra | None, slot: int, now: float, free: int) -> int:
    """The request of this slot has ended: its user thinks, or its place is free."""
    if x is not None and x.user[slot]:
        thinks_s = -np.log(1.0 - s.spare[s.ints[SPARED]]) * x.rules.think_s
        s.ints[SPARED] += 1
        if now + thinks_s < x.rules.stops_s:
            s.attempt[slot] = 0
            push(s.retry_t, s.retry_key, s.ints[RETRYING], now + thinks_s, slot)
            s.ints[RETRYING] += 1
            return free
    s.free[free] = slot
    return free + 1


def _end(
    s: State, x: Extra | None, log: Log, slot: int, now: float, fate: int, logged: int, free: int
) -> tuple[int, int]:
    """The request of this slot ends now without an answer."""
    first, enter = s.first_s[slot], s.enter_s[slot]
    log.arrival_s[logged], log.retry_s[logged], log.queue_s[logged] = first, enter - first, now - enter
    log.setup_s[logged], log.service_s[logged] = 0.0, 0.0
    log.fate[logged], log.attempts[logged], log.cold[logged] = fate, s.attempt[slot], 0
    return logged + 1, part(s, x, slot, now, free)


def _fail(
    s: State, p: Params, x: Extra | None, log: Log, slot: int, now: float, fate: int, logged: int, free: int
) -> tuple[int, int]:
    """The attempt of this slot fails for its client: one more, when mode and quota allow (facts rows 8.1 to 8.4)."""
    again, cost = True, p.retry_cost
    if fate == REJECTED:
        again = p.retry_overflow != 0
    if x is not None:
        if fate == TIMED_OUT:
            again, cost = x.rules.retry_timeout != 0, x.rules.timeout_cost
        elif fate == FAILED and s.ints[ACTIVE] == 0:
            again = x.rules.retry_absent != 0
        if x.rules.adaptive:
            answered(x.rate, now, fate == REJECTED and p.retry_overflow != 0)
    attempt = s.attempt[slot]
    if not (again and attempt < p.max_attempts and s.reals[TOKENS] >= cost):
        return end(s, x, log, slot, now, fate, logged, free)  # type: ignore[no-any-return]
    s.reals[TOKENS] -= cost
    if x is not None:
        x.paid[slot] = cost
    delay_s = s.spare[s.ints[SPARED]] * min(2.0 ** (attempt - 1), p.delay_cap_s)
    s.ints[SPARED] += 1
    push(s.retry_t, s.retry_key, s.ints[RETRYING], now + delay_s, slot)
    s.ints[RETRYING] += 1
    return logged, free


def _give_up(s: State, p: Params, x: Extra, log: Log, now: float, logged: int, free: int) -> tuple[int, int]:
    """The client of the oldest attempt waits no longer; the container works on (facts rows 2.58, 8.8)."""
    slot = x.ints[OLDEST]
    unwatch(x.ints, x.older, x.newer, slot)
    free -= 1
    other = s.free[free]
    s.first_s[other], s.enter_s[other], s.demand_s[other] = s.first_s[slot], s.enter_s[slot], s.demand_s[slot]
    s.attempt[other], x.paid[other], x.user[other], x.ghost[other] = s.attempt[slot], x.paid[slot], x.user[slot], 0
    x.user[slot], x.ghost[slot] = 0, 1
    return fail(s, p, x, log, other, now, TIMED_OUT, logged, free)  # type: ignore[no-any-return]


watch = compiled(_watch)
unwatch = compiled(_unwatch)
hold = compiled(_hold)
release = compiled(_release)
worked = compiled(_worked)
part = compiled(_part)
end = compiled(_end)
fail = compiled(_fail)
give_up = compiled(_give_up)
