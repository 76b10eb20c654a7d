"""Reading a traffic file: bytes and the user's answers in, the traffic or a question out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from headroom.errors import BadTrace
from headroom.traffic_files import columns
from headroom.traffic_files.delimited import read_delimited
from headroom.traffic_files.export import Cell, Export, filtered
from headroom.traffic_files.json_files import read_json
from headroom.traffic_files.limits import MAX_FILE_BYTES, SMALLER, megabytes
from headroom.traffic_files.logs import read_log
from headroom.traffic_files.numbers import numbers
from headroom.traffic_files.questions import ALL, MAX_OPTIONS, Answers, Asked, Option, ask, chosen
from headroom.traffic_files.reading import TrafficReading, Understood, reading_of
from headroom.traffic_files.recognise import may_be_cut, recognised
from headroom.traffic_files.series import from_arrivals, from_values, on_a_grid
from headroom.traffic_files.text import TextFile
from headroom.traffic_files.times import Moments, moments
from headroom.traffic_files.workbook import ZIP, read_workbook

NO_ANSWERS = Answers()
_UNIT_WORDS = {
    "per-second": "values are requests a second",
    "per-minute": "values are requests a minute",
    "total": "values are a counter",
}


def read_traffic(
    data: bytes, filename: str, answers: Answers = NO_ANSWERS, progress: Callable[[float], None] = lambda _: None
) -> Understood:
    """Return the traffic of a file, or the question that it leaves open. Raises BadTrace, which says where, what was
    given and what is allowed. progress: is called with the share of the work that is done.
    """
    try:
        return Understood(reading=_read(data, answers, progress))
    except Asked as asked:
        return Understood(question=asked.question)
    except BadTrace as problem:
        raise BadTrace(f"{filename}: {problem}") from problem


def _read(data: bytes, answers: Answers, progress: Callable[[float], None]) -> TrafficReading:
    if len(data) > MAX_FILE_BYTES:
        raise BadTrace(f"given {megabytes(len(data))}; allowed: at most {megabytes(MAX_FILE_BYTES)}. {SMALLER}")
    export = _one_series(recognised(_export(data, answers)), answers)
    progress(0.2)
    time = columns.time_column(export, answers)
    values = columns.value_columns(export, time, answers)
    rows, (times, *cells) = export.read([time, *(values or ())])
    progress(0.5)
    when = _moments(export, time, times, rows, answers)
    progress(0.7)
    if values is None and on_a_grid(when.clock_s):
        raise columns.ask_value_column(export, time)
    if not values:  # none, or at uneven times, where nothing but a request a row is possible
        return reading_of(from_arrivals(when, rows), when, export.format, _notes(export, rows))
    return _of_values(export, values, when, rows, cells, answers)


def _export(data: bytes, answers: Answers) -> Export:
    if data.startswith(ZIP):
        return read_workbook(data, answers)
    text = TextFile(data)
    return read_json(text, answers) or read_log(text) or read_delimited(text)


def _one_series(export: Export, answers: Answers) -> Export:
    """The rows of one series, where a file holds several one below the other; asks which."""
    if export.series is None:
        return export
    _, (cells,) = export.read([export.series])
    names = list(dict.fromkeys(str(cell) for cell in cells))
    options = (*(Option(name, name) for name in names[:MAX_OPTIONS]), ALL)
    answer = chosen(answers, "series", options)
    if len(names) == 1 or answer == ALL.value:
        return export
    if not answer:
        raise ask("series", f"The file holds {len(names)} series. Which one is the traffic?", options)
    return filtered(export, export.series, answer)


def _moments(export: Export, time: int, cells: list[Cell], rows: Sequence[int], answers: Answers) -> Moments:
    return moments(cells, rows, export.names[time], export.delimiter, export.zone, answers)


def _of_values(
    export: Export,
    columns_read: Sequence[int],
    when: Moments,
    rows: Sequence[int],
    cells: list[list[Cell]],
    answers: Answers,
) -> TrafficReading:
    """The trace of a column of values, or of several added."""
    names = [export.names[i] for i in columns_read]
    each = [numbers(column, rows, name, export.delimiter, answers) for column, name in zip(cells, names, strict=True)]
    values = each[0] if len(each) == 1 else np.nansum(each, axis=0)
    unit = columns.unit_of(names[0], cells[0], export, answers)
    known = values[np.isfinite(values)]
    if not unit and (known != np.rint(known)).any():
        raise columns.ask_unit(names[0], known.tolist())
    if unit == "total" and answers.series == ALL.value:
        raise BadTrace("series: given all, of counters that only grow; allowed: one of them.")
    series = from_values(when, values, rows, names[0], unit or "count", export.bin_s)
    said = f"column {names[0]!r}" if len(names) == 1 else f"{len(names)} columns added"
    notes = (*_notes(export, rows), said, *([_UNIT_WORDS[unit]] if unit in _UNIT_WORDS else []))
    return reading_of(series, when, export.format, notes)


def _notes(export: Export, rows: Sequence[int]) -> tuple[str, ...]:
    cut = may_be_cut(export, len(rows))
    return (*export.notes, cut) if cut else export.notes
