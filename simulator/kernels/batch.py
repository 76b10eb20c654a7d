"""A transform job: objects handed to instances, cut into mini-batches, worked on by the slots of each instance.

Object k of O holds records edges[k] to edges[k + 1] - 1 and goes to instance k mod N (facts row 5.3).
An instance takes its objects in order, and their mini-batches in order: the slot that is free first takes the next
one, at equal times the one with the lower number (list scheduling: Graham, SIAM J. Appl. Math. 17(2), 1969). The slot
that takes an object's first mini-batch downloads the object before; its other mini-batches cannot begin earlier than
that. When the last of them is done the answers are uploaded, which holds no slot; then the object is finished. A
mini-batch may need several tries, one after the other; when the last one fails too, the object gives no answers
(facts rows 5.8, 5.9). O(log c) per mini-batch, c slots.

Times are seconds from the moment the job's instances can work. Mini-batches come in chunks; the state is carried
over.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.histogram import BUCKETS, FIRST, LEAST_S, SHIFT
from simulator.kernels import Floats, Ints, compiled
from simulator.kernels.fold import Sums
from simulator.kernels.heap import replace
from simulator.outcome import COMPLETED, FAILED

# Places in State.ints: current object and records of it that are handed out; the same for laying out.
OBJECT, TAKEN, NEXT_OBJECT, NEXT_TAKEN = range(4)
COUNTS = 4
# Places in State.reals: when the current object is downloaded, and when the last of its mini-batches so far is done.
READY, DONE = range(2)
REALS = 2


class Params(NamedTuple):
    """One job. per_batch: most records of a mini-batch; factor: service time over reference time; overhead_s: per
    mini-batch; download_s, upload_s: per record.
    """

    records: int
    objects: int
    instances: int
    per_batch: int
    factor: float
    overhead_s: float
    download_s: float
    upload_s: float


class State(NamedTuple):
    """The job between two chunks. slot_t, slot_key: [N, c], a heap of slots for each instance, by the time each is
    free.

    worked_s: float64[N], seconds of model time on each instance. edges: int64[O + 1], records before each object.
    begun, finished: float64[O], of each object; broken: int64[O], 1 when it gives no answers. slow: float64[m, 3],
    from, to and what is added to a mini-batch that begins between them.
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


def _work(s: State, p: Params, sizes: Ints, demand_s: Floats, tries: Ints, n: int) -> None:
    """Hand out the n mini-batches that were laid out last; demand_s: of each on the reference instance, float64[n];
    tries: int64[n], how many each needs, negative when all of them fail.
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
            service = demand_s[i] * p.factor
            for w in range(s.slow.shape[0]):
                if s.slow[w, 0] <= start < s.slow[w, 1]:
                    service += s.slow[w, 2]
            again = abs(tries[i])
            service *= again
            if tries[i] < 0:
                s.broken[k] = 1
            worked += service
            end = start + again * p.overhead_s + service
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
        if answered <= last_s and s.broken[k]:
            sums.fates[b, FAILED] += upto - r
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
work = compiled(_work)
answer = compiled(_answer)
