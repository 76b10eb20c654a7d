"""When scheduled actions happen, and what is said of a schedule that cannot be read."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.scaling.schedule import FIRST_MONDAY, Clock, parse, times_s, zone

HOUR_S, DAY_S = 3600.0, 86_400.0
UTC_MONDAY = Clock()


def hours(text, *, timezone="UTC", clock=UTC_MONDAY, days=7.0, before=0.0):
    """When it happens, in hours from the start of the horizon."""
    return [t / HOUR_S for t in times_s(parse(text), timezone, clock, -before * DAY_S, days * DAY_S)]


def test_the_first_monday_is_a_monday():
    assert FIRST_MONDAY.weekday() == 0
    assert Clock(starts_on=6).moment(0.0) == datetime(2026, 1, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cron(0 8 ? * MON-FRI *)", [8, 32, 56, 80, 104]),
        ("cron(30 20 ? * SAT,SUN *)", [5 * 24 + 20.5, 6 * 24 + 20.5]),
        ("cron(0 10 * * ? *)", [10 + 24 * k for k in range(7)]),
        ("cron(0 10 * * * *)", [10 + 24 * k for k in range(7)]),
        ("cron(0 8 6 * ? *)", [32]),
        ("cron(0 8 6 FEB ? *)", []),
        ("cron(0 8 6 1-3 ? 2026)", [32]),
        ("cron(0 8 6 1 ? 2027)", []),
        ("cron(0/30 8-9 ? * tue *)", [32, 32.5, 33, 33.5]),
        ("cron(15,45 0 ? * WED *)", [48.25, 48.75]),
        ("cron(0 */12 ? * MON *)", [0, 12]),
        ("cron(0 20/2 ? * MON *)", [20, 22]),
    ],
)
def test_cron(text, expected):
    assert hours(text) == expected


def test_the_scenario_begins_on_another_weekday():
    assert hours("cron(0 8 ? * MON-FRI *)", clock=Clock(starts_on=5)) == [56, 80, 104, 128, 152]


def test_a_schedule_in_another_time_zone_than_the_scenario():
    """The horizon begins at midnight in New York, 05:00 UTC; eight o'clock in Berlin is 07:00 UTC, in India 02:30."""
    new_york = Clock(timezone="America/New_York")
    assert hours("cron(0 8 ? * TUE *)", timezone="Europe/Berlin", clock=new_york) == [26]
    assert hours("cron(0 8 ? * TUE *)", timezone="Asia/Kolkata", clock=new_york) == [21.5]
    assert hours("cron(0 8 ? * MON *)", timezone="Asia/Kolkata", clock=new_york, days=6) == []


def test_the_same_zone_on_both_sides_is_the_local_clock():
    there = Clock(timezone="Asia/Tokyo")
    assert hours("cron(0 8 ? * MON *)", timezone="Asia/Tokyo", clock=there) == [8]
    assert hours("cron(0 8 ? * MON *)", timezone="UTC", clock=there) == [17]


SPRING, AUTUMN = date(2026, 3, 23), date(2026, 10, 19)  # Mondays of the weeks at whose Sunday clocks in Berlin change


def test_a_time_that_the_clock_skips_does_not_happen():
    berlin = Clock(timezone="Europe/Berlin", monday=SPRING)
    assert hours("cron(30 2 ? * SAT-SAT *)", timezone="Europe/Berlin", clock=berlin) == [122.5]
    assert hours("cron(30 2 ? * SUN *)", timezone="Europe/Berlin", clock=berlin) == []
    assert hours("cron(30 3 ? * SUN *)", timezone="Europe/Berlin", clock=berlin) == [146.5]


def test_a_time_that_the_clock_shows_twice_happens_the_first_time():
    berlin = Clock(timezone="Europe/Berlin", monday=AUTUMN)
    assert hours("cron(30 2 ? * SUN *)", timezone="Europe/Berlin", clock=berlin) == [146.5]
    assert hours("cron(30 3 ? * SUN *)", timezone="Europe/Berlin", clock=berlin) == [148.5]


def test_at_so_many_seconds():
    assert hours("at(5400)") == [1.5]
    assert hours("at(900.5)", days=0.01) == []


def test_at_a_time_of_day_is_once():
    assert hours("at(08:00)") == [8]
    assert hours("at(08:00:30)")[0] == pytest.approx(8 + 30 / 3600)
    assert hours("at(00:00)", before=1) == [0]
    assert hours("at(01:00)", timezone="Asia/Tokyo") == [16]


def test_a_rate_counts_from_the_start_of_the_horizon():
    assert hours("rate(2 days)") == [0, 48, 96, 144]
    assert hours("rate(1 hour)", days=0.125, before=0.125) == [-3, -2, -1, 0, 1, 2]
    assert hours("rate(30 minutes)", days=0.0625) == [0, 0.5, 1]


