from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.answer import Uncertain
from headroom.advisor.tell import words


@pytest.mark.parametrize(
    ("value_s", "text"),
    [
        (1e-6, "0.001 ms"),
        (0.5, "500 ms"),
        (1.0, "1 s"),
        (1.5, "1.5 s"),
        (4.0, "4 s"),
        (60.0, "60 s"),
        (600.0, "10 min"),
        (86_400.0, "24 h"),
        (864_000.0, "10 d"),
    ],
)
def test_round_lengths_of_time(value_s, text):
    assert words.round_seconds(value_s) == text


@pytest.mark.parametrize(
    ("value_s", "text"),
    [
        (None, "unknown"),
        (math.nan, "unknown"),
        (math.inf, "unknown"),
        (0.0, "0 s"),
        (1e-9, "under 0.001 ms"),
        (0.00025, "0.25 ms"),
        (0.1, "100 ms"),
        (0.8124, "812 ms"),
        (1.0, "1,000 ms"),
        (9.994, "9,990 ms"),
        (9.9996, "10 s"),
        (10.0, "10 s"),
        (12.34, "12.3 s"),
        (119.96, "2 min"),
        (900.0, "15 min"),
        (7199.9, "2 h"),
        (5 * 3600.0, "5 h"),
        (15_156.0, "4.21 h"),
        (71.99 * 3600, "3 d"),
        (1e9, "11,600 d"),
        (-0.25, "−250 ms"),
    ],
)
def test_seconds(value_s: float | None, text: str) -> None:
    assert words.seconds(value_s) == text


@pytest.mark.parametrize(
    ("value_usd", "text"),
    [
        (None, "unknown"),
        (0, "$0"),
        (Decimal("0.00"), "$0"),
        (1e-9, "under $0.000001"),
        (0.0000123, "$0.000012"),
        (0.5, "$0.50"),
        (0.0103, "$0.01"),
        (0.00983, "$0.0098"),
        (0.393, "$0.39"),
        (0.08341, "$0.083"),
        (0.9996, "$1.00"),
        (0.996, "$1.00"),
        (1, "$1.00"),
        (41.2, "$41.20"),
        (999.994, "$999.99"),
        (999.996, "$1,000"),
        (3118.4, "$3,118"),
        (1e15, "$1,000,000,000,000,000"),
        (-12, "−$12.00"),
        (-3118.4, "−$3,118"),
    ],
)
def test_dollars(value_usd: float | Decimal | None, text: str) -> None:
    assert words.dollars(value_usd) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"),
        (0.0, "0 %"),
        (1e-12, "under 0.000001 %"),
        (9.97e-7, "0.0001 %"),
        (0.0008, "0.08 %"),
        (0.000812345, "0.0812 %"),
        (0.081, "8.1 %"),
        (0.5, "50 %"),
        (0.99949, "99.9 %"),
        (0.9996, "99.96 %"),
        (0.999999, "99.9999 %"),
        (1 - 1e-12, "over 99.99999 %"),
        (1.0, "100 %"),
        (1.2, "120 %"),
    ],
)
def test_shares_are_never_rounded_to_all_or_nothing(value: float | None, text: str) -> None:
    assert words.share(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"),
        (0, "0"),
        (742, "742"),
        (12_345, "12,345"),
        (999_999, "999,999"),
        (999_999.9, "1 million"),
        (7.25, "7.25"),
        (1_234_567, "1.23 million"),
        (999_999_999, "1 billion"),
        (432_000_000_000, "432 billion"),
        (-3, "−3"),
    ],
)
def test_counts(value: float | None, text: str) -> None:
    assert words.count(value) == text


def test_sizes_and_rates() -> None:
    assert words.megabytes(80) == "80 MB"
    assert words.megabytes(1500) == "1.5 GB"
    assert words.megabytes(0.002) == "2 kB"
    assert words.megabytes(0) == "0 MB"
    assert words.megabytes(None) == "unknown"
    assert words.megabytes(999.9) == "1 GB"
    assert words.per_second(10_000) == "10,000 /s"
    assert words.per_second(0) == "0 /s"
    assert words.per_second(None) == "unknown"


