"""When scheduled actions happen: at(...), rate(...) and cron(...), in a time zone (facts row 2.26).

A scenario names weekdays but no dates. Where a date matters (day of month, month, year, the offset of a time zone), the
horizon lies in the week of Monday 5 January 2026: t = 0 is midnight of the first weekday, in the scenario's own time
zone. Time then runs in seconds, whatever clocks do. A local time that a clock skips does not happen; one that it shows
twice happens the first time.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

FIRST_MONDAY = date(2026, 1, 5)
DAY_S = 86_400.0

_UNITS_S = {"minute": 60.0, "hour": 3600.0, "day": DAY_S}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What the scenario's t = 0 is: midnight of a weekday (0 Monday to 6 Sunday) in a time zone."""

    starts_on: int = 0
    timezone: str = "UTC"
    monday: date = FIRST_MONDAY

    def moment(self, t_s: float) -> datetime:
        """The moment t_s seconds after the start of the horizon, in UTC."""
        midnight = datetime.combine(self.monday + timedelta(days=self.starts_on), time(), zone(self.timezone))
        return midnight.astimezone(UTC) + timedelta(seconds=t_s)

    def seconds(self, moment: datetime) -> float:
        """The inverse of `moment`, for any time zone."""
        return (moment.astimezone(UTC) - self.moment(0.0)).total_seconds()


@dataclass(frozen=True, slots=True)
class At:
    """Once, so many seconds after the start of the horizon."""

    t_s: float


@dataclass(frozen=True, slots=True)
class AtTime:
    """Once, the first time in the horizon that clocks show this."""

    local: time


@dataclass(frozen=True, slots=True)
class Rate:
    """Again and again, counted from the start of the horizon."""

    every_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Whenever the clock fits. Sets of numbers; months from 1, weekdays from 0 = Sunday; years None is any."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int] | None

    def on(self, day: date) -> bool:
        """Whether the day fits."""
        fits = day.day in self.days and day.month in self.months and day.isoweekday() % 7 in self.weekdays
        return fits and (self.years is None or day.year in self.years)


Schedule = At | AtTime | Rate | Cron


