"""What a container that makes batches does with the slots of kernels/asynchronous.py.

    slot takes a request ──► loading ──► waits in the instance ──► a worker's batch ──► delivering ──► slot is free

A worker takes up to `most` of the requests that wait in its instance as soon as there are so many, or when the oldest
has waited there for delay_s (facts row 2.56); all of a batch are delivered from its end on. The time limit counts from
the moment a batch begins: one that would take longer is broken off then, and all its requests have timed out.
"""

from __future__ import annotations

from typing import NamedTuple

from simulator.kernels import INF, Bytes, Floats, Ints, compiled
from simulator.kernels.asynchronous_state import SEQUENCE, SLOT_BITS, Params, State
from simulator.kernels.fates import COMPLETED, TIMED_OUT
from simulator.kernels.heap import pop, push
from simulator.kernels.realtime_batch import lasts, share_of

# What a held slot does.
LOADING, WORKING, DELIVERING = range(3)
# Places in Batches.ints: entries of the heap of slots, instances that wait for their oldest request.
EVENTS, DUE = range(2)
INTS = 2


class Batches(NamedTuple):
    """N instances with S slots each.

    workers: of an instance; most, delay_s, fixed_share: the rule of its batches. int64[N] each: waiting, requests that
    wait in an instance; working, batches in work; head and tail of the line of those who wait; armed (int8), 1 where
    the moment to look at the oldest is in the heap due_t, due_key. By slot, [N x S]: phase; next, the slot behind in
    that line, or in a batch; size, requests of a batch, by its first slot; taken, sequence and slot since the slot took
    its request, -1 while it is free; joined_s, begun_s, lasts_s, when its request began to wait in the instance, when
    its batch began (infinite: not yet), and how long that takes.
    """

    workers: int
    most: int
    delay_s: float
    fixed_share: float
    ints: Ints
    waiting: Ints
    working: Ints
    head: Ints
    tail: Ints
    next: Ints
    size: Ints
    phase: Ints
    taken: Ints
    joined_s: Floats
    begun_s: Floats
    lasts_s: Floats
    due_t: Floats
    due_key: Ints
    armed: Bytes


def _schedule(s: State, b: Batches, slot: int, at_s: float) -> int:
    """The next event of this slot is at at_s; returns its key."""
    key = (s.ints[SEQUENCE] << SLOT_BITS) | slot
    push(s.finish_t, s.finish_key, b.ints[EVENTS], at_s, key)
    s.ints[SEQUENCE] += 1
    b.ints[EVENTS] += 1
    return int(key)


def _load(s: State, p: Params, b: Batches, slot: int, now: float) -> None:
    """The slot has taken a request and downloads its input."""
    b.phase[slot], b.begun_s[slot] = LOADING, INF
    b.taken[slot] = schedule(s, b, slot, now + p.download_s)


def _step(s: State, p: Params, b: Batches, slot: int, now: float) -> bool:
    """The event of this slot; whether its request has ended."""
    j = s.owner[slot]
    if b.phase[slot] == DELIVERING:
        b.taken[slot] = -1
        return True
    if b.phase[slot] == LOADING:
        b.joined_s[slot] = now
        if b.waiting[j] == 0:
            b.head[j] = slot
        else:
            b.next[b.tail[j]] = slot
        b.tail[j] = slot
        b.waiting[j] += 1
    else:
        b.working[j] -= 1
        for _ in range(b.size[slot]):
            behind = b.next[slot]
            b.phase[slot] = DELIVERING
            schedule(s, b, slot, now + p.upload_s if s.held_fate[slot] == COMPLETED else now)
            slot = behind
    look(s, p, b, j, now)
    return False


def _remind(s: State, p: Params, b: Batches, now: float) -> None:
    """The oldest request of an instance has waited long enough."""
    j = b.due_key[0]
    pop(b.due_t, b.due_key, b.ints[DUE])
    b.ints[DUE] -= 1
    b.armed[j] = 0
    look(s, p, b, j, now)


def _look(s: State, p: Params, b: Batches, j: int, now: float) -> None:
    """Begin whatever batches of instance j may begin now; else look again when its oldest has waited long enough."""
    while (
        b.working[j] < b.workers
        and b.waiting[j] > 0
        and (b.waiting[j] >= b.most or b.joined_s[b.head[j]] + b.delay_s <= now)
    ):
        begin(s, p, b, j, now)
    if b.waiting[j] and b.working[j] < b.workers and not b.armed[j]:
        push(b.due_t, b.due_key, b.ints[DUE], b.joined_s[b.head[j]] + b.delay_s, j)
        b.ints[DUE] += 1
        b.armed[j] = 1


def _begin(s: State, p: Params, b: Batches, j: int, now: float) -> None:
    """An idle worker of instance j takes a batch."""
    size = min(b.most, b.waiting[j])
    first = b.head[j]
    total_s, slot = 0.0, first
    for _ in range(size):
        total_s += s.held_demand_s[slot]
        slot = b.next[slot]
    b.head[j] = slot
    b.waiting[j] -= size
    b.working[j] += 1
    b.size[first] = size
    lasts_s = lasts(p.factor, b.fixed_share, total_s, size) * s.slowdown[b.working[j]] + p.added_s
    fate = COMPLETED
    if lasts_s > p.timeout_s:
        lasts_s, fate = p.timeout_s, TIMED_OUT
    slot = first
    for _ in range(size):
        b.phase[slot], b.begun_s[slot], b.lasts_s[slot] = WORKING, now, lasts_s
        s.held_service_s[slot] = lasts_s * share_of(s.held_demand_s[slot], total_s, size)
        s.held_fate[slot] = fate
        slot = b.next[slot]
    schedule(s, b, first, now + lasts_s)


def _spent(s: State, b: Batches, slot: int, now: float, loaded_s: float) -> tuple[float, float]:
    """Since its input was there at loaded_s: waiting, the others' part of its batch included, and service until now."""
    if b.begun_s[slot] > now:
        return max(0.0, now - loaded_s), 0.0
    lasted_s = min(now - b.begun_s[slot], b.lasts_s[slot])
    service_s = s.held_service_s[slot] * (lasted_s / b.lasts_s[slot] if b.lasts_s[slot] > 0 else 1.0)
    return b.begun_s[slot] - loaded_s + (lasted_s - service_s), service_s


schedule = compiled(_schedule)
load = compiled(_load)
begin = compiled(_begin)
look = compiled(_look)
step = compiled(_step)
remind = compiled(_remind)
spent = compiled(_spent)