@pytest.mark.parametrize(
    ("t_s", "starts_on", "horizon_s", "text"),
    [
        (12 * 3600 + 40 * 60 + 59, 0, 86_400, "12:40"),
        (0, 3, 86_400, "00:00"),
        (86_400 + 60, 6, 7 * 86_400, "Mon 00:01"),
        (8 * 86_400, 0, 14 * 86_400, "Tue 00:00 of week 2"),
    ],
)
def test_time_of_day(t_s: float, starts_on: int, horizon_s: float, text: str) -> None:
    assert words.time_of_day(t_s, starts_on, horizon_s) == text


def test_percentiles_are_named_as_the_simulator_names_them() -> None:
    assert [words.percentile(p) for p in (50.0, 99.0, 99.9, 99.99)] == ["p50", "p99", "p99.9", "p99.99"]


def test_prices_of_the_list_are_not_rounded() -> None:
    assert words.usd_rate(Decimal("0.0000200")) == "$0.00002"
    assert words.usd_rate(Decimal("1234.5")) == "$1,234.5"
    assert words.usd_rate(Decimal("10")) == "$10"


def test_estimates_show_their_interval_where_there_is_one() -> None:
    assert words.estimate(None, words.seconds) == "unknown"
    alone = Uncertain(value=0.8, low=None, high=None, n=1)
    assert words.estimate(alone, words.seconds) == "800 ms"
    sure = Uncertain(value=0.8, low=0.7, high=0.9, n=5)
    assert words.estimate(sure, words.seconds) == "800 ms (700 ms to 900 ms)"
    exact = Uncertain(value=0.8, low=0.8, high=0.8, n=5)
    assert words.estimate(exact, words.seconds) == "800 ms"


def test_lists_and_nouns() -> None:
    assert words.joined([]) == "none"
    assert words.joined(["a"]) == "a"
    assert words.joined(["a", "b", "c"]) == "a, b and c"
    assert words.counted(1, "deployment") == "1 deployment"
    assert words.counted(0, "deployment") == "0 deployments"
    assert words.counted(2, "price is", "prices are") == "2 prices are"


@given(st.floats(1e-5, 1e8), st.floats(1e-7, 1e-2))
def test_texts_of_different_numbers_are_told_apart(value: float, more: float) -> None:
    for form in (words.seconds, words.dollars):
        one, other = words.apart(value * (1 + more), value, form)
        assert one != other


@given(st.floats(1e-6, 1e9), st.floats(1e-6, 1e9))
def test_longer_never_reads_shorter(one_s: float, other_s: float) -> None:
    short, long = sorted((one_s, other_s))
    assert _seconds(words.seconds(short)) <= _seconds(words.seconds(long)) * (1 + 1e-9)


@given(st.floats(1e-5, 1e9))
def test_a_text_is_within_half_a_percent_of_its_number(value: float) -> None:
    assert _seconds(words.seconds(value)) == pytest.approx(value, rel=0.0051)
    rel = 0.0051 if value >= 1 else 0.051
    assert float(words.dollars(value).lstrip("$").replace(",", "")) == pytest.approx(value, rel=rel)


def _seconds(text: str) -> float:
    number, unit = text.split(" ")
    return float(number.replace(",", "")) * {"ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86_400}[unit]


def test_how_sure_a_single_run_is_comes_from_its_parts_or_says_why_not() -> None:
    judged = Uncertain(value=412.0, low=405.0, high=419.0, n=1)
    assert words.interval(judged, words.dollars) == "95 % interval $405.00 to $419.00, from one run"
    assert words.precise(judged, words.dollars) == "$412.00 ($405.00 to $419.00)"
    still = Uncertain(value=412.0, low=412.0, high=412.0, n=1)
    assert words.interval(still, words.dollars) == "nothing moves it within the run"
    short = Uncertain(value=412.0, low=None, high=None, n=1, why="the run is too short")
    assert words.interval(short, words.dollars) == "one run, no interval: the run is too short"
    assert words.precise(short, words.dollars) == "$412.00 (one run)"
    rare = Uncertain(value=0.8, low=None, high=None, n=5, why="too few requests were answered")
    assert words.interval(rare, words.seconds) == "no interval: too few requests were answered"
    assert words.precise(rare, words.seconds) == "800 ms (no interval)"
