"""The preview: against the published statistics of the traces, at the edges, exact and above the limit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from headroom.sharing.packaged_traces import load_traces
from simulator.traffic.kinds import DAY_S, Bursts, Constant, Counts, Jobs, NamedTrace, Profile, Timestamps, Traffic
from simulator.traffic.sources import make_source
from simulator.traffic.summary import EXACT_ARRIVALS, LONGEST_DRAWN_S, MAX_POINTS, Preview, preview
from tests.simulator.traffic.specs import TRACES, traffics

LIBRARY = load_traces()


def look(traffic: Traffic, duration_s: float, seed: int = 1) -> Preview:
    return preview(make_source(traffic, LIBRARY), np.random.default_rng(seed), duration_s)


def look_at(name: str) -> Preview:
    trace = LIBRARY[name]
    length_s = len(trace.values) * trace.bin_s if trace.bin_s else float(np.floor(trace.values[-1])) + 1
    return look(NamedTrace(trace=name), length_s)


# Published with the traces: total, mean per s, busiest minute per s, dispersion at 1 s and 60 s, empty minutes.
# None: not known (a bin is longer), or not meaningful.
PUBLISHED = {
    "nasa-http-1995-july": (1_891_675, 0.794, 6.82, None, 22.0, 0.00406),
    "nasa-http-1995-launch": (134_204, 1.55, 6.82, 2.00, 45.5, 0.0278),
    "azure-functions-http": (60_601, 2.10, 14.7, None, 41.9, 0.0),
    "azure-function-226": (3_528, 0.122, 12.4, None, 453.0, 0.338),
    "azure-function-88": (7_040, 0.244, 12.2, None, 84.8, 0.0),
    "azure-function-194": (716, 0.0249, 3.88, None, 128.0, 0.965),
    "azure-llm-2023-code": (8_819, 2.57, 10.5, 13.2, 167.0, 0.211),
    "azure-llm-2023-conv": (19_366, 5.53, 8.45, 1.39, 16.4, 0.0),
    "creditcard-2013-30min": (284_809, 1.65, None, None, None, 0.0),
    "creditcard-2013-first-hour": (4_001, 1.10, 1.95, 1.14, 5.61, 0.0),
    "online-retail-2011": (25_900, 0.000803, 0.1, None, 1.19, 0.957),
    "nab-twitter-aapl": (1_360_453, 0.285, None, None, None, None),
    "mooncake-synthetic": (3_993, 3.91, 4.55, 1.09, 1.27, 0.0),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_preview_agrees_with_what_is_published(name: str) -> None:
    total, mean, peak, short, long, empty = PUBLISHED[name]
    seen = look_at(name)
    assert seen.total == total
    assert seen.mean_per_s == pytest.approx(mean, rel=0.005)
    assert seen.note == ""
    if peak is not None:
        assert seen.peak_60s_per_s == pytest.approx(peak, rel=0.005)
    if short is not None:
        assert seen.dispersion_1s == pytest.approx(short, rel=0.01)
    if long is not None:
        assert seen.dispersion_60s == pytest.approx(long, rel=0.03)
    if empty is not None:
        assert seen.empty_minutes == pytest.approx(empty, abs=0.002)


def test_every_packaged_trace_is_compared() -> None:
    assert set(LIBRARY) == {*PUBLISHED, "servegen-m-large"}


def test_the_control_is_nearly_poisson() -> None:
    control = look_at("mooncake-synthetic")
    assert control.dispersion_1s == pytest.approx(1, abs=0.15)
    assert control.dispersion_60s == pytest.approx(1, abs=0.5)


def test_two_weeks_of_237_million_requests_are_summed_up() -> None:
    seen = look_at("servegen-m-large")
    assert seen.total == pytest.approx(236_892_826, rel=1e-3)
    assert seen.mean_per_s == pytest.approx(196, rel=0.005)
    assert seen.peak_60s_per_s == pytest.approx(583, rel=0.02)
    assert "236,892,826" in seen.note
    assert "Poisson" in seen.note


@given(traffics, st.floats(0.01, 2e4), st.integers(0, 2**32))
def test_every_preview_makes_sense(traffic: Traffic, duration_s: float, seed: int) -> None:
    source = make_source(traffic, TRACES)
    assume(source.expected(0, duration_s) < 1e5)
    seen = preview(source, np.random.default_rng(seed), duration_s)
    times = [*source.times(np.random.default_rng(seed), 0, duration_s)]
    assert seen.total == sum(map(len, times))
    assert len(seen.t_s) == len(seen.rate_per_s) == len(seen.expected_per_s) <= MAX_POINTS
    lengths = np.diff(np.append(seen.t_s, duration_s))
    assert float(seen.rate_per_s @ lengths) == pytest.approx(seen.total)
    assert seen.mean_per_s == pytest.approx(seen.total / duration_s)
    assert seen.peak_1s_per_s >= 0
    assert seen.empty_minutes is None or 0 <= seen.empty_minutes <= 1


def by_hand(times: np.ndarray, width: int, whole: int) -> tuple[float, float, float]:
    counts = np.histogram(times, np.arange(0, (whole + 1) * width, width))[0]
    return counts.max() / width, counts.var(ddof=1) / counts.mean(), float((counts == 0).mean())


@pytest.mark.parametrize("rate_per_s", [0.01, 3.0, 900.0])
def test_the_sums_are_those_of_the_arrivals(rate_per_s: float) -> None:
    traffic, duration_s = Bursts(on_rate_per_s=rate_per_s, off_rate_per_s=0, mean_on_s=300, mean_off_s=300), 4_000.5
    source = make_source(traffic, {})
    times = np.concatenate(list(source.times(np.random.default_rng(3), 0, duration_s)))
    seen = preview(source, np.random.default_rng(3), duration_s)
    peak_1s, dispersion_1s, _ = by_hand(times, 1, 4_000)
    peak_60s, dispersion_60s, empty = by_hand(times, 60, 66)
    assert (seen.peak_1s_per_s, seen.peak_60s_per_s) == pytest.approx((peak_1s, peak_60s))
    assert (seen.dispersion_1s, seen.dispersion_60s) == pytest.approx((dispersion_1s, dispersion_60s))
    assert seen.empty_minutes == pytest.approx(empty)


def test_no_traffic_at_all() -> None:
    seen = look(Constant(rate_per_s=0), DAY_S)
    assert (seen.total, seen.mean_per_s, seen.peak_1s_per_s, seen.peak_60s_per_s) == (0, 0, 0, 0)
    assert (seen.dispersion_1s, seen.dispersion_60s, seen.empty_minutes) == (None, None, 1)
    assert not seen.rate_per_s.any()


def test_less_than_a_minute_and_less_than_a_second() -> None:
    short = look(Constant(rate_per_s=5), 30)
    assert (short.dispersion_60s, short.empty_minutes) == (None, None)
    assert short.peak_60s_per_s == short.mean_per_s > 0
    instant = look(Constant(rate_per_s=500), 0.5)
    assert instant.dispersion_1s is None
    assert instant.peak_1s_per_s == instant.mean_per_s > 0
    assert instant.rate_per_s.tolist() == [instant.mean_per_s]


RATE = 1.02 * EXACT_ARRIVALS / 36_000


@pytest.mark.parametrize(
    ("traffic", "dispersion_1s"),
    [
        (Constant(rate_per_s=RATE), 1.0),
        (Constant(rate_per_s=RATE, interarrival_cv=2), 4.0),
        (Constant(rate_per_s=RATE, interarrival_cv=0.5), 0.25),
        (Jobs(records=6_000_000, at_s=0, submit_over_s=36_000), 0.0),
        (Counts(bin_s=3600, requests=(round(RATE * 3600),)), 1.0),
    ],
    ids=["poisson", "clumps", "smooth", "jobs", "counts"],
)
def test_above_the_limit_counts_are_drawn_with_the_same_law(traffic: Traffic, dispersion_1s: float) -> None:
    source = make_source(traffic, {})
    seen = look(traffic, 36_000)
    assert "too many" in seen.note
    assert seen.total == pytest.approx(source.expected(0, 36_000), rel=0.005)
    assert seen.dispersion_1s == pytest.approx(dispersion_1s, rel=0.05, abs=0.01)
    np.testing.assert_allclose(seen.rate_per_s, seen.expected_per_s, rtol=0.6)


def test_bursts_above_the_limit_keep_their_bursts() -> None:
    traffic = Bursts(on_rate_per_s=8_000, off_rate_per_s=0, mean_on_s=100, mean_off_s=900)
    seen = look(traffic, DAY_S)
    # Slow switching: nearly all the variance in a second is that of the rate, 8,000^2 * 0.1 * 0.9 over a mean of 800.
    assert seen.dispersion_1s == pytest.approx(7_201, rel=0.35)
    assert seen.peak_1s_per_s == pytest.approx(8_350, abs=150)
    assert 0.7 < (seen.empty_minutes or 0) < 0.95


def test_a_payment_day_at_full_rate_is_quick_to_sum_up_and_says_how() -> None:
    seen = look(Profile(peak_rate_per_s=10_000, shape=(0.2, 0.1, 0.3, 1, 0.9, 0.6)), 31 * DAY_S)
    assert seen.peak_60s_per_s == pytest.approx(10_000, rel=0.02)
    assert len(seen.t_s) <= MAX_POINTS
    assert "arrivals are too many" in seen.note


def test_what_is_longer_than_can_be_drawn_is_cut_and_says_so() -> None:
    seen = look(Constant(rate_per_s=1000), 400 * DAY_S)
    assert seen.duration_s == LONGEST_DRAWN_S
    assert "31 days" in seen.note


def test_the_same_seed_gives_the_same_preview() -> None:
    for traffic in (Constant(rate_per_s=9), Constant(rate_per_s=9_000), Timestamps(t_s=(0.5, 7.25))):
        one, other = look(traffic, 7_000), look(traffic, 7_000)
        assert one.total == other.total
        assert (one.rate_per_s == other.rate_per_s).all()
        assert one.dispersion_60s == other.dispersion_60s
