"""An instance of kernels/realtime.py is gone at once: what it works on and what waits in it fails."""

from __future__ import annotations

import numpy as np

from simulator.kernels import LOG_FULL, NEED_SPARE, OK, Ints, compiled
from simulator.kernels.calendar import put
from simulator.kernels.fates import FAILED
from simulator.kernels.fold import Log
from simulator.kernels.realtime_batch import demand_of, share_of
from simulator.kernels.realtime_client import fail, unwatch, worked
from simulator.kernels.realtime_state import (
    BUSY,
    FIRST,
    FREE,
    LOGGED,
    NONE,
    NOW_S,
    PER_S,
    QUEUE_S,
    QUEUE_SINCE,
    QUEUED,
    ROW_BITS,
    SPARED,
    Batches,
    Extra,
    Params,
    State,
    draws_of,
    rows_of,
)


def _break_off(s: State, p: Params, x: Extra, b: Batches | None, log: Log, place: int, now: float) -> None:
    """The worker at this place is gone: what it worked on fails, and its work until now is wasted."""
    size = 1
    if b is not None:
        size = b.size[place]
    slot = x.worker_slot[place]
    total_s, lasted_s = demand_of(s, slot, size), now - x.begin_s[slot]
    for _ in range(size):
        following = s.next[slot]
        if lasted_s > 0:
            work_s = lasted_s
            if b is not None:
                work_s = lasted_s * share_of(s.demand_s[slot], total_s, size)
            s.ints[LOGGED] = worked(log, x.begin_s[slot] + (lasted_s - work_s), work_s, s.ints[LOGGED])
        bury(s, p, x, log, slot, now)
        slot = following


def _bury(s: State, p: Params, x: Extra, log: Log, slot: int, now: float) -> None:
    """The request of this slot fails with its instance."""
    c = s.ints
    if x.ghost[slot]:
        s.free[c[FREE]] = slot
        c[FREE] += 1
        return
    unwatch(x.ints, x.older, x.newer, slot)
    c[LOGGED], c[FREE] = fail(s, p, x, log, slot, now, FAILED, c[LOGGED], c[FREE])


def _kill(s: State, p: Params, x: Extra, b: Batches | None, log: Log, j: int, now: float) -> int:
    """Instance j, which is not in service any more, is gone: what it works on and what waits there fails. Returns a
    status code: to be called again with room until OK.
    """
    c = s.ints
    places = s.worker_t.size
    mask = (1 << ROW_BITS) - 1
    # Of each request the work that is wasted, and its end.
    rows = max(2, rows_of(b))
    works = np.ones(places, dtype=np.bool_)
    works[s.worker_spare[: places - c[BUSY]]] = False
    x.reals[NOW_S] = now
    code = OK
    at = 0
    while s.busy[j] + s.queued[j]:
        if c[LOGGED] + rows > log.arrival_s.size:
            code = LOG_FULL
            break
        if c[SPARED] > s.spare.size - draws_of(x, b):
            code = NEED_SPARE
            break
        if s.busy[j]:
            while not works[at] or s.worker_key[at] & mask != j:
                at += 1
            works[at] = False
            s.busy[j] -= 1
            c[BUSY] -= 1
            s.worker_spare[places - c[BUSY] - 1] = at
            if b is not None:
                b.in_work[j] -= b.size[at]
            break_off(s, p, x, b, log, at, now)
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


bury = compiled(_bury)
break_off = compiled(_break_off)
reorder = compiled(_reorder)
kill = compiled(_kill)
