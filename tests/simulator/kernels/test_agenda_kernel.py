"""The calendar of rows gives its events back in the order of (time, key), however long its days are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.kernels import agenda, compiled
from tests.reference import calendar as twin

times = st.sampled_from([-2.5, -1.0, 0.0, 0.25, 0.5, 1.0, 1.0, 7.0, 1e3, 1e6])


def _play(gaps, takes, rows, bucket, days, order):
    """Put event i at (gap after the last one taken); after each, take `takes[i]` events out; every third time the days
    get another length. Returns how many came out.
    """
    words = rows.view(np.int64)
    first, now, out, held, per_s = -1, 0.0, 0, 0, days[0]
    for i in range(gaps.size + 1):
        last = i == gaps.size
        if not last:
            rows[agenda.ROW * i + agenda.TIME] = now + gaps[i]
            words[agenda.ROW * i + agenda.WORD] = (i << agenda.KEY_SHIFT) | (i % 4)
            agenda.put(rows, words, bucket, per_s, i)
            held += 1
            if held == 1 or now + gaps[i] < rows[agenda.ROW * first + agenda.TIME]:
                first = i
        if i % 3 == 2:
            per_s = days[i % days.size]
            agenda.redate(rows, words, bucket, per_s)
        for _ in range(held if last else min(held, takes[i])):
            order[out] = first
            now = max(now, rows[agenda.ROW * first + agenda.TIME])
            out += 1
            held -= 1
            first = agenda.take(rows, words, bucket, per_s, first)
    return out


play = compiled(_play)


@given(
    st.lists(st.tuples(times, st.integers(0, 3)), min_size=1, max_size=60),
    st.lists(st.sampled_from([1e-3, 0.5, 1.0, 3.0, 1e3]), min_size=1, max_size=4),
    st.sampled_from([2, 16]),
)
def test_events_come_out_in_order(steps, days, buckets):
    gaps, takes = np.array([gap for gap, _ in steps]), np.array([take for _, take in steps])
    n = gaps.size
    order = np.full(n, -1)
    bucket = np.full(buckets, -1, dtype=np.int32)
    rows = np.zeros(agenda.ROW * n)
    assert play(gaps, takes, rows, bucket, np.array(days), order) == n
    assert order.tolist() == twin.order(gaps.tolist(), takes.tolist())
    kinds = rows.view(np.int64)[agenda.WORD :: agenda.ROW] & ((1 << agenda.KIND_BITS) - 1)
    assert kinds.tolist() == [i % 4 for i in range(n)]  # the caller's bits are left alone


@pytest.mark.parametrize(("places", "buckets"), [(1, 32), (10, 64), (10_000, 65_536)])
def test_there_are_several_buckets_for_each_place(places, buckets):
    assert agenda.buckets(places) == buckets
