"""Text in columns: CSV with commas, semicolons or tabs, with or without a header, and with lines above it."""

from __future__ import annotations

import csv
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headroom.errors import BadTrace
from headroom.traffic_files.export import Cell, Columns, Export
from headroom.traffic_files.limits import MAX_COLUMNS, MAX_ROWS, SMALLER
from headroom.traffic_files.numbers import is_missing, is_number
from headroom.traffic_files.text import TextFile
from headroom.traffic_files.times import is_time

_SAMPLE = 100
_DELIMITERS = "\t;|,"
_LABELS = ("full label", "label")  # of the console of CloudWatch: names stand in the first row, ids and Regions below


@dataclass(frozen=True, kw_only=True)
class Delimited:
    """The rows of a text below its header. above: the number of the last line of the header."""

    text: TextFile
    delimiter: str
    above: int

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield line number and cells of each row below the header; raises BadTrace when there are too many."""
        found = 0
        for number, cells in _rows(self.text, self.delimiter):
            if number <= self.above:
                continue
            found += 1
            if found > MAX_ROWS:
                raise BadTrace(f"given more than {MAX_ROWS:,} rows; allowed: at most that many. {SMALLER}")
            yield number, cells

    def read(self, wanted: Sequence[int]) -> Columns:
        """Return the cells of some columns; a row that ends early has none there."""
        numbers = array("L")
        columns: list[list[Cell]] = [[] for _ in wanted]
        for number, cells in self.rows():
            numbers.append(number)
            for column, index in zip(columns, wanted, strict=True):
                column.append(cells[index].strip() if index < len(cells) else "")
        return Columns(numbers, columns)


def read_delimited(text: TextFile) -> Export:
    """Return the export that a text in columns holds; raises BadTrace when it has no rows."""
    head = text.head(_SAMPLE)
    delimiter = _delimiter(head) if head else ","
    rows = [row for row, _ in zip(_rows(text, delimiter), range(_SAMPLE), strict=False)]
    if not rows:
        raise BadTrace("row 1: given nothing; allowed: a header with the names of the columns, such as time,requests.")
    begin = _first_data(rows)
    if begin == len(rows):
        raise BadTrace(f"row {rows[-1][0]}: given no row below the header with a time and a number; allowed: some.")
    names, is_console = _names(rows[:begin], rows[begin:])
    above = rows[begin - 1][0] if begin else 0
    content = Delimited(text=text, delimiter=delimiter, above=above)
    return Export(
        format="CSV of the CloudWatch console" if is_console else f"{_words(delimiter)}",
        names=names,
        sample=[list[Cell](cells) for _, cells in rows[begin:]],
        read=content.read,
        delimiter=delimiter,
    )


def _rows(text: TextFile, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with something in them, and the numbers of their lines."""
    lines = text.lines()
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if len(cells) > MAX_COLUMNS:
                raise BadTrace(f"row {reader.line_num}: given {len(cells):,} columns; allowed: at most {MAX_COLUMNS}.")
            if any(cells) and any(map(str.strip, cells)) and not (len(cells) <= 2 and cells[0].startswith("sep=")):
                yield reader.line_num, cells
    except csv.Error as error:
        raise BadTrace(f"row {reader.line_num}: given a row that is not CSV ({error}).") from error


def _delimiter(head: list[str]) -> str:
    """What separates the cells: as a line `sep=` says, else what stands equally often in most lines."""
    if head[0].startswith("sep=") and len(head[0]) >= 5:
        return head[0][4]
    lines = head[len(head) // 2 :]
    for delimiter in _DELIMITERS:
        counts = Counter(_outside_quotes(line).count(delimiter) for line in lines)
        usual, times = counts.most_common(1)[0]
        if usual and times >= 0.8 * len(lines):
            return delimiter
    return ","


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _first_data(rows: list[tuple[int, list[str]]]) -> int:
    """The number of the first row of data: that has a time or a number where the rows at the end have one."""
    last = rows[-1][1]
    typed = [i for i, cell in enumerate(last) if is_time(cell)] or [i for i, cell in enumerate(last) if is_number(cell)]
    for begin, (_, cells) in enumerate(rows):
        if typed and typed[0] < len(cells) and _same_kind(cells[typed[0]], last[typed[0]]):
            return begin
    return len(rows)


def _same_kind(cell: str, other: str) -> bool:
    return is_time(cell) if is_time(other) else is_number(cell)


def _names(above: list[tuple[int, list[str]]], data: list[tuple[int, list[str]]]) -> tuple[tuple[str, ...], bool]:
    """The names of the columns, and whether the console of CloudWatch wrote them; "" for a column without values."""
    width = max(len(cells) for _, cells in data)
    is_console = bool(above) and above[0][1][0].strip().casefold() in _LABELS
    cells = above[0 if is_console else -1][1] if above else []
    names: list[str] = []
    for i in range(width):
        name = cells[i].strip() if i < len(cells) else ""
        if not name and all(is_missing(row[i] if i < len(row) else "") for _, row in data):
            names.append("")
            continue
        name = name or f"column {i + 1}"
        names.append(name if name not in names else f"{name} ({i + 1})")
    return tuple(names), is_console


def _words(delimiter: str) -> str:
    return {",": "CSV", ";": "CSV with semicolons", "\t": "text with tabs"}.get(delimiter, f"CSV with {delimiter!r}")
