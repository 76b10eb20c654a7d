"""A spike on any traffic: more of it in the window, the same outside, and what would have come still comes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.model.faults import InstanceLoss, TrafficSpike
from simulator.traffic.arrivals import CHUNK
from simulator.traffic.kinds import Bursts, Constant, Counts, Jobs, Profile, Step, Steps, Timestamps
from simulator.traffic.sources import make_source
from simulator.traffic.spiked import SpikedSource, spiked
from simulator.traffic.summary import preview
from tests.engine import contains

TRAFFIC = (
    Constant(rate_per_s=20),
    Constant(rate_per_s=20, interarrival_cv=2),
    Profile(peak_rate_per_s=30, shape=(1, 4, 2)),
    Steps(steps=(Step(rate_per_s=5), Step(at_s=1500, rate_per_s=40))),
    Bursts(),
    Jobs(records=20_000, at_s=600, submit_over_s=3000),
    Counts(requests=(300, 900, 20)),
    Timestamps(t_s=tuple(float(t) for t in np.arange(0, 600, 0.5))),
)
KINDS = pytest.mark.parametrize(
    "traffic",
    TRAFFIC,
    ids=lambda traffic: f"{traffic.kind}-{traffic.interarrival_cv if hasattr(traffic, 'interarrival_cv') else ''}",
)
SPIKES = (TrafficSpike(at_s=1000, lasts_s=1000, factor=3), TrafficSpike(at_s=1800, lasts_s=400, factor=2))


def rng(seed=1):
    return np.random.Generator(np.random.PCG64DXSM(seed))


def drawn(source, seed=1, start_s=-600.0, end_s=3600.0):
    chunks = list(source.times(rng(seed), start_s, end_s))
    assert all(1 <= len(chunk) <= CHUNK for chunk in chunks)
    return np.concatenate(chunks) if chunks else np.zeros(0)


@KINDS
def test_what_would_have_come_still_comes_and_outside_nothing_is_added(traffic):
    plain = make_source(traffic, {})
    usual, more = drawn(plain), drawn(spiked(plain, SPIKES))
    assert (np.diff(more) >= 0).all()
    assert np.isin(usual, more).all()
    extra = more[~np.isin(more, usual)]
    assert extra.size > 0
    assert extra.min() >= 1000
    assert extra.max() < 2200


@KINDS
def test_numbers_are_those_expected(traffic):
    source = spiked(make_source(traffic, {}), SPIKES)
    for a, b in ((1000.0, 1800.0), (1800.0, 2000.0), (2000.0, 2200.0)):
        found = [float(np.count_nonzero((t >= a) & (t < b))) for t in (drawn(source, seed) for seed in range(40))]
        assert contains(found, source.expected(a, b)) or max(found) - min(found) <= 2


@KINDS
def test_expectation_rate_and_curve_agree(traffic):
    plain = make_source(traffic, {})
    source = spiked(plain, SPIKES)
    parts = [(0.0, 1000.0, 1), (1000.0, 1800.0, 3), (1800.0, 2000.0, 6), (2000.0, 2200.0, 2), (2200.0, 3600.0, 1)]
    for a, b, factor in parts:
        assert source.expected(a, b) == pytest.approx(factor * plain.expected(a, b))
        middle = np.array([(a + b) / 2])
        assert source.rate_per_s(middle) == pytest.approx(factor * plain.rate_per_s(middle))
        curves = [one.curve(rng(), -600.0, 3600.0).expected(a, b) for one in (source, plain)]
        assert curves[0] == pytest.approx(factor * curves[1])
    assert source.expected(0, 3600) == pytest.approx(sum(source.expected(a, b) for a, b, _ in parts))


def test_the_curve_of_bursts_is_the_one_that_the_arrivals_follow():
    source = spiked(make_source(Bursts(on_rate_per_s=400, off_rate_per_s=0), {}), SPIKES)
    curve, found = source.curve(rng(), 0.0, 3600.0), drawn(source, 1, 0.0)
    counts, means = np.histogram(found, 60, (0, 3600))[0], np.diff(curve.cumulative(np.linspace(0, 3600, 61)))
    assert np.abs(counts - means).max() <= 6 * np.sqrt(means.max())


def test_chunks_do_not_matter_and_large_ones_are_split():
    source = spiked(make_source(Constant(rate_per_s=2000), {}), SPIKES)
    one, other = drawn(source), drawn(source)
    np.testing.assert_array_equal(one, other)
    assert one.size > 2 * CHUNK


def test_without_a_spike_the_source_is_itself():
    plain = make_source(Constant(), {})
    assert spiked(plain, [InstanceLoss()]) is plain


def test_the_preview_shows_the_spike():
    plain = make_source(Constant(rate_per_s=20), {})
    seen = [preview(one, rng(), 3600.0) for one in (plain, spiked(plain, SPIKES))]
    assert seen[1].total > seen[0].total
    assert seen[1].peak_60s_per_s == pytest.approx(120, rel=0.15)
    assert seen[1].expected_per_s.max() == pytest.approx(120)


@given(
    st.lists(
        st.builds(TrafficSpike, at_s=st.floats(0, 3000), lasts_s=st.floats(1, 1500), factor=st.floats(1, 20)),
        max_size=4,
    ),
    st.floats(-600, 3600),
    st.floats(0, 2000),
)
def test_expected_adds_up_over_any_spikes(spikes, start_s, length_s):
    source = spiked(make_source(Profile(peak_rate_per_s=30, shape=(1, 4, 2)), {}), spikes)
    middle_s, end_s = start_s + length_s / 3, start_s + length_s
    whole = source.expected(start_s, end_s)
    assert whole == pytest.approx(
        source.expected(start_s, middle_s) + source.expected(middle_s, end_s), rel=1e-9, abs=1e-6
    )
    if isinstance(source, SpikedSource):
        assert whole >= source.inner.expected(start_s, end_s) - 1e-6
