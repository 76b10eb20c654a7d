"""When: the time column of an export, as the seconds of a clock on the wall.

Dates become seconds since 1 January 1970 00:00 on the clock of their place, so that times of day and weekdays stay what
they were. An hour that summer time skips is an hour without requests; one that clocks show twice is counted in one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headroom.errors import BadTrace
from headroom.traffic_files import dates
from headroom.traffic_files.export import Cell
from headroom.traffic_files.numbers import is_number, numbers, wrong
from headroom.traffic_files.questions import Answers, Option, ask, chosen
from simulator.scaling import schedule

Floats = NDArray[np.float64]

_EPOCHS = (
    ("epoch-s", 1.0, "seconds since 1970"),
    ("epoch-ms", 1e-3, "milliseconds since 1970"),
    ("epoch-us", 1e-6, "microseconds since 1970"),
    ("epoch-ns", 1e-9, "nanoseconds since 1970"),
)
_LENGTHS = (
    ("s", 1.0, "seconds from midnight of the first day"),
    ("ms", 1e-3, "milliseconds"),
    ("min", 60.0, "minutes"),
    ("h", 3600.0, "hours"),
)
_DAY_S = 86_400.0
_EXCEL_EPOCH = -25_569 * _DAY_S  # day 0 of Excel's calendar, from 1970 on
_SINCE_S, _UNTIL_S = 9.4e8, 4.2e9  # late 1999 to 2103
_EARLIEST_S, _LATEST_S = -2.2e9, 7.3e9  # 1900 to 2200
_NAMES = {
    "s": ("t_s", "s", "sec", "secs", "second", "seconds", "time_s", "elapsed_s", "t (s)", "time (s)", "time [s]"),
    "ms": ("t_ms", "ms", "time_ms", "elapsed_ms", "t (ms)", "time (ms)"),
    "min": ("min", "minute", "minutes", "t_min", "time_min"),
    "h": ("h", "hour", "hours", "t_h"),
}
_USUAL_ZONES = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Athens", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Moments:
    """The times of an export. clock_s: seconds on the wall clock, in the order of the file.

    dated: whether they are days of a calendar. zone: whose clock it is; "" when nothing says so.
    """

    clock_s: Floats
    dated: bool
    zone: str = ""
    notes: tuple[str, ...] = ()


def is_time(cell: Cell) -> bool:
    """Tell whether a cell is a date or a time of day."""
    if isinstance(cell, date | time):
        return True
    return isinstance(cell, str) and dates.is_date(cell.strip())


def is_epoch(value: float) -> bool:
    """Tell whether a number can be a time since 1970, in any unit."""
    return any(_SINCE_S <= value * unit_s <= _UNTIL_S for _, unit_s, _ in _EPOCHS)


def names_unit(name: str) -> str:
    """Return the unit of time that the name of a column says, such as "s" for t_s; "" when it says none."""
    wanted = name.strip().casefold()
    return next((unit for unit, names in _NAMES.items() if wanted in names), "")


def moments(
    cells: Sequence[Cell], rows: Sequence[int], name: str, delimiter: str, zone: str, answers: Answers
) -> Moments:
    """Return the times of a column. zone: what the format says. Raises BadTrace with row and column, or asks."""
    when = _moments(cells, rows, name, delimiter, zone, answers)
    if when.dated:
        _check_years(when.clock_s, name)
    return when


def _moments(
    cells: Sequence[Cell], rows: Sequence[int], name: str, delimiter: str, zone: str, answers: Answers
) -> Moments:
    first = next((cell for cell in cells if cell not in (None, "")), None)
    own = _zone(answers.zone)
    if is_time(first) or (isinstance(first, str) and not is_number(first)):
        return _dated(cells, rows, name, own or zone, answers)
    return _numbered(numbers(cells, rows, name, delimiter, answers), rows, name, own, answers)


def _check_years(clock_s: Floats, name: str) -> None:
    if clock_s.size and not (clock_s.min() >= _EARLIEST_S and clock_s.max() <= _LATEST_S):
        raise BadTrace(
            f"column {name}: given times outside the years 1900 to 2200; allowed: times within. Is it the time?"
        )


def _zone(name: str) -> str:
    if name:
        try:
            schedule.zone(name)
        except ValueError as error:
            raise BadTrace(f"zone: given {name!r}; {error}") from error
    return name


def _numbered(values: Floats, rows: Sequence[int], name: str, zone: str, answers: Answers) -> Moments:
    gaps = np.flatnonzero(~np.isfinite(values))
    if gaps.size:
        raise wrong(rows[int(gaps[0])], name, "", "a time in every row")
    unit, unit_s, words = _unit(values, name, answers)
    if unit == "excel-days":
        clock_s = np.round((values * _DAY_S + _EXCEL_EPOCH) * 1000) / 1000
        return Moments(clock_s=clock_s, dated=True, zone=zone, notes=("times are days of Excel's calendar",))
    if not unit.startswith("epoch"):
        clock_s = values if unit_s == 1.0 else np.round(values * unit_s, 6)
        notes = () if unit == "s" else (f"times are {words}",)
        return Moments(clock_s=clock_s, dated=False, notes=notes)
    instants = values * unit_s if unit_s == 1.0 else values / round(1 / unit_s)
    return _local(instants, np.zeros(len(instants)), zone, (f"times are {words}",))


def _unit(values: Floats, name: str, answers: Answers) -> tuple[str, float, str]:
    """What numbers in the time column are: the key, its length in seconds, and words."""
    largest = float(np.max(np.abs(values), initial=0.0))
    units = {key: (key, unit_s, words) for key, unit_s, words in (*_EPOCHS, *_LENGTHS)}
    units["excel-days"] = ("excel-days", _DAY_S, "days of Excel's calendar")
    options = tuple(Option(key, words) for key, _, words in units.values())
    answer = chosen(answers, "times", options)
    if answer:
        return units[answer]
    for key, unit_s, _ in _EPOCHS:
        if _SINCE_S <= largest * unit_s <= _UNTIL_S:
            return units[key]
    if named := names_unit(name):
        return units[named]
    shown = [*(key for key, _, _ in _LENGTHS), *(["excel-days"] if 20_000 < largest < 80_000 else [])]
    fitting = tuple(Option(key, units[key][2]) for key in shown)
    numbers_shown = ", ".join(f"{value:.12g}" for value in values[:3])
    raise ask("times", f"What are the numbers in column {name} ({numbers_shown}, ...)?", fitting)


def _dated(cells: Sequence[Cell], rows: Sequence[int], name: str, zone: str, answers: Answers) -> Moments:
    if any(isinstance(cell, str) for cell in cells):
        read = dates.read(cells, rows, name, answers)
        if read.offsets_s is not None:
            return _local(read.clock_s, read.offsets_s, zone, ())
        if not read.dated:
            return Moments(clock_s=_past_midnight(read.clock_s), dated=False)
        return Moments(clock_s=read.clock_s, dated=True, zone=zone)
    values = [_of_value(cell, rows[i], name) for i, cell in enumerate(cells)]
    if isinstance(cells[0], time):
        return Moments(clock_s=_past_midnight(np.array(values)), dated=False)
    return Moments(clock_s=np.array(values), dated=True, zone=zone)


def _past_midnight(clock_s: Floats) -> Floats:
    """Times of day without a date: where they fall by more than half a day, the next day has begun."""
    return clock_s + _DAY_S * np.concatenate(([0.0], np.cumsum(np.diff(clock_s) < -_DAY_S / 2)))


def _of_value(cell: Cell, row: int, name: str) -> float:
    if isinstance(cell, datetime):
        return round(cell.replace(tzinfo=UTC).timestamp(), 3)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day, tzinfo=UTC).timestamp()
    if isinstance(cell, time):
        return cell.hour * 3600 + cell.minute * 60 + cell.second + round(cell.microsecond / 1e6, 3)
    raise wrong(row, name, cell, "a date with a time, as in the other rows")


def _local(instants_s: Floats, offsets_s: Floats, zone: str, notes: tuple[str, ...]) -> Moments:
    """Moments of the world on the clock of a zone; without one, on the clock that the file itself shows."""
    _check_years(instants_s, "of the time")
    present = sorted(set(offsets_s.tolist()))
    if not zone:
        if len(present) > 1:
            raise _ask_zone(instants_s, offsets_s, present)
        notes = (*notes, f"on the clock of {_offset_words(present[0])}")
        return Moments(clock_s=instants_s + offsets_s, dated=True, zone=_fixed(present[0]), notes=notes)
    shifts = _shifts(instants_s, zone)
    return Moments(clock_s=instants_s + shifts, dated=True, zone=zone, notes=(*notes, *_jumps(instants_s, shifts)))


def _shifts(instants_s: Floats, zone: str) -> Floats:
    """How far the clock of a zone is ahead of UTC at each moment; it changes at quarters of an hour at most."""
    place: Any = schedule.zone(zone)
    quarters, of = np.unique(np.floor(instants_s / 900), return_inverse=True)
    ahead = []
    for quarter in quarters.tolist():
        offset = datetime.fromtimestamp(quarter * 900, place).utcoffset()
        assert offset is not None
        ahead.append(offset.total_seconds())
    return np.array(ahead)[of]


def _jumps(instants_s: Floats, shifts: Floats) -> tuple[str, ...]:
    """What summer time does to the clock within these moments, in words."""
    order = np.argsort(instants_s, kind="stable")
    change = np.diff(shifts[order])
    notes = []
    for i in np.flatnonzero(change)[:4].tolist():
        day = datetime.fromtimestamp(float(instants_s[order[i + 1]] + shifts[order[i + 1]]), UTC)
        what = "skips an hour, which has no requests" if change[i] > 0 else "shows an hour twice: both are added"
        notes.append(f"on {day:%A} {day.day} {day:%B} the clock {what}")
    return tuple(notes)


def _fixed(offset_s: float) -> str:
    """The name of a zone of that offset; "" where none has a name."""
    if offset_s == 0:
        return "UTC"
    hours = offset_s / 3600
    return f"Etc/GMT{-int(hours):+d}" if hours.is_integer() and -12 <= hours <= 12 else ""


def _offset_words(offset_s: float) -> str:
    minutes = round(offset_s / 60)
    if not minutes:
        return "UTC"
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _ask_zone(instants_s: Floats, offsets_s: Floats, present: list[float]) -> Exception:
    """The question whose clock it is, with the zones that have these offsets at these moments."""
    firsts = np.array([instants_s[np.flatnonzero(offsets_s == offset)[0]] for offset in present])
    fitting = [name for name in _USUAL_ZONES if (_shifts(firsts, name) == np.array(present)).all()]
    shown = " and ".join(_offset_words(offset) for offset in present[:3])
    options = tuple(Option(name, name) for name in dict.fromkeys((*fitting, "UTC")))
    return ask("zone", f"The times have the offsets {shown}. Whose clock counts?", options, is_open=True)
