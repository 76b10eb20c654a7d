"""A transform job whose container makes batches over its calls: what waits in an instance is worked on together.

    slot is free   ──► takes the next mini-batch ──► its call joins the instance when its object is loaded, and waits
    batch ends     ──► each of its calls has succeeded or failed: its slot is free; or is tried again: joins once more
    oldest is due  ──► an idle worker takes a batch that is not full

Which slot takes what, and tries, are as in kernels/batch.py; at equal times in this order, and within one kind in that
in which they were put in. A worker takes up to `most` calls as soon as there are so many, or when the oldest has waited
for delay_s (facts row 2.56). A batch that would take longer than the time limit is broken off then, and with it each of
its calls. Instances do not depend on each other: each has its own clock, which stands still while a slot is free and
the next mini-batch is not laid out yet. O(log c) per try, c slots.
"""

from __future__ import annotations

from typing import NamedTuple

from simulator.kernels import INF, Floats, Ints, compiled
from simulator.kernels.batch import OBJECT, READY, TAKEN, Params, State
from simulator.kernels.fates import FAILED, TIMED_OUT
from simulator.kernels.heap import pop, push
from simulator.kernels.realtime_batch import lasts

# Places in Calls.ints[instance]: entries of its heap, its sequence, free slots, calls that wait, batches in work, and
# the ends of the line of those who wait.
EVENTS, SEQUENCE, FREE, WAITING, WORKING, HEAD, TAIL = range(7)
COUNTS = 7
SLOT_BITS = 12


class Calls(NamedTuple):
    """N instances with c slots each; the free ones are in the heaps State.slot_t, State.slot_key, the rest have a call.

    workers: of an instance; most, delay_s, fixed_share: the rule of its batches. ints: int64[N, COUNTS]. event_t,
    event_key: [N, c], heap of calls that join and batches that end, the key is sequence and (first) slot. By slot,
    [N, c]: size, calls of its batch, 0 while it is in none; next, the slot behind in the line or batch; object;
    demand_s; needed, tries until one succeeds; made, tries so far; whole, those that were not cut off; joined_s; cut, 1
    when its batch is broken off.
    """

    workers: int
    most: int
    delay_s: float
    fixed_share: float
    ints: Ints
    event_t: Floats
    event_key: Ints
    size: Ints
    next: Ints
    object: Ints
    demand_s: Floats
    needed: Ints
    made: Ints
    whole: Ints
    joined_s: Floats
    cut: Ints


def _schedule(b: Calls, j: int, slot: int, at_s: float) -> None:
    """The next event of this slot of instance j is at at_s."""
    c = b.ints[j]
    push(b.event_t[j], b.event_key[j], c[EVENTS], at_s, (c[SEQUENCE] << SLOT_BITS) | slot)
    c[EVENTS] += 1
    c[SEQUENCE] += 1


def _hand_out(s: State, p: Params, b: Calls, sizes: Ints, demand_s: Floats, tries: Ints, n: int) -> None:
    """Hand out the n mini-batches that were laid out last, as kernels.batch.work does."""
    c = s.ints
    for i in range(n):
        k = c[OBJECT]
        j = k % p.instances
        while b.ints[j, FREE] == 0:
            step(s, p, b, j)
        free_s, slot = s.slot_t[j, 0], s.slot_key[j, 0]
        pop(s.slot_t[j], s.slot_key[j], b.ints[j, FREE])
        b.ints[j, FREE] -= 1
        whole = s.edges[k + 1] - s.edges[k]
        if c[TAKEN] == 0:
            s.begun[k] = free_s
            s.reals[READY] = free_s + whole * p.download_s
            s.finished[k] = s.reals[READY]
        b.object[j, slot], b.demand_s[j, slot], b.needed[j, slot] = k, demand_s[i], tries[i]
        b.made[j, slot], b.whole[j, slot], b.size[j, slot] = 0, 0, 0
        schedule(b, j, slot, max(free_s, s.reals[READY]) + p.overhead_s)
        c[TAKEN] += sizes[i]
        if c[TAKEN] == whole:
            c[OBJECT] += 1
            c[TAKEN] = 0


