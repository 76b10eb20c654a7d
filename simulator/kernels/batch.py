"""A transform job: objects handed to instances, cut into mini-batches, worked on by the slots of each instance.

Object k of O holds records edges[k] to edges[k + 1] - 1 and goes to instance k mod N (facts row 5.3).
An instance takes its objects in order, and their mini-batches in order: the slot that is free first takes the next
one, at equal times the one with the lower number (list scheduling: Graham, SIAM J. Appl. Math. 17(2), 1969). The slot
that takes an object's first mini-batch downloads the object before; its other mini-batches cannot begin earlier than
that. When the last of them is done the answers are uploaded, which holds no slot; then the object is finished. A
mini-batch may need several tries, one after the other: a try fails by chance, or is cut off at the time limit. When
the last one does not succeed either, the object gives no answers (facts rows 5.8, 5.9). O(log c) per mini-batch, c
slots; O(c) where the container slows down under concurrency.

Times are seconds from the moment the job's instances can work. Mini-batches come in chunks; the state is carried
over.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.kernels import INF, Floats, Ints, compiled
from simulator.kernels.buckets import BUCKETS, FIRST, LEAST_S, SHIFT
from simulator.kernels.fates import COMPLETED, FAILED, TIMED_OUT
from simulator.kernels.fold import Sums
from simulator.kernels.heap import replace

# Places in State.ints: current object and records of it that are handed out; the same for laying out.
OBJECT, TAKEN, NEXT_OBJECT, NEXT_TAKEN = range(4)
COUNTS = 4
# Places in State.reals: when the current object is downloaded, and when the last of its mini-batches so far is done.
READY, DONE = range(2)
REALS = 2


class Params(NamedTuple):
    """One job. per_batch: most records of a mini-batch; factor: service time over reference time; overhead_s: per
    try of a mini-batch; download_s, upload_s: per record; limit_s: of the service time of a try; most_tries: of a
    mini-batch.
    """

    records: int
    objects: int
    instances: int
    per_batch: int
    factor: float
    overhead_s: float
    download_s: float
    upload_s: float
    limit_s: float = INF
    most_tries: int = 4


class State(NamedTuple):
    """The job between two chunks. slot_t, slot_key: [N, c], a heap of slots for each instance, by the time each is
    free.

    worked_s: float64[N], seconds of model time on each instance. edges: int64[O + 1], records before each object.
    begun, finished: float64[O], of each object; broken: int64[O], the fate of its records when it gives no answers,
    else COMPLETED. slow: float64[m, 3], from, to and what is added to a try that begins between them. slowdown:
    float64[c + 1], factor of the service time by busy slots of the instance, or empty.
    """

    ints: Ints
    reals: Floats
    slot_t: Floats
    slot_key: Ints
    worked_s: Floats
    edges: Ints
    begun: Floats
    finished: Floats
    broken: Ints
    slow: Floats
    slowdown: Floats


class Spans(NamedTuple):
    """The records of a job in order of arrival: records[k] of them between edges_s[k] and edges_s[k + 1], at equal
    distances.

    edges_s: float64[m + 1], absolute; records: int64[m].
    """

    edges_s: Floats
    records: Ints


def _lay_out(s: State, p: Params, sizes: Ints) -> int:
    """Fill `sizes` with the records of the mini-batches that come next; returns how many, 0 when all are laid out."""
    c = s.ints
    n = 0
    while n < sizes.size and c[NEXT_OBJECT] < p.objects:
        whole = s.edges[c[NEXT_OBJECT] + 1] - s.edges[c[NEXT_OBJECT]]
        while n < sizes.size and c[NEXT_TAKEN] < whole:
            sizes[n] = min(p.per_batch, whole - c[NEXT_TAKEN])
            c[NEXT_TAKEN] += sizes[n]
            n += 1
        if c[NEXT_TAKEN] == whole:
            c[NEXT_OBJECT] += 1
            c[NEXT_TAKEN] = 0
    return n


def _slowed(times: Floats, start: float, slowdown: Floats) -> float:
    """Factor of the service time when a slot begins at `start`: that slot, at the top of the heap, and all that are not
    free by then are busy.
    """
    if slowdown.size == 0:
        return 1.0
    busy = 1
    for w in range(1, times.size):
        if times[w] > start:
            busy += 1
    return float(slowdown[busy])


def _tried(s: State, p: Params, start: float, usual: float, needed: int) -> tuple[int, float, int]:
    """Tries of a mini-batch that begins at `start`, the service time of all together, and the fate of its object.

    usual: service time of a try; needed: tries that are not cut off until one succeeds, negative when none does.
    """
    if s.slow.shape[0] == 0:
        if usual > p.limit_s:
            return p.most_tries, p.most_tries * p.limit_s, TIMED_OUT
        return abs(needed), abs(needed) * usual, FAILED if needed < 0 else COMPLETED
    made, whole, spent, fate = 0, 0, 0.0, COMPLETED
    while made < p.most_tries:
        at = start + made * p.overhead_s + spent
        service = usual
        for w in range(s.slow.shape[0]):
            if s.slow[w, 0] <= at < s.slow[w, 1]:
                service += s.slow[w, 2]
        made += 1
        spent += min(service, p.limit_s)
        fate = TIMED_OUT
        if service <= p.limit_s:
            whole += 1
            fate = FAILED
            if whole == needed:
                return made, spent, COMPLETED
    return made, spent, fate


def _work(s: State, p: Params, sizes: Ints, demand_s: Floats, tries: Ints, n: int) -> None:
    """Hand out the n mini-batches that were laid out last; demand_s: of each on the reference instance, float64[n];
    tries: int64[n], how many that are not cut off each needs, negative when none of them succeeds.
    """
    c = s.ints
    i = 0
    while i < n:
        k = c[OBJECT]
        j = k % p.instances
        times = s.slot_t[j]
        keys = s.slot_key[j]
        whole = s.edges[k + 1] - s.edges[k]
        if c[TAKEN] == 0:
            s.begun[k] = times[0]
            s.reals[READY] = times[0] + whole * p.download_s
            s.reals[DONE] = s.reals[READY]
        ready = s.reals[READY]
        done = s.reals[DONE]
        taken = c[TAKEN]
        worked = s.worked_s[j]
        while i < n and taken < whole:
            start = max(times[0], ready)
            usual = demand_s[i] * p.factor * slowed(times, start, s.slowdown)
            made, service, fate = tried(s, p, start, usual, tries[i])
            if fate != COMPLETED:
                s.broken[k] = fate
            worked += service
            end = start + made * p.overhead_s + service
            replace(times, keys, times.size, end, keys[0])
            done = max(done, end)
            taken += sizes[i]
            i += 1
        s.worked_s[j] = worked
        s.reals[DONE] = done
        c[TAKEN] = taken
        if taken == whole:
            s.finished[k] = done + whole * p.upload_s
            c[OBJECT] += 1
            c[TAKEN] = 0


def _answer(s: State, p: Params, spans: Spans, counted: Ints, times_s: Floats, sums: Sums, bin_s: float) -> None:
    """Fold the answers to records counted[0] to counted[1] - 1 into the sums. A record is answered when its object is
    finished; those of an object that gives no answers fail then.

    times_s: when the job asked for its instances, when they began to work, and when it is given up: an object that is
    finished after that gives no answers. Parts of the time to an answer: queue until the job asks and, from the
    beginning of work, until the object's turn; setup while the instances start; service from the object's turn on.
    """
    asked_s, began_s, last_s = times_s
    bits = spans.edges_s[:1].copy()
    as_int = bits.view(np.int64)
    bins = sums.work.size
    r = counted[0]
    k = 0
    m = 0
    before = 0  # records of earlier spans
    while r < counted[1]:
        while s.edges[k + 1] <= r:
            k += 1
        while before + spans.records[m] <= r:
            before += spans.records[m]
            m += 1
        upto = min(counted[1], s.edges[k + 1], before + spans.records[m])
        start = spans.edges_s[m]
        length = spans.edges_s[m + 1] - start
        b = min(int((start + length / 2) / bin_s), bins - 1)
        sums.made[0] += upto - r
        answered = began_s + s.finished[k]
        if answered <= last_s and s.broken[k] != COMPLETED:
            sums.fates[b, s.broken[k]] += upto - r
        elif answered <= last_s:
            if length == 0:
                bits[0] = max(answered - start, LEAST_S)
                sums.histogram[b, min((as_int[0] >> SHIFT) - FIRST, BUCKETS - 1)] += upto - r
            else:
                step = length / spans.records[m]
                for x in range(r - before, upto - before):
                    bits[0] = max(answered - (start + (x + 0.5) * step), LEAST_S)
                    sums.histogram[b, min((as_int[0] >> SHIFT) - FIRST, BUCKETS - 1)] += 1
            mean_arrival = start + ((r + upto) / 2 - before) / spans.records[m] * length
            sums.fates[b, COMPLETED] += upto - r
            sums.attempts[1] += upto - r
            sums.parts[1] += (upto - r) * (asked_s - mean_arrival + s.begun[k])
            sums.parts[2] += (upto - r) * (began_s - asked_s)
            sums.parts[3] += (upto - r) * (s.finished[k] - s.begun[k])
        r = upto


lay_out = compiled(_lay_out)
slowed = compiled(_slowed)
tried = compiled(_tried)
work = compiled(_work)
answer = compiled(_answer)
