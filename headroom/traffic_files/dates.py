"""Dates as files write them: ISO 8601, 2026/11/01, 01.11.2026, 11/1/2026 0:00 PM, 1 Nov 2026, and times of day alone.

No library fits: dateutil and dateparser take 24 and 1,200 us a date and guess day and month silently.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial

import numpy as np
from numpy.typing import NDArray

from headroom.traffic_files.export import Cell
from headroom.traffic_files.numbers import wrong
from headroom.traffic_files.questions import Answers, Option, ask, chosen

Floats = NDArray[np.float64]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?")
_NUMBERED = re.compile(r"(\d{1,4})([/.\-])(\d{1,2})\2(\d{1,4})")
_DAY_MONTH = re.compile(r"(\d{1,2})[ \-/.]+([A-Za-z]{3})[a-z]*[ \-/.,]+(\d{4})")
_MONTH_DAY = re.compile(r"([A-Za-z]{3})[a-z]* (\d{1,2}),? (\d{4})")
_ZONE_WORDS = re.compile(r"\s*(?:UTC|GMT|Z)$|\s+(?=[+-]\d{2}:?\d{2}$)")
_ALLOWED = "a date with a time, such as 2026-11-01T08:00:00Z or 01.11.2026 08:00"
_DAY_S = 86_400
_LONGEST = 64


@dataclass(frozen=True, kw_only=True)
class Read:
    """Dates as read. offsets_s: where the texts say how far their clock is ahead of UTC; clock_s is then UTC."""

    clock_s: Floats
    dated: bool = True
    offsets_s: Floats | None = None


def is_date(text: str) -> bool:
    """Tell whether a text is a date or a time of day."""
    if not 0 < len(text) <= _LONGEST:
        return False
    if _ISO.fullmatch(text):
        return True
    day, clock = _split(text)
    if clock and not _CLOCK.fullmatch(clock):
        return False
    return not day or any(form.fullmatch(day) for form in (_NUMBERED, _DAY_MONTH, _MONTH_DAY))


def is_day(cell: Cell) -> bool:
    """Tell whether a cell is a date without a time of day."""
    if isinstance(cell, str):
        text = cell.strip()
        return is_date(text) and ":" not in text
    return isinstance(cell, date) and not isinstance(cell, datetime)


def is_clock(cell: Cell) -> bool:
    """Tell whether a cell is a time of day without a date."""
    return isinstance(cell, time) or (isinstance(cell, str) and _CLOCK.fullmatch(cell.strip()) is not None)


def with_clock(day: Cell, clock: Cell) -> Cell:
    """Return a date and a time of day as one cell."""
    if isinstance(day, date) and isinstance(clock, time):
        return datetime.combine(day, clock)
    return f"{day} {clock}"


def read(cells: Sequence[Cell], rows: Sequence[int], name: str, answers: Answers) -> Read:
    """Return the dates of a column of texts. Raises BadTrace with row and column, or asks which is the month."""
    texts = [cell.strip() if isinstance(cell, str) else str(cell or "") for cell in cells]
    first = next((text for text in texts if text), "")
    if _ISO.fullmatch(first):
        return _iso(texts, rows, name)
    day, _ = _split(first)
    if not day:
        return Read(clock_s=_each(texts, rows, name, lambda _: 0), dated=False)
    for form, days in ((_DAY_MONTH, _day_month), (_MONTH_DAY, _month_day)):
        if form.fullmatch(day):
            return Read(clock_s=_each(texts, rows, name, partial(_matched, form, days)))
    if _NUMBERED.fullmatch(day):
        order = _order(texts, name, answers)
        in_order = partial(_matched, _NUMBERED, lambda parts: _days(*(parts[i] for i in order)))
        return Read(clock_s=_each(texts, rows, name, in_order))
    raise wrong(rows[0], name, first, _ALLOWED)


def _iso(texts: list[str], rows: Sequence[int], name: str) -> Read:
    moments = []
    for i, text in enumerate(texts):
        try:
            moments.append(datetime.fromisoformat(text))
        except ValueError:
            moments.append(_other_iso(text, rows[i], name))
    offsets = [moment.utcoffset() for moment in moments]
    if None not in offsets:
        seconds = {offset: offset.total_seconds() for offset in set(offsets) if offset is not None}
        clock = np.array([moment.timestamp() for moment in moments])
        return Read(clock_s=clock, offsets_s=np.array([seconds[offset] for offset in offsets if offset is not None]))
    if any(offset is not None for offset in offsets):
        other = next(i for i, offset in enumerate(offsets) if (offset is None) != (offsets[0] is None))
        raise wrong(rows[other], name, texts[other], "a time zone in every row or in none")
    return Read(clock_s=np.array([moment.replace(tzinfo=UTC).timestamp() for moment in moments]))


def _other_iso(text: str, row: int, name: str) -> datetime:
    """ISO 8601 with a space or a word before the zone: "2026-11-01 00:00:00 +0000 UTC"."""
    tidy = text if len(text) <= _LONGEST else ""
    while (shorter := _ZONE_WORDS.sub("", tidy, count=1)) != tidy and not tidy.endswith("Z"):
        tidy = shorter
    if tidy != text and not re.search(r"[+-]\d{2}:?\d{2}$", tidy[10:]):
        tidy += "Z"
    try:
        return datetime.fromisoformat(tidy)
    except ValueError as error:
        raise wrong(row, name, text, _ALLOWED) from error


def _split(text: str) -> tuple[str, str]:
    """The day and the time of day of a text."""
    colon = text.find(":")
    if colon < 0:
        return text, ""
    begin = max(colon - 2 if text[colon - 2 : colon].isdigit() else colon - 1, 0)
    return text[:begin].rstrip(" ,T"), text[begin:]


def _each(texts: list[str], rows: Sequence[int], name: str, days_of: Callable[[str], int]) -> Floats:
    """The seconds of each text: its day by `days_of`, and its time of day. Both are worked out once for each that
    differs, which is what makes a long file quick.
    """
    days: dict[str, int] = {}
    clocks: dict[str, float] = {"": 0.0}
    values = []
    for i, text in enumerate(texts):
        day, clock = _split(text)
        try:
            if day not in days:
                days[day] = days_of(day)
            if clock not in clocks:
                clocks[clock] = _second(clock)
        except (ValueError, KeyError) as error:
            raise wrong(rows[i], name, text, _ALLOWED) from error
        values.append(days[day] * _DAY_S + clocks[clock])
    return np.array(values, dtype=np.float64)


def _matched(form: re.Pattern[str], days_of: Callable[[tuple[str, ...]], int], day: str) -> int:
    match = form.fullmatch(day)
    if match is None:
        raise ValueError(day)
    return days_of(match.groups())


def _second(clock: str) -> float:
    """The second of the day; raises ValueError when there is no such time."""
    match = _CLOCK.fullmatch(clock)
    if match is None:
        raise ValueError(clock)
    hour, minute, second, fraction, half = match.groups()
    h, m, s = int(hour), int(minute), int(second or 0)
    if half and not 1 <= h <= 12:
        raise ValueError(clock)
    if half:
        h = h % 12 + (12 if half[0] in "pP" else 0)
    if h > 23 or m > 59 or s > 60:
        raise ValueError(clock)
    return h * 3600 + m * 60 + s + (float(f"0.{fraction}") if fraction else 0.0)


def _days(year: str, month: str, day: str) -> int:
    number = int(year)
    return (date(number + 2000 if len(year) == 2 else number, int(month), int(day)) - date(1970, 1, 1)).days


def _day_month(parts: tuple[str, ...]) -> int:
    return _days(parts[2], str(MONTHS.index(parts[1].lower()) + 1), parts[0])


def _month_day(parts: tuple[str, ...]) -> int:
    return _days(parts[2], str(MONTHS.index(parts[0].lower()) + 1), parts[1])


def _order(texts: list[str], name: str, answers: Answers) -> tuple[int, int, int]:
    """Which of the parts are year, month and day; the mark between them stands at 1."""
    day_first, month_first = (3, 2, 0), (3, 0, 2)
    options = (Option("day-first", "the day comes first"), Option("month-first", "the month comes first"))
    answer = chosen(answers, "dates", options)
    different = {text[:10]: None for text in texts}
    days = [match.groups() for day in different if (match := _NUMBERED.match(day)) is not None]
    if all(len(parts[0]) == 4 for parts in days):
        return (0, 2, 3)
    if answer:
        return day_first if answer == "day-first" else month_first
    if any(int(parts[0]) > 12 for parts in days) or days[0][1] == ".":
        return day_first
    if any(int(parts[2]) > 12 for parts in days):
        return month_first
    raise ask("dates", f"Which comes first in the dates of column {name}, such as {texts[0]!r}?", options)