@given(st.integers(0, 6), st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata"]), st.floats(-1e6, 1e7))
def test_the_clock_goes_forth_and_back(starts_on, timezone, t_s):
    clock = Clock(starts_on=starts_on, timezone=timezone)
    assert clock.seconds(clock.moment(t_s)) == pytest.approx(t_s, abs=1e-5)


@given(
    st.sampled_from(["cron(0/7 1-5 ? * MON-WED *)", "rate(7 minutes)", "at(03:00)", "cron(0 0 * * ? *)"]),
    st.floats(-2, 5),
    st.floats(0, 5),
)
def test_an_interval_may_be_cut_anywhere(text, begin, length):
    whole = times_s(parse(text), "Europe/Berlin", UTC_MONDAY, -2 * DAY_S, 10 * DAY_S)
    low, high = begin * DAY_S, (begin + length) * DAY_S
    part = times_s(parse(text), "Europe/Berlin", UTC_MONDAY, low, high)
    assert part == [t for t in whole if low <= t < high]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("every day", "at(HH:MM)"),
        ("0 8 ? * MON-FRI *", "cron(minutes"),
        ("at(24:00)", "from 00:00 to 23:59"),
        ("at(tomorrow)", "at(HH:MM)"),
        ("rate(5 weeks)", "minutes, hours or days"),
        ("rate(0 minutes)", "a whole number from 1"),
        ("cron(0 8 * * MON-FRI)", "six fields; these are 5"),
        ("cron(0 8 ? * ? *)", "? for the other"),
        ("cron(0 8 1 * MON *)", "? for the other"),
        ("cron(60 8 ? * MON *)", "minutes from 0 to 59"),
        ("cron(0 8 ? * MUN *)", "did you mean"),
        ("cron(0 8 ? JUNE MON *)", "did you mean JUN?"),
        ("cron(0 8 ? * 2 *)", "by name"),
        ("cron(0 8 ? * FRI-MON *)", "FRI-MON falls"),
        ("cron(0/0 8 ? * MON *)", "after the / in minutes"),
        ("cron(0 8 L * ? *)", "the day of the month from 1 to 31"),
    ],
)
def test_a_schedule_that_cannot_be_read_says_what_is_allowed(text, words):
    with pytest.raises(ValueError, match=r"^needs ") as caught:
        parse(text)
    assert words in str(caught.value)


def test_an_unknown_time_zone_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean Europe/Berlin"):
        zone("Europe/Berln")
    with pytest.raises(ValueError, match="needs the name of a time zone"):
        zone("/etc/passwd")


@given(st.text(st.sampled_from("cronate()0123456789*/?,- :LMON"), max_size=40))
def test_any_text_is_read_or_explained(text):
    for whole in (text, f"cron({text})", f"rate({text})", f"at({text})"):
        said = ""
        try:
            times_s(parse(whole), "UTC", UTC_MONDAY, 0.0, DAY_S)
        except ValueError as error:
            said = str(error)
        assert said == "" or said.startswith("needs ")


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])


def shown(minutes, hours_of_day, weekdays, here, clock, ends_s):
    """Walk through the horizon and the day before it minute by minute, and look at a clock; a time that it shows twice
    counts once.
    """
    seen, found = set(), []
    for minute in range(-24 * 60, round(ends_s / 60)):
        local = clock.moment(60.0 * minute).astimezone(zone(here))
        moment = (local.date(), local.hour, local.minute)
        fits = local.minute in minutes and local.hour in hours_of_day and local.weekday() in weekdays
        if fits and moment not in seen:
            seen.add(moment)
            found += [60.0 * minute] if minute >= 0 else []
    return found


@settings(max_examples=30, deadline=None)
@given(
    ZONES,
    ZONES,
    # Clocks change in these weeks: March and November in New York, March and October in Berlin, April and October on
    # Lord Howe, there by half an hour.
    st.sampled_from(
        [date(2026, 3, d) for d in (2, 23, 30)] + [date(2026, 9, 28), date(2026, 10, 19), date(2026, 10, 26)]
    ),
    st.integers(0, 6),
    st.sets(st.sampled_from([0, 15, 30, 45]), min_size=1),
    st.sets(st.integers(0, 4), min_size=1),
    st.sampled_from([("*", range(7)), ("SAT,SUN", (5, 6)), ("MON-FRI", range(5))]),
)
def test_cron_is_what_a_clock_shows_also_when_it_is_changed(
    here, there, monday, starts_on, minutes, hours_of_day, days
):
    clock = Clock(starts_on=starts_on, timezone=there, monday=monday)
    text = f"cron({','.join(map(str, sorted(minutes)))} {','.join(map(str, sorted(hours_of_day)))} ? * {days[0]} *)"
    expected = shown(minutes, hours_of_day, days[1], here, clock, 8 * DAY_S)
    assert times_s(parse(text), here, clock, 0.0, 8 * DAY_S) == expected
