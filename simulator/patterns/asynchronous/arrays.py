"""The arrays of an asynchronous endpoint: made, made larger while it runs, and told of instances that come and go."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.engines.engine import BatchRule
from simulator.kernels import asynchronous_batch as batching
from simulator.kernels import asynchronous_state as parts

POOL_PLACES = 4096


def activate(state: parts.State, number: int, slots: int) -> None:
    """The instance takes work, so many requests at once."""
    free = int(state.ints[parts.FREE])
    state.role[number] = parts.IN_SERVICE
    state.free[free : free + slots] = np.arange(number * slots, (number + 1) * slots)
    state.ints[parts.FREE] = free + slots


def deactivate(state: parts.State, number: int) -> None:
    """The instance takes no new work; what it has it finishes."""
    state.role[number] = parts.DRAINING
    free = state.free[: state.ints[parts.FREE]]
    left = free[state.owner[free] != number]
    state.free[: left.size] = left
    state.ints[parts.FREE] = left.size


def new_state(size: int, slots: int) -> parts.State:
    """So many places for instances with so many slots each, nothing in service, nothing waiting."""
    return parts.State(
        ints=np.zeros(parts.COUNTS, dtype=np.int64),
        reals=np.zeros(parts.REALS),
        role=np.zeros(size, dtype=np.int64),
        busy=np.zeros(size, dtype=np.int64),
        owner=np.repeat(np.arange(size, dtype=np.int64), slots),
        free=np.zeros(size * slots, dtype=np.int64),
        finish_t=np.zeros(size * slots),
        finish_key=np.zeros(size * slots, dtype=np.int64),
        held_enter_s=np.zeros(size * slots),
        held_began_s=np.zeros(size * slots),
        held_demand_s=np.zeros(size * slots),
        held_service_s=np.zeros(size * slots),
        held_fate=np.zeros(size * slots, dtype=np.int64),
        enter_s=np.zeros(POOL_PLACES),
        demand_s=np.zeros(POOL_PLACES),
        slowdown=np.ones(slots + 1),
    )


def longer(state: parts.State, most: int) -> parts.State:
    """The same state with twice the places in the pool, but at most so many."""
    old, head = state.enter_s.size, int(state.ints[parts.HEAD])
    pools = []
    for pool in (state.enter_s, state.demand_s):
        longer = np.zeros(min(2 * old, most))
        longer[: old - head] = pool[head:]
        longer[old - head : old] = pool[:head]
        pools.append(longer)
    state.ints[parts.HEAD] = 0
    return state._replace(enter_s=pools[0], demand_s=pools[1])


def wider(state: parts.State) -> parts.State:
    """The same state with twice the places for instances."""
    size, pool = state.role.size, ("ints", "reals", "owner", "enter_s", "demand_s", "slowdown")
    doubled = {
        name: np.concatenate([getattr(state, name), np.zeros_like(getattr(state, name))])
        for name in state._fields
        if name not in pool
    }
    return state._replace(**doubled, owner=np.concatenate([state.owner, state.owner + size]))


def new_batches(rule: BatchRule, state: parts.State, workers: int) -> batching.Batches:
    """What a container with so many workers that makes batches needs beside these arrays; no slot is held."""
    size, slots = state.role.size, state.owner.size
    return batching.Batches(
        workers=workers,
        most=rule.most,
        delay_s=rule.delay_s,
        fixed_share=rule.fixed_share,
        ints=np.zeros(batching.INTS, dtype=np.int64),
        waiting=np.zeros(size, dtype=np.int64),
        working=np.zeros(size, dtype=np.int64),
        head=np.zeros(size, dtype=np.int64),
        tail=np.zeros(size, dtype=np.int64),
        next=np.zeros(slots, dtype=np.int64),
        size=np.zeros(slots, dtype=np.int64),
        phase=np.zeros(slots, dtype=np.int64),
        taken=np.full(slots, -1, dtype=np.int64),
        joined_s=np.zeros(slots),
        begun_s=np.zeros(slots),
        lasts_s=np.zeros(slots),
        due_t=np.zeros(size),
        due_key=np.zeros(size, dtype=np.int64),
        armed=np.zeros(size, dtype=np.int8),
    )


def wider_batches(batches: batching.Batches) -> batching.Batches:
    """The same with twice the places for instances; the new slots are free."""
    kept = ("workers", "most", "delay_s", "fixed_share", "ints")
    doubled: dict[str, Any] = {
        name: np.concatenate([getattr(batches, name), np.zeros_like(getattr(batches, name))])
        for name in batches._fields
        if name not in kept
    }
    doubled["taken"][batches.taken.size :] = -1
    return batches._replace(**doubled)