def _drain(s: State, p: Params, b: Calls) -> None:
    """All is handed out: work it off, and upload the answers of each object after its last call."""
    for j in range(p.instances):
        while b.ints[j, FREE] < s.slot_t.shape[1]:
            step(s, p, b, j)
    for k in range(p.objects):
        s.finished[k] += (s.edges[k + 1] - s.edges[k]) * p.upload_s


def _step(s: State, p: Params, b: Calls, j: int) -> None:
    """The next event of instance j."""
    c = b.ints[j]
    happens = b.event_t[j, 0] if c[EVENTS] else INF
    due = INF
    if c[WAITING] and c[WORKING] < b.workers:
        due = b.joined_s[j, c[HEAD]] + b.delay_s
    now = min(happens, due)
    if happens <= due:
        slot = b.event_key[j, 0] & ((1 << SLOT_BITS) - 1)
        pop(b.event_t[j], b.event_key[j], c[EVENTS])
        c[EVENTS] -= 1
        if b.size[j, slot] == 0:
            b.joined_s[j, slot] = now
            if c[WAITING] == 0:
                c[HEAD] = slot
            else:
                b.next[j, c[TAIL]] = slot
            c[TAIL] = slot
            c[WAITING] += 1
        else:
            c[WORKING] -= 1
            for _ in range(b.size[j, slot]):
                behind = b.next[j, slot]
                end(s, p, b, j, slot, now)
                slot = behind
    while c[WORKING] < b.workers and c[WAITING] and (c[WAITING] >= b.most or b.joined_s[j, c[HEAD]] + b.delay_s <= now):
        begin(s, p, b, j, now)


def _begin(s: State, p: Params, b: Calls, j: int, now: float) -> None:
    """An idle worker of instance j takes a batch of calls."""
    c = b.ints[j]
    size, first = min(b.most, c[WAITING]), c[HEAD]
    total_s, slot = 0.0, first
    for _ in range(size):
        total_s += b.demand_s[j, slot]
        slot = b.next[j, slot]
    c[HEAD] = slot
    c[WAITING] -= size
    c[WORKING] += 1
    service = lasts(p.factor, b.fixed_share, total_s, size)
    if s.slowdown.size:
        service *= s.slowdown[c[WORKING]]
    for w in range(s.slow.shape[0]):
        if s.slow[w, 0] <= now < s.slow[w, 1]:
            service += s.slow[w, 2]
    cut = 1 if service > p.limit_s else 0
    service = min(service, p.limit_s)
    s.worked_s[j] += service
    slot = first
    for _ in range(size):
        b.size[j, slot], b.cut[j, slot] = size, cut
        slot = b.next[j, slot]
    schedule(b, j, first, now + service)


def _end(s: State, p: Params, b: Calls, j: int, slot: int, now: float) -> None:
    """A try of the call in this slot of instance j ends: the call has succeeded, is tried again, or has failed."""
    cut = b.cut[j, slot]
    b.made[j, slot] += 1
    b.whole[j, slot] += 1 - cut
    b.size[j, slot] = 0
    succeeds = cut == 0 and b.whole[j, slot] == b.needed[j, slot]
    if not succeeds and b.made[j, slot] < p.most_tries:
        schedule(b, j, slot, now + p.overhead_s)
        return
    k = b.object[j, slot]
    if not succeeds:
        s.broken[k] = TIMED_OUT if cut else FAILED
    s.finished[k] = max(s.finished[k], now)
    push(s.slot_t[j], s.slot_key[j], b.ints[j, FREE], now, slot)
    b.ints[j, FREE] += 1


schedule = compiled(_schedule)
begin = compiled(_begin)
end = compiled(_end)
step = compiled(_step)
hand_out = compiled(_hand_out)
drain = compiled(_drain)
