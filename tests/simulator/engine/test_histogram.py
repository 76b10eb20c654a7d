"""The histogram keeps percentiles within 0.8 % and adds up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.histogram import Histogram, bucket, by_bin, edges
from simulator.kernels.buckets import BUCKETS

latencies = st.lists(st.floats(1e-5, 1e6), min_size=1, max_size=200).map(np.array)


def histogram(values):
    return Histogram(np.bincount(bucket(values), minlength=BUCKETS))


@given(latencies, st.floats(0.1, 100))
def test_a_percentile_is_within_0_8_percent_of_the_value_of_its_rank(values, percent):
    rank = max(1, int(np.ceil(percent / 100 * values.size)))
    exact = np.sort(values)[rank - 1]
    assert histogram(values).quantile(percent) == pytest.approx(exact, rel=0.008)


@given(latencies, latencies)
def test_histograms_add_up(one, two):
    both = histogram(np.concatenate([one, two]))
    assert np.array_equal(both.counts, histogram(one).counts + histogram(two).counts)
    assert both.total == one.size + two.size


def test_a_value_lies_between_the_edges_of_its_bucket():
    values = np.geomspace(2e-6, 1e6, 5000)
    index, bounds = bucket(values), edges()
    assert (bounds[index] <= values).all()
    assert (values < bounds[index + 1]).all()


def test_what_lies_outside_goes_to_the_ends():
    assert bucket(np.array([0.0, 1e-12])).tolist() == [0, 0]
    assert bucket(np.array([1e12])).tolist() == [BUCKETS - 1]


def test_an_empty_histogram_has_no_percentiles():
    empty = Histogram(np.zeros(BUCKETS, dtype=np.int64))
    assert empty.quantile(50) is None
    assert np.isnan(empty.curve(np.array([50.0, 99.0]))).all()


@given(st.lists(latencies, min_size=1, max_size=5), st.floats(0.1, 100))
def test_percentiles_of_many_rows_are_those_of_each(rows, percent):
    counts = np.array([histogram(row).counts for row in rows] + [np.zeros(BUCKETS, dtype=np.int64)])
    found = by_bin(counts, [percent])[0]
    assert found[:-1].tolist() == [Histogram(row).quantile(percent) for row in counts[:-1]]
    assert np.isnan(found[-1])
