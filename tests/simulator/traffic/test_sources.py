"""Arrivals of every kind: how many, where, in which pieces, and the same again for the same seed."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.errors import InvalidScenario
from simulator.traffic.arrivals import own_stream
from simulator.traffic.kinds import (
    DAY_S,
    Bursts,
    Constant,
    Counts,
    Jobs,
    NamedTrace,
    Profile,
    Spike,
    Step,
    Steps,
    Timestamps,
    Traffic,
)
from simulator.traffic.renewal import RenewalSource, gaps
from simulator.traffic.sources import CHUNK, make_source
from tests.simulator.traffic.specs import EXAMPLES, TRACES, all_times, assert_mean, dispersion, traffics

BINNED = [Counts(bin_s=900, requests=(300, 0, 17, 800), interarrival_cv=cv) for cv in (0.2, 1.0, 5.0)]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_number_of_arrivals_is_as_expected_in_every_part_of_the_time(kind: str) -> None:
    traffic = EXAMPLES[kind]
    source = make_source(traffic, TRACES)
    edges = np.array([-7200, -7190, -7100, -3600, -100, 0, 300, 1000, 2450, 2750, 3600, 5000])
    counts = [np.histogram(all_times(traffic, seed, -7200, 5000), edges)[0] for seed in range(400)]
    assert_mean(np.array(counts), np.array([source.expected(a, b) for a, b in pairwise(edges)]))


@given(traffics, st.integers(0, 2**32), st.floats(-2e4, 2e4), st.floats(1, 1e4))
def test_chunks_are_in_order_inside_bounded_and_repeatable(
    traffic: Traffic, seed: int, start_s: float, length_s: float
) -> None:
    source, end_s = make_source(traffic, TRACES), start_s + length_s
    assume(source.expected(start_s, end_s) < 1e6)
    chunks = list(source.times(np.random.default_rng(seed), start_s, end_s))
    assert all(0 < len(chunk) <= CHUNK and chunk.dtype == np.float64 for chunk in chunks)
    times = np.concatenate([np.empty(0), *chunks])
    assert (np.diff(times) >= 0).all()
    assert ((times >= start_s) & (times < end_s)).all()
    assert times.tobytes() == all_times(traffic, seed, start_s, end_s).tobytes()


@given(traffics, st.integers(0, 6), st.lists(st.floats(-9e5, 9e5), min_size=3, max_size=3, unique=True).map(sorted))
def test_expected_numbers_are_never_negative_and_add_up(traffic: Traffic, starts_on: int, at: list[float]) -> None:
    source = make_source(traffic, TRACES, starts_on)
    parts = source.expected(at[0], at[1]) + source.expected(at[1], at[2])
    assert source.expected(at[0], at[2]) == pytest.approx(parts, rel=1e-9, abs=1e-6)
    assert parts >= -1e-6
    assert (source.rate_per_s(np.array(at)) >= 0).all()


@given(traffics, st.floats(-3e5, 3e5), st.floats(10, 5e3))
def test_the_expected_number_is_the_integral_of_the_rate(traffic: Traffic, start_s: float, length_s: float) -> None:
    assume(not isinstance(traffic, Timestamps))  # replayed times are counted, their rate is known by the second only
    source = make_source(traffic, TRACES)
    edges = np.linspace(start_s, start_s + length_s, 20_001)
    rates = source.rate_per_s((edges[1:] + edges[:-1]) / 2)
    step = length_s / 20_000
    # A jump of the rate is placed to within a step: at most 2 jumps for each bin, step or change of day.
    slack = 200 * step * float(rates.max(initial=0)) + 1e-6
    assert source.expected(start_s, start_s + length_s) == pytest.approx(float(rates.sum()) * step, rel=1e-3, abs=slack)


def test_how_the_stream_is_consumed_does_not_change_it() -> None:
    source = make_source(Constant(rate_per_s=1000), {})
    plain = list(source.times(np.random.default_rng(5), 0, 600))
    rng = np.random.default_rng(5)
    stream = source.times(rng, 0, 600)
    again = []
    for chunk in stream:
        rng.random(17)
        again.append(chunk.copy())
        chunk.fill(0)  # a chunk belongs to whoever took it
    assert len(plain) == len(again) > 3
    assert all((one == other).all() for one, other in zip(plain, again, strict=True))


def test_different_seeds_differ() -> None:
    assert not np.array_equal(all_times(Constant(), 1, 0, 50), all_times(Constant(), 2, 0, 50))


@pytest.mark.parametrize("cv", [0.3, 1.0, 2.0])
def test_the_integral_of_the_rate_is_inverted_exactly(cv: float) -> None:
    traffic = Profile(peak_rate_per_s=50, shape=(0, 1, 0.2, 3, 0), weekend_factor=2, interarrival_cv=cv)
    source = make_source(traffic, {})
    assert isinstance(source, RenewalSource)
    times = np.concatenate(list(source.times(np.random.default_rng(3), 4 * DAY_S, 4.02 * DAY_S)))
    drawn = gaps(own_stream(np.random.default_rng(3)), cv, 1_024)[1:]
    walked = np.diff(source.rates.cumulative(times))
    n = min(len(walked), len(drawn) - 1)
    assert n > 300
    np.testing.assert_allclose(walked[:n], drawn[:n], atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("cv", [0.3, 1.0, 3.0])
def test_counts_vary_as_the_gaps_say(cv: float) -> None:
    # In long bins the variance of a renewal count over its mean is cv squared; at this length 0.05 of it is left.
    traffic = Constant(rate_per_s=20, interarrival_cv=cv)
    edges = np.arange(0, 20_001, 100)
    found = [dispersion(np.histogram(all_times(traffic, seed, 0, 20_000), edges)[0]) for seed in range(30)]
    mean, error = np.mean(found), np.std(found, ddof=1) / np.sqrt(30)
    assert abs(mean - cv**2) < 4 * error + 0.05 * cv**2


def test_poisson_counts_have_dispersion_one_in_short_and_long_bins() -> None:
    times = [all_times(Constant(rate_per_s=5), seed, 0, 6_000) for seed in range(40)]
    for width in (1, 60):
        edges = np.arange(0, 6_001, width)
        assert_mean(np.array([dispersion(np.histogram(each, edges)[0]) for each in times]), 1.0)


def test_gaps_have_the_variation_asked_for() -> None:
    for cv in (0.25, 1.0, 4.0):
        found = np.diff(all_times(Constant(rate_per_s=10, interarrival_cv=cv), 8, 0, 20_000))
        assert found.std() / found.mean() == pytest.approx(cv, rel=0.05)


def test_bursts_have_their_rates_shares_and_dispersion() -> None:
    traffic = Bursts(on_rate_per_s=20, off_rate_per_s=0, mean_on_s=30, mean_off_s=90)
    counts = np.array([np.histogram(all_times(traffic, seed, 0, 600), np.arange(601))[0] for seed in range(200)])
    # Variance of a count in 1 s: Poisson part plus the variance of the rate, 20^2 * 1/4 * 3/4, nearly constant in 1 s.
    mean, variance = 5.0, 5.0 + 75.0
    assert_mean(counts.mean(axis=1), mean)
    assert dispersion(counts) == pytest.approx(variance / mean, rel=0.1)
    assert np.corrcoef(counts[:, :-1].ravel(), counts[:, 1:].ravel())[0, 1] > 0.8


@pytest.mark.parametrize("traffic", BINNED, ids=lambda spec: f"cv {spec.interarrival_cv}")
def test_every_bin_keeps_exactly_its_count(traffic: Counts) -> None:
    times = all_times(traffic, 4, -3 * 3600, 2 * 3600)
    counts, _ = np.histogram(times, np.arange(-3 * 3600, 2 * 3600 + 1, 900))
    assert counts.tolist() == [300, 0, 17, 800] * 5


def test_a_bin_beyond_a_chunk_keeps_its_count_too() -> None:
    requests = (CHUNK, 3 * CHUNK + 5, 0, CHUNK + 1, 2)
    for cv in (1.0, 2.0):
        traffic = Counts(bin_s=60, requests=requests, interarrival_cv=cv)
        counts, _ = np.histogram(all_times(traffic, 4, 0, 300), np.arange(0, 301, 60))
        assert tuple(counts) == requests


def test_a_fraction_of_a_count_is_rounded_without_bias() -> None:
    traffic = Counts(bin_s=10, requests=(3, 10, 0, 1), scale=0.35)
    counts = [np.histogram(all_times(traffic, seed, 0, 40), np.arange(0, 41, 10))[0] for seed in range(2000)]
    assert_mean(np.array(counts), np.array([1.05, 3.5, 0, 0.35]))
    assert {tuple(each) for each in np.array(counts)[:, :2]} == {(1, 3), (1, 4), (2, 3), (2, 4)}


@pytest.mark.parametrize("n", [1, 2, 50, 3 * CHUNK])
def test_inside_a_bin_arrivals_are_uniform(n: int) -> None:
    repeats = max(1, 2000 // n)
    traffic = Counts(bin_s=1, requests=(n,) * repeats, repeat=False)
    inside = np.sort(all_times(traffic, 6, 0, repeats) % 1.0)
    # Kolmogorov's distance, with a chance of about 1 in 10,000 to be above this.
    assert np.abs(inside - (np.arange(len(inside)) + 0.5) / len(inside)).max() < 2.2 / np.sqrt(len(inside))


@pytest.mark.parametrize("n", [40, 3 * CHUNK])
@pytest.mark.parametrize("cv", [0.5, 1.0, 2.0])
def test_half_a_bin_varies_as_the_gaps_say(n: int, cv: float) -> None:
    # Variance of the number in half a ring of n gaps: about cv^2 n / 4 (exactly n / 4 for Poisson).
    repeats = 400 if n < CHUNK else 60
    source = make_source(Counts(bin_s=1, requests=(n,), interarrival_cv=cv), {})
    draws = (source.times(np.random.default_rng(seed), 0, 1) for seed in range(repeats))
    halves = [sum(int(np.searchsorted(chunk, 0.5)) for chunk in chunks) for chunks in draws]
    assert_mean(np.array(halves, dtype=float), n / 2)
    assert np.var(halves) == pytest.approx(cv**2 * n / 4, rel=0.3 if n < CHUNK else 0.6)


def test_times_are_replayed_as_they_are_and_repeated() -> None:
    traffic = Timestamps(t_s=(0.25, 1.0, 1.0, 4.5))
    assert all_times(traffic, 1, 0, 5).tolist() == [0.25, 1.0, 1.0, 4.5]
    assert all_times(traffic, 1, -5, 0).tolist() == [-4.75, -4.0, -4.0, -0.5]
    assert all_times(traffic, 1, 4, 6.5).tolist() == [4.5, 5.25, 6.0, 6.0]
    assert make_source(traffic, {}).expected(4, 6.5) == 4


def test_a_window_of_times_begins_at_zero() -> None:
    traffic = Timestamps(t_s=(0.25, 1.0, 1.0, 4.5), window_start_s=1, window_s=3.75, repeat=False)
    assert all_times(traffic, 1, -9, 99).tolist() == [0.0, 0.0, 3.5]


@pytest.mark.parametrize("name", ["counts", "counts, once", "timestamps", "timestamps, window", "trace"])
def test_a_trace_keeps_its_clock_time(name: str) -> None:
    traffic = EXAMPLES[name]
    later = traffic.model_copy(update={"starts_at_s": 28_800.0})
    there, here = make_source(traffic, TRACES), make_source(later, TRACES)
    at = np.linspace(-5000, 20_000, 777)
    np.testing.assert_allclose(here.rate_per_s(at + 28_800), there.rate_per_s(at))
    assert here.expected(28_000, 36_000) == pytest.approx(there.expected(-800, 7200))


def test_counts_that_begin_at_eight_and_are_not_repeated_leave_the_night_empty() -> None:
    traffic = Counts(bin_s=60, requests=(5, 0, 7), starts_at_s=28_800, repeat=False)
    times = all_times(traffic, 1, 0, DAY_S)
    assert len(times) == 12
    assert times.min() >= 28_800
    assert times.max() < 28_980


def test_scaled_times_are_counts_per_second() -> None:
    traffic = Timestamps(t_s=(0.25, 1.0, 1.0, 4.5), scale=3)
    counts, _ = np.histogram(all_times(traffic, 1, 0, 5), np.arange(6))
    assert counts.tolist() == [3, 6, 0, 0, 3]


def test_a_window_of_counts_cuts_bins_by_share() -> None:
    source = make_source(Counts(bin_s=10, requests=(100, 0, 40), window_start_s=5, window_s=20), {})
    assert source.expected(0, 20) == pytest.approx(70)
    assert source.rate_per_s(np.array([0.0, 4.9, 5.1, 15.0, 20.0])).tolist() == pytest.approx([10, 10, 0, 4, 10])


@pytest.mark.parametrize(
    ("traffic", "period_s"),
    [
        (Profile(shape=(1, 2, 5), weekend_factor=0.3), 7 * DAY_S),
        (Jobs(at_s=5 * 3600.0, every_days=2), 2 * DAY_S),
        (Jobs(at_s=86_000.0, submit_over_s=DAY_S), DAY_S),
        (NamedTrace(trace="minutes"), 240.0),
    ],
    ids=["profile", "jobs", "jobs all day", "trace"],
)
def test_cyclic_traffic_was_the_same_before_time_zero(traffic: Traffic, period_s: float) -> None:
    source = make_source(traffic, TRACES)
    t_s = np.linspace(0, period_s, 97, endpoint=False) + 0.25
    for cycles in (-3, -1, 1, 2):
        np.testing.assert_allclose(source.rate_per_s(t_s + cycles * period_s), source.rate_per_s(t_s))
        assert source.expected((cycles - 1) * period_s, cycles * period_s) == pytest.approx(
            source.expected(0, period_s)
        )


def test_traffic_that_does_not_repeat_has_a_plain_past() -> None:
    steps = make_source(Steps(steps=(Step(at_s=600, rate_per_s=5), Step(at_s=900, rate_per_s=1))), {})
    assert steps.rate_per_s(np.array([-1e6, 0, 599, 900, 1e7])).tolist() == [5, 5, 5, 1, 1]
    once = make_source(Counts(bin_s=10, requests=(5,), repeat=False), {})
    assert once.rate_per_s(np.array([-1.0, 5.0, 10.0])).tolist() == [0, 0.5, 0]
    assert (once.expected(-100, 0), once.expected(-100, 100)) == (0, 5)


def test_spikes_multiply_the_step_they_fall_on() -> None:
    spikes = (Spike(at_s=10, duration_s=10, factor=3), Spike(at_s=15, duration_s=10, factor=2))
    source = make_source(Steps(steps=(Step(rate_per_s=1), Step(at_s=18, rate_per_s=10)), spikes=spikes), {})
    assert source.rate_per_s(np.array([9, 10, 15, 18, 20, 25.0])).tolist() == [1, 3, 6, 60, 20, 10]


def test_the_profile_knows_the_weekday_and_draws_straight_lines() -> None:
    traffic = Profile(peak_rate_per_s=10, shape=(0, 5), weekend_factor=0.5)
    noon, morning = 12 * 3600.0, 6 * 3600.0
    monday = make_source(traffic, {}, starts_on=0)
    sunday = make_source(traffic, {}, starts_on=6)
    assert monday.rate_per_s(np.array([0, morning, noon, 5 * DAY_S + noon])).tolist() == pytest.approx([0, 5, 10, 5])
    assert sunday.rate_per_s(np.array([noon, DAY_S + noon, -DAY_S + noon])).tolist() == pytest.approx([5, 10, 5])
    assert monday.expected(0, 7 * DAY_S) == pytest.approx(6 * DAY_S * 5)


def test_every_data_set_has_exactly_its_records_at_an_even_pace() -> None:
    traffic = Jobs(records=300_001, at_s=80_000, submit_over_s=10_000, every_days=1)
    times = all_times(traffic, 2, -DAY_S, 2 * DAY_S + 80_000)
    inside = times[(times >= -6_400) & (times < 3_600)]
    assert len(inside) == 300_001
    counts, _ = np.histogram(inside, np.arange(-6_400, 3_601, 100))
    assert np.abs(counts - 3000.01).max() <= 2
    assert len(all_times(traffic, 2, 80_000, 90_000)) == 300_001


@pytest.mark.parametrize(
    "traffic",
    [
        Constant(rate_per_s=10_000),
        Constant(rate_per_s=10_000, interarrival_cv=2),
        Bursts(on_rate_per_s=20_000, off_rate_per_s=100, mean_on_s=1, mean_off_s=1),
        Jobs(records=10**9, at_s=0),
        Counts(bin_s=3600, requests=(10**8,)),
        Counts(bin_s=0.1, requests=(1000, 1000)),
        Timestamps(t_s=tuple(np.linspace(0, 1, 9_999).tolist())),
    ],
    ids=lambda spec: spec.kind,
)
def test_memory_does_not_grow_with_the_stream(traffic: Traffic) -> None:
    source = make_source(traffic, {})
    list(source.times(np.random.default_rng(1), 0, 0.5))
    tracemalloc.start()
    seen = 0
    for chunk in source.times(np.random.default_rng(1), 0, DAY_S):
        seen += len(chunk)
        if seen > 3_000_000:
            break
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen > 3_000_000
    assert peak_bytes < 20e6


def test_an_unknown_trace_names_the_nearest() -> None:
    with pytest.raises(InvalidScenario, match="minutes") as caught:
        make_source(NamedTrace(trace="minute"), TRACES)
    (problem,) = caught.value.problems
    assert (problem.where, problem.todo) == ("workload.traffic.trace", "Did you mean minutes?")


@pytest.mark.parametrize(
    ("window", "where"),
    [
        ({"window_start_s": 240}, "window_start_s"),
        ({"window_start_s": 200, "window_s": 41}, "window_s"),
    ],
)
def test_a_window_outside_its_trace_is_refused(window: dict[str, float], where: str) -> None:
    with pytest.raises(InvalidScenario) as caught:
        make_source(NamedTrace(trace="minutes", **window), TRACES)
    assert caught.value.problems[0].where == f"workload.traffic.{where}"


def test_a_window_without_arrivals_is_silent() -> None:
    for traffic in (
        NamedTrace(trace="minutes", window_start_s=60, window_s=60),
        NamedTrace(trace="moments", window_start_s=4, window_s=2),
    ):
        source = make_source(traffic, TRACES)
        assert list(source.times(np.random.default_rng(1), -100, 100)) == []
        assert source.expected(-100, 100) == 0
        assert source.rate_per_s(np.array([0.0])).tolist() == [0]
