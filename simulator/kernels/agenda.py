"""The calendar queue of simulator/kernels/calendar.py over rows: all that belongs to an event lies together.

rows: float64[2 P], two numbers for each of P places: the time of its event and a word, which `words`, the same bytes as
whole numbers, give. A word is the key of the event, the next place of the same bucket plus one (0: none) in PLACE_BITS,
and KIND_BITS for the caller. A row is a quarter of a cache line, so that an event costs one miss where three arrays
cost three, and ten thousand events leave room in the second-level cache. bucket: int32[B], the first place of each
bucket, B a power of two; -1 is none. A day that is much too long or too short makes events dear, never wrong.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from simulator.kernels import Floats, Ints, compiled
from simulator.kernels.calendar import Places

# What a row holds.
TIME, WORD = range(2)
ROW: Final = 2
# What a word holds, from the lowest bit.
KIND_BITS: Final = 2
PLACE_BITS: Final = 20
KEY_SHIFT: Final = KIND_BITS + PLACE_BITS
PLACES: Final = ((1 << PLACE_BITS) - 1) << KIND_BITS

DAYS_PER_EVENT: Final = 2.0


def _put(rows: Floats, words: Ints, bucket: Places, per_s: float, place: int) -> None:
    """Put the event at `place`, its time and word set, with no next place, into its bucket. per_s: days per second."""
    t, word = rows[ROW * place + TIME], words[ROW * place + WORD]
    b = int(np.floor(t * per_s)) & (bucket.size - 1)
    before = -1
    at = int(bucket[b])
    while at >= 0 and (rows[ROW * at + TIME] < t or (rows[ROW * at + TIME] == t and words[ROW * at + WORD] < word)):
        before = at
        at = ((words[ROW * at + WORD] & PLACES) >> KIND_BITS) - 1
    words[ROW * place + WORD] = (word & ~PLACES) | ((at + 1) << KIND_BITS)
    if before < 0:
        bucket[b] = place
    else:
        words[ROW * before + WORD] = (words[ROW * before + WORD] & ~PLACES) | ((place + 1) << KIND_BITS)


def _take(rows: Floats, words: Ints, bucket: Places, per_s: float, first: int) -> int:
    """Take the first event out of its bucket; return the place of the next event, -1 when there is none."""
    mask = bucket.size - 1
    day = int(np.floor(rows[ROW * first + TIME] * per_s))
    bucket[day & mask] = ((words[ROW * first + WORD] & PLACES) >> KIND_BITS) - 1
    for _ in range(bucket.size):
        at = int(bucket[day & mask])
        if at >= 0 and rows[ROW * at + TIME] * per_s < day + 1:
            return at
        day += 1
    # Nothing for a whole round: the earliest of the buckets' firsts.
    best = -1
    for b in range(bucket.size):
        at = int(bucket[b])
        if at >= 0 and (best < 0 or _before(rows, words, at, best)):
            best = at
    return best


def _earlier(rows: Floats, words: Ints, row: int, other_row: int) -> bool:
    if rows[ROW * row + TIME] == rows[ROW * other_row + TIME]:
        return bool(words[ROW * row + WORD] < words[ROW * other_row + WORD])
    return bool(rows[ROW * row + TIME] < rows[ROW * other_row + TIME])


def _redate(rows: Floats, words: Ints, bucket: Places, per_s: float) -> None:
    """Put all events into buckets by days of another length."""
    chain = -1
    for b in range(bucket.size):
        at = int(bucket[b])
        bucket[b] = -1
        while at >= 0:
            word = words[ROW * at + WORD]
            after = ((word & PLACES) >> KIND_BITS) - 1
            words[ROW * at + WORD] = (word & ~PLACES) | ((chain + 1) << KIND_BITS)
            chain = at
            at = after
    while chain >= 0:
        after = ((words[ROW * chain + WORD] & PLACES) >> KIND_BITS) - 1
        put(rows, words, bucket, per_s, chain)
        chain = after


_before = compiled(_earlier)
# Inlined by LLVM: a call would cost more than the work, and so does Numba's own inlining, which counts references to
# every array at every use.
put = njit(forceinline=True)(_put)
take = njit(forceinline=True)(_take)
redate = compiled(_redate)


def buckets(places: int) -> int:
    """A number of buckets that keeps events a few days apart out of each other's and is small: a power of two."""
    return 1 << int(np.ceil(np.log2(max(places, 3) * 3 * DAYS_PER_EVENT)))
