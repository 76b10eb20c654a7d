"""How long what begins lasts; what a batch of the model server is, and what each of its requests has of it.

A batch is the first request and those that State.next leads to. In the log a request's service is its share of the
batch, by demand, so that the work of all is the time the worker was busy; the rest of the batch counts as waiting.
"""

from __future__ import annotations

from numba import njit

from simulator.kernels import compiled
from simulator.kernels.fates import COMPLETED, TIMED_OUT
from simulator.kernels.fold import Log
from simulator.kernels.realtime_state import TOKENS, Extra, Params, State


def _demand_of(s: State, slot: int, size: int) -> float:
    """Sum of the demands of so many requests from this one on."""
    total_s = 0.0
    for _ in range(size):
        total_s += s.demand_s[slot]
        slot = s.next[slot]
    return total_s


def _share_of(demand_s: float, total_s: float, size: int) -> float:
    """The part of a batch's time that counts as the service of one of its requests."""
    return demand_s / total_s if total_s > 0 else 1.0 / size


def _lasts(factor: float, fixed_share: float, total_s: float, size: int) -> float:
    """Service time of a batch of so many requests with this demand in total (facts row 2.56)."""
    return factor * (fixed_share * (total_s / size) + (1 - fixed_share) * total_s)


def _enrol(
    s: State,
    p: Params,
    x: Extra | None,
    log: Log,
    slot: int,
    size: int,
    lasts_s: float,
    now: float,
    counts: tuple[int, int],
) -> tuple[int, int, int]:
    """A batch of so many requests from this one on begins now; counts: rows in the log and free places in the pool.

    Without extras nothing can happen to it any more: its requests get their rows and leave the pool. Returns the
    request behind the last, and the counts.
    """
    logged, free = counts
    total_s = demand_of(s, slot, size)
    for _ in range(size):
        following = s.next[slot]
        if x is None:
            first, enter = s.first_s[slot], s.enter_s[slot]
            work_s = lasts_s * share_of(s.demand_s[slot], total_s, size)
            log.arrival_s[logged], log.retry_s[logged] = first, enter - first
            log.queue_s[logged] = now - enter + (lasts_s - work_s)
            log.setup_s[logged], log.service_s[logged] = 0.0, work_s
            in_time = lasts_s < p.cut_s and now - enter + lasts_s <= p.limit_s
            fate, attempt = (COMPLETED if in_time else TIMED_OUT), s.attempt[slot]
            log.fate[logged], log.attempts[logged], log.cold[logged] = fate, attempt, 0
            logged += 1
            if in_time and p.retry_cost > 0:
                s.reals[TOKENS] = min(p.tokens, s.reals[TOKENS] + (p.retry_cost if attempt > 1 else 1.0))
            s.free[free] = slot
            free += 1
        else:
            x.begin_s[slot] = now
        slot = following
    return slot, logged, free


def _slowed(service_s: float, factor: float, added_s: float, warmup: float, cold: bool) -> float:
    """Service time of what begins now, by what goes on: others in work, a slow dependency, an instance not yet warm."""
    service_s = service_s * factor + added_s
    return service_s * warmup if cold else service_s


demand_of = compiled(_demand_of)
share_of = compiled(_share_of)
lasts = compiled(_lasts)
enrol = compiled(_enrol)
slowed = njit(forceinline=True)(_slowed)
