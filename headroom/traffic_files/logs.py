"""Access logs, one line a request: Apache and nginx (common and combined), Application and Classic Load Balancer.

Only the time of a line is wanted, so a search for it serves better than a parser of whole lines (apachelogs takes
26 us a line, this 1 us) and takes every log format that has the time in brackets.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from headroom.errors import BadTrace
from headroom.traffic_files.dates import MONTHS
from headroom.traffic_files.export import Cell, Columns, Export
from headroom.traffic_files.limits import MAX_ROWS, SMALLER
from headroom.traffic_files.text import TextFile

_APACHE = re.compile(r"\[(\d\d/[A-Z][a-z]{2}/\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\]")
_APACHE_LINE = re.compile(r"\S+ \S+ .{1,200}?\[\d\d/[A-Z][a-z]{2}/\d{4}:")
_ISO = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z)"
_BALANCER_LINE = re.compile(rf"(?:(?:https?|h2|grpcs|wss?) )?{_ISO} \S+ \S+:\d+ ")
_CREATED = re.compile(rf' (?:\d+|-1|-) {_ISO} "')
_LOOKED_AT = 20
_LEFT_OUT = 0.05
"""Lines without a time that may be left out: part of all."""


def read_log(text: TextFile) -> Export | None:
    """Return the export that an access log is; None when the text is none."""
    head = text.head(_LOOKED_AT)
    for words, line_form in (("access log of Apache or nginx", _APACHE_LINE), ("access log of a load balancer", None)):
        form = line_form or _BALANCER_LINE
        if head and sum(form.match(line) is not None for line in head) > len(head) / 2:
            return _export(text, words, apache=line_form is not None)
    return None


def _export(text: TextFile, words: str, *, apache: bool) -> Export:
    def read(wanted: Sequence[int]) -> Columns:
        rows, cells = _apache(text) if apache else _balancer(text)
        return Columns(rows, [cells for _ in wanted])

    return Export(format=words, names=("time",), sample=[], read=read, time=0, value=-1)


def _apache(text: TextFile) -> tuple[Sequence[int], list[Cell]]:
    """The moment of each line as an ISO text, which is read as those of any other file."""
    rows, cells = array("L"), list[Cell]()
    days: dict[str, str] = {}
    lost = 0
    for number, line in _lines(text):
        match = _APACHE.search(line)
        if match is None:
            lost += 1
            continue
        day = days.get(match[1])
        if day is None:
            day = days[match[1]] = _iso_day(match[1], number)
        rows.append(number)
        cells.append(f"{day}T{match[2]}:{match[3]}:{match[4]}{match[5]}{match[6]}:{match[7]}")
    _check(lost, len(rows))
    return rows, cells


def _balancer(text: TextFile) -> tuple[Sequence[int], list[Cell]]:
    """When the load balancer received each request; the first time of a line is when it had answered."""
    rows, cells = array("L"), list[Cell]()
    lost = 0
    for number, line in _lines(text):
        match = _BALANCER_LINE.match(line)
        if match is None:
            lost += 1
            continue
        created = _CREATED.search(line, match.end())
        rows.append(number)
        cells.append(created[1] if created is not None else match[1])
    _check(lost, len(rows))
    return rows, cells


def _lines(text: TextFile) -> Iterator[tuple[int, str]]:
    lines = ((number, line) for number, line in enumerate(text.lines(), 1) if line.strip() and line[0] != "#")
    return islice(lines, MAX_ROWS + 1)


def _iso_day(text: str, row: int) -> str:
    day, month, year = text.split("/")
    try:
        return date(int(year), MONTHS.index(month.lower()) + 1, int(day)).isoformat()
    except ValueError as error:
        raise BadTrace(f"row {row}: given the day {text!r}; allowed: a day that exists.") from error


def _check(lost: int, kept: int) -> None:
    if kept + lost > MAX_ROWS:
        raise BadTrace(f"given more than {MAX_ROWS:,} lines; allowed: at most that many. {SMALLER}")
    if lost > _LEFT_OUT * (kept + lost):
        raise BadTrace(f"given {lost:,} of {kept + lost:,} lines without a time; allowed: a time in every line.")
