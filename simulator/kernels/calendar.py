"""A calendar queue of (time, key): events of a day lie in one bucket, in order of (time, key); buckets are used round
and round.

Putting an event in and finding the first are O(1) when a day holds about a quarter of an event, whatever the number of
events. The length of a day only decides the speed, never the order: ties in time go by the smaller key. Reference:
Brown, Calendar queues, CACM 31(10), 1988, doi:10.1145/63039.63045.

The arrays: time float64[P], key int64[P], after int32[P] (the next place of the same bucket) for P places; bucket
int32[B], the first place of each bucket, B a power of two; -1 is none. The caller owns the places and keeps the place
of the first event.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulator.kernels import Floats, Ints, compiled
from simulator.kernels.natural import natural

Places = NDArray[np.int32]

DAYS_PER_EVENT = 4.0


def _insert(time: Floats, key: Ints, after: Places, bucket: Places, per_s: float, place: int, t: float, k: int) -> None:
    """Put the event at `place`, whose time t and key k are set, into its bucket. per_s: days per second."""
    b = natural(int(np.floor(t * per_s)) & (bucket.size - 1))
    before = -1
    at = bucket[b]
    while at >= 0 and (time[natural(at)] < t or (time[natural(at)] == t and key[natural(at)] < k)):
        before = at
        at = after[natural(at)]
    after[place] = at
    if before < 0:
        bucket[b] = place
    else:
        after[natural(before)] = place


def _put(time: Floats, key: Ints, after: Places, bucket: Places, per_s: float, place: int) -> None:
    """Put the event at `place`, whose time and key are set, into its bucket."""
    insert(time, key, after, bucket, per_s, place, time[place], key[place])


def _take(time: Floats, key: Ints, after: Places, bucket: Places, per_s: float, first: int) -> int:
    """Take the first event out of its bucket; return the place of the next event, -1 when there is none."""
    mask = bucket.size - 1
    day = int(np.floor(time[first] * per_s))
    bucket[natural(day & mask)] = after[first]
    for _ in range(bucket.size):
        at = bucket[natural(day & mask)]
        if at >= 0 and time[natural(at)] * per_s < day + 1:
            return int(at)
        day += 1
    # Nothing for a whole round: the earliest of the buckets' firsts.
    best = -1
    for b in range(bucket.size):
        at = bucket[b]
        if at >= 0 and (best < 0 or time[at] < time[best] or (time[at] == time[best] and key[at] < key[best])):
            best = at
    return best


def _redate(time: Floats, key: Ints, after: Places, bucket: Places, per_s: float, places: Places) -> None:
    """Put the events at these places into empty buckets, by days of another length."""
    bucket[:] = -1
    for place in places:
        put(time, key, after, bucket, per_s, place)


# Inlined, because a call would cost more than the work; by LLVM and not by Numba, which would count references to every
# array at every use. `insert` is for a caller who has time and key at hand and need not wait for them to be written.
insert = njit(forceinline=True)(_insert)
put = njit(forceinline=True)(_put)
take = njit(forceinline=True)(_take)
redate = compiled(_redate)


def buckets(places: int) -> int:
    """A number of buckets that keeps events a few days apart out of each other's: a power of two."""
    return 1 << int(np.ceil(np.log2(max(places, 4) * 4 * DAYS_PER_EVENT)))
