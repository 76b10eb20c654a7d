"""The compiled heap against Python's own."""

from __future__ import annotations

import heapq

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.kernels import heap

entries = st.tuples(st.sampled_from([0.0, 1.0, 1.5, 2.0]), st.integers(0, 1000))


@given(st.lists(st.tuples(st.sampled_from(["push", "pop", "replace"]), entries), max_size=60))
def test_it_gives_the_same_as_the_standard_library(steps):
    times, keys, size = np.zeros(64), np.zeros(64, dtype=np.int64), 0
    twin: list[tuple[float, int]] = []
    for do, (time, key) in steps:
        if do == "push":
            heap.push(times, keys, size, time, key)
            heapq.heappush(twin, (time, key))
        elif twin and do == "pop":
            heap.pop(times, keys, size)
            heapq.heappop(twin)
        elif twin:
            heap.replace(times, keys, size, time, key)
            heapq.heapreplace(twin, (time, key))
        size = len(twin)
        assert not twin or (times[0], keys[0]) == twin[0]