def zone(name: str) -> ZoneInfo:
    """The time zone of that name; raises ValueError naming the nearest known one."""
    if name != "UTC" and name not in _zones():
        near = difflib.get_close_matches(name, _zones(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"needs the name of a time zone such as UTC or Europe/Berlin{hint}")
    return ZoneInfo(name)


def parse(text: str) -> Schedule:
    """What a schedule says; raises ValueError, which says what is allowed."""
    form = re.fullmatch(r"\s*(at|rate|cron)\s*\((.*)\)\s*", text, re.DOTALL)
    if form is None:
        raise ValueError(
            "needs at(HH:MM), at(seconds), rate(value unit) or cron(minutes hours day-of-month month weekday year)"
        )
    readers = {"at": _read_at, "rate": _read_rate, "cron": _read_cron}
    return readers[form[1]](form[2].strip())


def times_s(schedule: Schedule, timezone: str, clock: Clock, begin_s: float, end_s: float) -> list[float]:
    """When the schedule happens from begin_s until before end_s, in seconds from the start of the horizon, rising."""
    if isinstance(schedule, At):
        found = [schedule.t_s]
    elif isinstance(schedule, Rate):
        first, last = math.ceil(begin_s / schedule.every_s), math.ceil(end_s / schedule.every_s)
        found = [k * schedule.every_s for k in range(first, last)]
    elif isinstance(schedule, AtTime):
        every_day = (_at_local(day, schedule.local, timezone, clock) for day in _days(timezone, clock, 0.0, 2 * DAY_S))
        found = [next(t_s for t_s in every_day if t_s is not None and t_s >= 0)]
    else:
        found = list(_fitting(schedule, timezone, clock, begin_s, end_s))
    return sorted(t_s for t_s in found if begin_s <= t_s < end_s)


def _fitting(cron: Cron, timezone: str, clock: Clock, begin_s: float, end_s: float) -> Iterator[float]:
    for day in _days(timezone, clock, begin_s, end_s):
        if cron.on(day):
            for hour in cron.hours:
                for minute in cron.minutes:
                    t_s = _at_local(day, time(hour, minute), timezone, clock)
                    if t_s is not None:
                        yield t_s


def _days(timezone: str, clock: Clock, begin_s: float, end_s: float) -> Iterator[date]:
    """The dates that clocks in the time zone show between the two."""
    here = zone(timezone)
    day, last = (clock.moment(t_s).astimezone(here).date() for t_s in (begin_s, end_s))
    while day <= last:
        yield day
        day += timedelta(days=1)


def _at_local(day: date, local: time, timezone: str, clock: Clock) -> float | None:
    """When clocks show it the first time that day; None when they skip it."""
    moment = datetime.combine(day, local, zone(timezone)).astimezone(UTC)
    shown = moment.astimezone(zone(timezone))
    return clock.seconds(moment) if (shown.date(), shown.time()) == (day, local) else None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _read_at(text: str) -> At | AtTime:
    if re.fullmatch(r"\d{1,8}(\.\d+)?", text):
        return At(float(text))
    form = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", text)
    if form is None:
        raise ValueError("needs at(HH:MM) from 00:00 to 23:59, or at(seconds from the start of the horizon)")
    return AtTime(time(int(form[1]), int(form[2]), int(form[3] or 0)))


def _read_rate(text: str) -> Rate:
    form = re.fullmatch(r"([1-9]\d{0,4})\s+([a-z]+)", text)
    unit = form[2].removesuffix("s") if form else ""
    if form is None or unit not in _UNITS_S:
        raise ValueError("needs rate(value unit): a whole number from 1, and minutes, hours or days")
    return Rate(int(form[1]) * _UNITS_S[unit])


def _read_cron(text: str) -> Cron:
    fields = text.split()
    if len(fields) != 6:
        raise ValueError(
            f"needs cron(minutes hours day-of-month month weekday year), six fields; these are {len(fields)}"
        )
    minutes, hours, days, months, weekdays, years = fields
    if days == weekdays == "?" or (days not in "*?" and weekdays not in "*?"):
        raise ValueError("needs either a day of the month or a weekday, and ? for the other")
    return Cron(
        minutes=_numbers(minutes, "minutes", 0, 59),
        hours=_numbers(hours, "hours", 0, 23),
        days=frozenset(_numbers("*" if days == "?" else days, "the day of the month", 1, 31)),
        months=frozenset(_numbers(months, "the month", 1, 12, _MONTHS)),
        weekdays=frozenset(_weekdays("*" if weekdays == "?" else weekdays)),
        years=None if years == "*" else frozenset(_numbers(years, "the year", 1970, 2199)),
    )


def _weekdays(text: str) -> tuple[int, ...]:
    """Names only: of the numbers, AWS's own pages say both that 2 is Monday and that it is Tuesday."""
    if re.search(r"\d", text.partition("/")[0]):
        raise ValueError("needs weekdays by name, SUN to SAT: AWS's pages disagree about what their numbers mean")
    return _numbers(text, "the weekday", 0, 6, _WEEKDAYS)


def _numbers(text: str, what: str, least: int, most: int, names: tuple[str, ...] = ()) -> tuple[int, ...]:
    """The numbers that a field lists: *, a, a-b, each with /step, joined by commas."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        low, dash, high = span.partition("-")
        first = least if span == "*" else _number(low, what, least, most, names)
        last = _number(high, what, least, most, names) if dash else most if span == "*" or slash else first
        if slash and not re.fullmatch(r"[1-9]\d{0,3}", step):
            raise ValueError(f"needs a whole number from 1 after the / in {what}")
        if last < first:
            raise ValueError(f"needs a range that rises in {what}; {span[:20]} falls")
        found.update(range(first, last + 1, int(step) if slash else 1))
    return tuple(sorted(found))


def _number(text: str, what: str, least: int, most: int, names: tuple[str, ...]) -> int:
    if text.upper() in names:
        return names.index(text.upper()) + least
    if re.fullmatch(r"\d{1,4}", text) and least <= int(text) <= most:
        return int(text)
    near = difflib.get_close_matches(text.upper(), names, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    allowed = f"{names[0]} to {names[-1]}" if names else f"{least} to {most}"
    raise ValueError(f"needs {what} from {allowed}, * or a list, with - and / as in 0/15{hint}")
