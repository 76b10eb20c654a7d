"""Which columns hold the time and the requests: by their names and what stands in them, or by asking."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from headroom.errors import BadTrace
from headroom.traffic_files.export import Cell, Export, Unit
from headroom.traffic_files.numbers import is_missing, is_number, unit_in
from headroom.traffic_files.questions import ALL, Answers, Option, ask, chosen
from headroom.traffic_files.times import is_epoch, is_time, names_unit

ROWS = "rows"
_EACH_ROW = Option(ROWS, "no column: each row is one request")
_TIME_NAMES = re.compile(
    r"(@?time(_?stamp)?|t|date ?time|_time|date|zeit(punkt|stempel)?|datum|start(ed)?(_at|_time)?|created(_at)?)",
    re.IGNORECASE,
)
_EXACT = re.compile(
    r"(http_)?requests?|request[ _]count|invocations?( ?\(sum\))?|count(\(\*?\))?|sum|anfragen|aufrufe|hits|calls|n",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"invocation|request|reqs?\b|anfrage|aufruf|count|\bhits?\b|\bcalls?\b|transactions|quer(y|ies)|messages|orders|[rqt]ps\b"
    r"|throughput|\bsum\b",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"error|fail|latenc|duration|dauer|second|time|\bp\d\d|cpu|memory|user|byte|size|average|\bavg|mean|\bmin\b|\bmax\b|%"
    r"|token|amount|status|code|[45]xx|fehler|_se$|\bid$",
    re.IGNORECASE,
)
_UNITS: tuple[tuple[Unit, re.Pattern[str]], ...] = (
    ("count", re.compile(r"increase\(", re.IGNORECASE)),
    ("per-second", re.compile(r"rate\(|/ ?s(ec)?\b|per[ _]s(ec(ond)?)?\b|[rqt]ps\b", re.IGNORECASE)),
    ("per-minute", re.compile(r"/ ?min\b|per[ _]min(ute)?\b|\brpm\b", re.IGNORECASE)),
    ("total", re.compile(r"_total(\{.*)?$|cumulative", re.IGNORECASE)),
)


def time_column(export: Export, answers: Answers) -> int:
    """Return the number of the column that holds the time; asks where several may. Raises BadTrace where none does."""
    if export.time is not None and not answers.time_column:
        return export.time
    dated = [i for i in _used(export) if _mostly(export, i, is_time)]
    options = tuple(Option(export.names[i], _shown(export, i)) for i in _used(export))
    answer = chosen(answers, "time_column", options)
    if answer:
        return export.names.index(answer)
    if not dated:
        dated = [i for i in _used(export) if _mostly(export, i, _is_epoch_cell)]
    if not dated:
        numeric = [i for i in _used(export) if _mostly(export, i, is_number)]
        dated = [i for i in numeric if names_unit(export.names[i])] or [
            i for i in numeric if _TIME_NAMES.fullmatch(export.names[i])
        ]
        dated = dated or [i for i in numeric[:1] if _rises(export, i) and not _GOOD.search(export.names[i])]
    named = [i for i in dated if _TIME_NAMES.fullmatch(export.names[i])]
    candidates = named[:1] if len(named) == 1 else dated
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        given = ", ".join(repr(name) for name in export.names if name)
        raise BadTrace(
            f"given the columns {given[:300]}; allowed: one of them a time (a date with a time of day, seconds from"
            " the start, or seconds or milliseconds since 1970). If one is, name it as the column of the time."
        )
    options = tuple(Option(export.names[i], _shown(export, i)) for i in candidates)
    raise ask("time_column", "Several columns hold a time. Which one says when the requests came?", options)


def value_columns(export: Export, time: int, answers: Answers) -> tuple[int, ...] | None:
    """Return the numbers of the columns that hold the requests: () where each row is one, None when no name says."""
    numeric = _numeric(export, time)
    answer = chosen(answers, "column", _options(export, numeric))
    if answer == ALL.value:
        return tuple(numeric)
    if answer:
        return () if answer == ROWS else (export.names.index(answer),)
    if export.value is not None:
        return (export.value,) if export.value >= 0 else ()
    if not numeric:
        return ()
    good = [i for i in numeric if not _BAD.search(export.names[i])]
    for fitting in (
        [i for i in numeric if _EXACT.fullmatch(export.names[i].strip())],
        [i for i in good if _GOOD.search(export.names[i])],
        good if len(numeric) == 1 else [],
    ):
        if fitting:
            return (fitting[0],) if len(fitting) == 1 else None
    return None


def ask_value_column(export: Export, time: int) -> Exception:
    """Return the question which column holds the requests."""
    return ask(
        "column",
        "Which column holds the requests?",
        _options(export, _numeric(export, time)),
    )


def unit_of(name: str, cells: Sequence[Cell], export: Export, answers: Answers) -> Unit:
    """Return what a value of this column is, as far as its name, its cells, the format or the user say."""
    options = (
        Option("count", "requests in each bin"),
        Option("per-second", "requests a second"),
        Option("per-minute", "requests a minute"),
        Option("total", "a counter that only grows"),
    )
    answer = chosen(answers, "unit", options)
    if answer:
        return next(unit for unit in _ALL_UNITS if unit == answer)
    if export.unit:
        return export.unit
    return next((unit for unit, form in _UNITS if form.search(name)), "") or unit_in(cells[:100])


def ask_unit(name: str, shown: Sequence[float]) -> Exception:
    """Return the question what the values of a column with fractions are."""
    options = (
        Option("per-second", "requests a second"),
        Option("per-minute", "requests a minute"),
        Option("count", "requests in each bin, with fractions"),
        Option("total", "a counter that only grows"),
    )
    values = ", ".join(f"{value:g}" for value in shown[:3])
    return ask("unit", f"What are the values of {name} ({values}, ...)?", options)


_ALL_UNITS: tuple[Unit, ...] = ("count", "per-second", "per-minute", "total")


def _used(export: Export) -> list[int]:
    return [i for i, name in enumerate(export.names) if name]


def _numeric(export: Export, time: int) -> list[int]:
    """The columns of numbers; one with a few other cells too, which are named when it is read."""
    return [i for i in _used(export) if i != time and _mostly(export, i, is_number, share=0.5)]


def _options(export: Export, numeric: list[int]) -> tuple[Option, ...]:
    each = [Option(export.names[i], _shown(export, i)) for i in numeric]
    return (*each, *([ALL] if len(each) > 1 else []), _EACH_ROW)


def _mostly(export: Export, index: int, test: Callable[[Cell], bool], share: float = 1.0) -> bool:
    """Whether a test holds for this share of the cells of a column in the sample, and it has some."""
    cells = [row[index] for row in export.sample if index < len(row) and not is_missing(row[index])]
    return bool(cells) and sum(map(test, cells)) >= share * len(cells)


def _is_epoch_cell(cell: Cell) -> bool:
    try:
        return is_epoch(float(str(cell)))
    except ValueError:
        return False


def _rises(export: Export, index: int) -> bool:
    try:
        values = [float(str(row[index])) for row in export.sample if index < len(row)]
    except ValueError:
        return False
    return all(before <= after for before, after in pairwise(values))


def _shown(export: Export, index: int) -> str:
    cells = [str(row[index]) for row in export.sample[:3] if index < len(row)]
    return f"{export.names[index]} ({', '.join(cell[:30] for cell in cells)}, ...)"
