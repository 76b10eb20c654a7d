"""Excel workbooks (xlsx), read by calamine after a look at how large they are when unpacked.

calamine lays a sheet out as a whole, so two cells far apart would take all memory: the places of the cells are counted
before it sees the file.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import date, time, timedelta
from typing import Any, NoReturn
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

from headroom.errors import BadTrace
from headroom.traffic_files.export import Cell, Export, in_memory
from headroom.traffic_files.limits import MAX_COLUMNS, MAX_ROWS, MAX_SHEET_BYTES, MAX_SHEET_CELLS, SMALLER, megabytes
from headroom.traffic_files.numbers import is_missing, is_number
from headroom.traffic_files.questions import Answers, Option, ask, chosen
from headroom.traffic_files.times import is_time

ZIP = b"PK\x03\x04"
_MAX_PARTS = 1_000
_CHUNK = 64 * 1024
_LETTERS = {letter: number for number, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1)}


def read_workbook(data: bytes, answers: Answers) -> Export:
    """Return the export that a sheet of a workbook holds; asks which sheet where several hold a table."""
    _check(data)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        tables = {name: _table(workbook, name) for name in workbook.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        _refuse(str(error))
    filled = [name for name, rows in tables.items() if len(rows) > 1]
    options = tuple(Option(name, name) for name in filled)
    sheet = chosen(answers, "sheet", options) or (filled[0] if filled else "")
    if not filled:
        raise BadTrace("given a workbook without a table; allowed: a sheet with a time and a number in each row.")
    if len(filled) > 1 and not answers.sheet:
        raise ask("sheet", "The workbook has several sheets. Which one holds the traffic?", options)
    return _export(tables[sheet])


def _check(data: bytes) -> None:
    """Unpack every part once, to know what it costs; count the cells of the sheets and the area that they span."""
    left = MAX_SHEET_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if "xl/workbook.xml" not in parts.namelist():
                raise BadTrace(
                    "given a zip file that is no xlsx workbook; allowed: the file itself, or packed by gzip."
                )
            if len(parts.infolist()) > _MAX_PARTS:
                raise BadTrace(f"given a workbook of more than {_MAX_PARTS:,} parts; allowed: fewer.")
            for info in parts.infolist():
                places = _Places() if "/worksheets/" in info.filename and info.filename.endswith(".xml") else None
                with parts.open(info) as part:
                    while chunk := part.read(_CHUNK):
                        left -= len(chunk)
                        if left < 0:
                            allowed = f"at most {megabytes(MAX_SHEET_BYTES)} when unpacked. Save the sheet as CSV"
                            raise BadTrace(f"given a workbook of more than that; allowed: {allowed}.")
                        if places is not None:
                            places.feed(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, expat.ExpatError) as error:
        _refuse(str(error))


def _refuse(why: str) -> NoReturn:
    raise BadTrace(f"given a workbook that cannot be read ({why}). Save the sheet as CSV.")


class _Places:
    """How large the area is that the cells of a sheet span, while its XML goes by."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._begin
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._letters: dict[str, int] = {}
        self._row = self._column = self._last_row = self._last_column = self._cells = 0

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk)

    def _doctype(self, *_: Any) -> None:
        _refuse("a document type, which no spreadsheet writes")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c" or name.endswith(":c"):
            place = attributes.get("r", "")
            letters = place.rstrip("0123456789")
            self._row = _whole(place[len(letters) :]) or self._row
            column = self._letters.get(letters)
            if column is None:
                column = self._letters[letters] = _column(letters)
            self._column = column or self._column + 1
            self._cells += 1
            if self._row <= self._last_row and self._column <= self._last_column and self._cells <= MAX_SHEET_CELLS:
                return
            self._last_row, self._last_column = max(self._last_row, self._row), max(self._last_column, self._column)
            area = self._last_row * self._last_column
            if max(area, self._cells) > MAX_SHEET_CELLS or self._last_column > MAX_COLUMNS or self._last_row > MAX_ROWS:
                given = f"{self._last_row:,} rows and {self._last_column:,} columns"
                allowed = f"{MAX_ROWS:,} rows, {MAX_COLUMNS} columns and {MAX_SHEET_CELLS:,} cells"
                raise BadTrace(f"given a sheet of {given}; allowed: at most {allowed}. {SMALLER}")
        elif name == "row" or name.endswith(":row"):
            self._row = _whole(attributes.get("r", "")) or self._row + 1
            self._column = 0


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _column(letters: str) -> int:
    """The number of a column such as "AB"; 0 for none."""
    column = 0
    for letter in letters[:8].upper():
        column = column * 26 + _LETTERS.get(letter, 0)
    return column


def _table(workbook: CalamineWorkbook, name: str) -> list[list[Any]]:
    sheet = workbook.get_sheet_by_name(name)
    return sheet.to_python(skip_empty_area=False)


def _cell(value: Any) -> Cell:
    if isinstance(value, bool | timedelta):
        return str(value)
    return value if isinstance(value, float | str | date | time) else float(value)


def _export(rows: list[list[Any]]) -> Export:
    """A sheet as an export: its names stand in the last row above the first with a time and a number."""
    begin = next((i for i, row in enumerate(rows) if _is_data(list(map(_cell, row)))), len(rows))
    if begin == len(rows):
        raise BadTrace("given a sheet without a row that has a time and a number; allowed: one or more.")
    above = [row for row in rows[:begin] if not all(map(is_missing, row))]
    heads = above[-1] if above else []
    names: list[str] = []
    for i in range(len(rows[begin])):
        name = str(heads[i]).strip() if i < len(heads) and not is_missing(heads[i]) else ""
        if not name and all(is_missing(row[i]) for row in rows[begin : begin + 100]):
            names.append("")
            continue
        name = name or f"column {i + 1}"
        names.append(name if name not in names else f"{name} ({i + 1})")
    body = [row for row in rows[begin:] if any(cell != "" for cell in row)]
    sample = [list(map(_cell, row)) for row in body[:100]]
    return Export(format="Excel workbook", names=tuple(names), sample=sample, read=in_memory(body, begin + 1, _cell))


def _is_data(row: list[Cell]) -> bool:
    times, numbers = sum(map(is_time, row)), sum(map(is_number, row))
    return bool(times) or numbers >= 2 or (numbers == 1 and sum(not is_missing(cell) for cell in row) == 1)
