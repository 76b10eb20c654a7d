"""The calendar gives its events back in the order of (time, key), however long its days are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.kernels import calendar, compiled
from tests.reference import calendar as twin

times = st.sampled_from([-2.5, -1.0, 0.0, 0.25, 0.5, 1.0, 1.0, 7.0, 1e3, 1e6])


def _play(gaps, takes, time, key, after, bucket, per_s, order):
    """Put event i at (gap after the last one taken); after each, take `takes[i]` events out. Returns how many came
    out.
    """
    first, now, out, held = -1, 0.0, 0, 0
    for i in range(gaps.size + 1):
        last = i == gaps.size
        if not last:
            time[i], key[i] = now + gaps[i], i
            calendar.put(time, key, after, bucket, per_s, i)
            held += 1
            if held == 1 or time[i] < time[first]:
                first = i
        for _ in range(held if last else min(held, takes[i])):
            order[out] = first
            now = max(now, time[first])
            out += 1
            held -= 1
            first = calendar.take(time, key, after, bucket, per_s, first)
    return out


play = compiled(_play)


@given(
    st.lists(st.tuples(times, st.integers(0, 3)), min_size=1, max_size=60),
    st.sampled_from([1e-3, 0.5, 1.0, 3.0, 1e3]),
    st.sampled_from([2, 16]),
)
def test_events_come_out_in_order(steps, per_s, buckets):
    gaps, takes = np.array([gap for gap, _ in steps]), np.array([take for _, take in steps])
    n = gaps.size
    order = np.full(n, -1)
    arrays = (
        np.zeros(n),
        np.zeros(n, dtype=np.int64),
        np.full(n, -1, dtype=np.int32),
        np.full(buckets, -1, dtype=np.int32),
    )
    assert play(gaps, takes, *arrays, per_s, order) == n
    assert order.tolist() == twin.order(gaps.tolist(), takes.tolist())


@given(st.lists(times, min_size=1, max_size=40))
def test_other_days_keep_the_events(when):
    n = len(when)
    time, key = np.array(when), np.arange(n)
    after, bucket = np.full(n, -1, dtype=np.int32), np.full(16, -1, dtype=np.int32)
    calendar.redate(time, key, after, bucket, 0.1, np.arange(n, dtype=np.int32))
    calendar.redate(time, key, after, bucket, 10.0, np.arange(n, dtype=np.int32))
    first = min(range(n), key=lambda i: (when[i], i))
    order = []
    for _ in range(n):
        order.append(first)
        first = calendar.take(time, key, after, bucket, 10.0, first)
    assert order == sorted(range(n), key=lambda i: (when[i], i))
    assert first == -1
