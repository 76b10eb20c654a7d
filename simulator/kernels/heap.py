"""A binary heap of (time, key) in two arrays; ties in time are decided by the smaller key.

Keys carry a sequence number in their high bits, so that equal times leave in the order in which they were put in.
O(log n) per operation, n the number of entries. Reference: Williams, Algorithm 232, CACM 7(6), 1964.
"""

from __future__ import annotations

from simulator.kernels import Floats, Ints, compiled


def _push(times: Floats, keys: Ints, size: int, time: float, key: int) -> None:
    """Put (time, key) into a heap of `size` entries; the arrays have room for one more."""
    k = size
    while k > 0:
        parent = (k - 1) >> 1
        if times[parent] < time or (times[parent] == time and keys[parent] < key):
            break
        times[k] = times[parent]
        keys[k] = keys[parent]
        k = parent
    times[k] = time
    keys[k] = key


def _replace(times: Floats, keys: Ints, size: int, time: float, key: int) -> None:
    """Take the top out of a heap of `size` entries and put (time, key) in, in one go."""
    k = 0
    child = 1
    while child < size:
        right = child + 1
        if right < size and (
            times[right] < times[child] or (times[right] == times[child] and keys[right] < keys[child])
        ):
            child = right
        if times[child] > time or (times[child] == time and keys[child] > key):
            break
        times[k] = times[child]
        keys[k] = keys[child]
        k = child
        child = 2 * k + 1
    times[k] = time
    keys[k] = key


def _pop(times: Floats, keys: Ints, size: int) -> None:
    """Take the top out of a heap of `size` entries."""
    last = size - 1
    if last > 0:
        replace(times, keys, last, times[last], keys[last])


push = compiled(_push)
replace = compiled(_replace)
pop = compiled(_pop)
