"""The arrays of a real-time endpoint: made, and made larger while it runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.engines.engine import BatchRule
from simulator.kernels import Ints, calendar
from simulator.kernels import realtime_state as parts

SPARE_DRAWS = 4096
POOL_PLACES = 4096


def new_state(size: int, params: parts.Params, rng: np.random.Generator, batch: int = 1) -> parts.State:
    """Arrays for so many instances whose workers take batches of at most so many; the pool is empty."""
    levels = params.workers * batch + params.queue_size + 1 if params.least_outstanding else 1
    places = size * params.workers
    state = parts.State(
        ints=_whole(parts.COUNTS),
        reals=np.zeros(parts.REALS),
        role=_whole(size),
        busy=_whole(size),
        queued=_whole(size),
        head=_whole(size),
        tail=_whole(size),
        place=_whole(size),
        active=_whole(size),
        member=np.zeros((levels, size), dtype=np.int32),
        members=_whole(levels),
        worker_t=np.zeros(places),
        worker_key=_whole(places),
        worker_after=np.full(places, -1, dtype=np.int32),
        worker_bucket=np.full(calendar.buckets(places), -1, dtype=np.int32),
        worker_spare=np.arange(places, dtype=np.int32),
        retry_t=np.zeros(POOL_PLACES),
        retry_key=_whole(POOL_PLACES),
        first_s=np.zeros(POOL_PLACES),
        enter_s=np.zeros(POOL_PLACES),
        demand_s=np.zeros(POOL_PLACES),
        attempt=_whole(POOL_PLACES),
        next=_whole(POOL_PLACES),
        free=np.arange(POOL_PLACES, dtype=np.int64),
        spare=rng.random(SPARE_DRAWS),
    )
    state.ints[parts.FREE] = POOL_PLACES
    state.reals[parts.TOKENS] = params.tokens
    return state


def _whole(places: int) -> Ints:
    return np.zeros(places, dtype=np.int64)


def wider(state: parts.State) -> parts.State:
    """The same state with twice the places in the pool."""
    old, free = state.first_s.size, int(state.ints[parts.FREE])
    pool = ("retry_t", "retry_key", "first_s", "enter_s", "demand_s", "attempt", "next", "free")
    wider = state._replace(
        **{name: np.concatenate([getattr(state, name), np.zeros_like(getattr(state, name))]) for name in pool}
    )
    wider.free[free : free + old] = np.arange(old, 2 * old)
    wider.ints[parts.FREE] += old
    return wider


def new_batches(rule: BatchRule, state: parts.State) -> parts.Batches:
    """What server-side batching needs beside these arrays."""
    size = state.role.size
    return parts.Batches(
        most=rule.most,
        delay_s=rule.delay_s,
        fixed_share=rule.fixed_share,
        ints=_whole(parts.BATCH_INTS),
        size=_whole(state.worker_t.size),
        in_work=_whole(size),
        due_t=np.zeros(size),
        due_key=_whole(size),
        armed=np.zeros(size, dtype=np.int8),
    )


def larger_batches(batches: parts.Batches) -> parts.Batches:
    """The same with twice the places for instances."""
    names = ("size", "in_work", "due_t", "due_key", "armed")
    return batches._replace(**{name: _twice(getattr(batches, name)) for name in names})


def wider_extra(extra: parts.Extra) -> parts.Extra:
    """The same with twice the places in the pool."""
    return _doubled(extra, ("begin_s", "paid", "user", "ghost", "older", "newer"))


def larger_extra(extra: parts.Extra) -> parts.Extra:
    """The same with twice the places for instances."""
    return _doubled(extra, ("warm_s", "worker_slot"))


def _doubled(extra: parts.Extra, names: tuple[str, ...]) -> parts.Extra:
    return extra._replace(**{name: _twice(getattr(extra, name)) for name in names})


def _twice(array: NDArray[Any]) -> Any:
    return np.concatenate([array, np.zeros_like(array)])


def larger(state: parts.State) -> parts.State:
    """The same state with twice the places for instances; those in service and in work keep theirs."""
    free = state.worker_t.size - int(state.ints[parts.BUSY])
    places = state.worker_t.size
    of_instances = ("role", "busy", "queued", "head", "tail", "place", "active")
    of_workers = ("worker_t", "worker_key", "worker_after")
    larger = state._replace(
        **{name: np.concatenate([getattr(state, name)] * 2) for name in (*of_instances, *of_workers)},
        member=np.concatenate([state.member, np.zeros_like(state.member)], axis=1),
        worker_bucket=np.full(calendar.buckets(2 * places), -1, dtype=np.int32),
        worker_spare=np.concatenate(
            [state.worker_spare[:free], np.arange(places, 2 * places, dtype=np.int32), state.worker_spare[free:]]
        ),
    )
    for name in of_instances:
        getattr(larger, name)[state.role.size :] = 0
    redate(larger)
    return larger


def redate(state: parts.State) -> None:
    """Put the busy workers into the calendar anew."""
    idle = state.worker_spare[: state.worker_t.size - state.ints[parts.BUSY]]
    works = np.ones(state.worker_t.size, dtype=np.bool_)
    works[idle] = False
    busy = np.flatnonzero(works).astype(np.int32)
    per_s = state.reals[parts.PER_S]
    calendar.redate(state.worker_t, state.worker_key, state.worker_after, state.worker_bucket, per_s, busy)
