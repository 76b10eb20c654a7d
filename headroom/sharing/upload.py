"""A trace that a user brings: bytes of a CSV file, perhaps packed with gzip, become counts or arrival times.

Every limit is checked before the work that it limits, so a file made to do harm costs no more than a large honest one.
Row 1 is the header, as in a spreadsheet.
"""

from __future__ import annotations

import csv
import io
import math
import zlib
from collections.abc import Iterator
from itertools import pairwise

from headroom.errors import BadTrace
from simulator.traffic.kinds import DAY_S, MAX_TRACE_ROWS, Counts, Timestamps

MAX_PACKED_BYTES = 20 * 2**20
MAX_TEXT_BYTES = 64 * 2**20
MAX_COUNT = 10**9
MAX_TIME_S = 1e9
_GZIP = b"\x1f\x8b"
_LAYOUTS = "a header of t_s,requests (counts per bin) or t_s (arrival times), commas between columns"
_SAME = 0.01  # two spacings are the same if they differ by less than this share of a bin: stamps may be rounded
_MIN_BIN_S = 0.1
_MAX_LINE = 1_000
_SMALLER = "Count the arrivals per minute, or send a part of the trace."


def read_trace(data: bytes, filename: str) -> Counts | Timestamps:
    """Return the traffic of an uploaded CSV file. Raises BadTrace, which names row, column, value and what is allowed.

    A file with columns `t_s,requests` gives counts per bin; bins follow each other without a gap, and the first may
    begin at any time. A file with the column `t_s` gives arrival times in seconds, which never fall.
    """
    try:
        return _read(data)
    except BadTrace as problem:
        raise BadTrace(f"{filename}: {problem}") from problem


def _read(data: bytes) -> Counts | Timestamps:
    if len(data) > MAX_PACKED_BYTES:
        raise BadTrace(f"given {_mb(len(data))}; allowed: at most {_mb(MAX_PACKED_BYTES)}. {_SMALLER}")
    text = _unpack(data) if data.startswith(_GZIP) else data
    if len(text) > MAX_TEXT_BYTES:
        raise BadTrace(f"given {_mb(len(text))} of text; allowed: at most {_mb(MAX_TEXT_BYTES)}. {_SMALLER}")
    columns = _columns(_decode(text))
    if "requests" in columns:
        return _counts(columns["t_s"], columns["requests"])
    return _timestamps(columns["t_s"])


def _mb(size: int) -> str:
    return f"{size / 2**20:,.1f} MB"


def _unpack(data: bytes) -> bytes:
    """All members of a gzip file, never more than the limit and a byte."""
    parts: list[bytes] = []
    room = MAX_TEXT_BYTES + 1
    while data:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            part = unpacker.decompress(data, max_length=room)
        except zlib.error as error:
            raise BadTrace(f"given a gzip file that is damaged ({error}); allowed: CSV or CSV.gz.") from error
        parts.append(part)
        room -= len(part)
        if room <= 0:
            allowed = f"at most {_mb(MAX_TEXT_BYTES)} when unpacked"
            raise BadTrace(f"given a gzip file that unpacks to more than that; allowed: {allowed}. {_SMALLER}")
        if not unpacker.eof:
            raise BadTrace("given a gzip file that ends too early; allowed: a whole file. Send it again.")
        data = unpacker.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        given = f"byte 0x{data[error.start]:02x}"
        raise BadTrace(f"row {row}: given {given}; allowed: text in UTF-8. Save the file as CSV in UTF-8.") from error


def _columns(text: str) -> dict[str, list[str]]:
    """The cells of each column, without spaces around them."""
    rows = _rows(text)
    header = next(rows, [])
    if header not in (["t_s"], ["t_s", "requests"], ["requests", "t_s"]):
        raise BadTrace(f"row 1: given {_short(','.join(header))}; allowed: {_LAYOUTS}.")
    cells = _body(rows)
    for row, values in enumerate(cells, 2):
        if len(values) != len(header):
            raise BadTrace(
                f"row {row}: given {len(values)} values; allowed: {len(header)}, one for each of {', '.join(header)}."
            )
    return {name: [values[column] for values in cells] for column, name in enumerate(header)}


def _body(rows: Iterator[list[str]]) -> list[list[str]]:
    """The rows below the header; empty rows are allowed at the end only."""
    cells: list[list[str]] = []
    empty = 0
    for row, values in enumerate(rows, 2):
        if not any(values):
            empty = empty or row
        elif empty:
            raise BadTrace(f"row {empty}: given an empty row; allowed: empty rows at the end only. Delete it.")
        elif len(cells) == MAX_TRACE_ROWS:
            raise BadTrace(f"given more than {MAX_TRACE_ROWS:,} rows; allowed: at most that many. {_SMALLER}")
        else:
            cells.append(values)
    if not cells:
        raise BadTrace("given no row below the header; allowed: at least one.")
    return cells


def _rows(text: str) -> Iterator[list[str]]:
    reader = csv.reader(_lines(text), strict=True)
    try:
        for cells in reader:
            yield [cell.strip() for cell in cells]
    except csv.Error as error:
        raise BadTrace(f"row {reader.line_num}: given a row that is not CSV ({error}); allowed: {_LAYOUTS}.") from error


def _lines(text: str) -> Iterator[str]:
    for row, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > _MAX_LINE:
            raise BadTrace(f"row {row}: given {len(line):,} characters; allowed: at most {_MAX_LINE:,}, {_LAYOUTS}.")
        yield line


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _number(text: str, row: int, column: str, allowed: str) -> float:
    """A plain number. float() also takes nan, inf, 1_000 and digits of other scripts: those are refused."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in text or not text.isascii():
        raise _wrong(row, column, text, allowed)
    return number


def _wrong(row: int, column: str, given: str, allowed: str) -> BadTrace:
    return BadTrace(f"row {row}, column {column}: given {_short(given) if given else 'nothing'}; allowed: {allowed}.")


def _timestamps(cells: list[str]) -> Timestamps:
    allowed = f"a time from 0 to {MAX_TIME_S:,.0f} seconds (take the first time away from all, if they are dates)"
    times = [_number(cell, row, "t_s", allowed) for row, cell in enumerate(cells, 2)]
    for row, time in enumerate(times, 2):
        if not 0 <= time <= MAX_TIME_S:
            raise _wrong(row, "t_s", cells[row - 2], allowed)
    for row, (before, after) in enumerate(pairwise(times), 3):
        if after < before:
            raise _wrong(row, "t_s", cells[row - 2], f"at least {before:.12g}, the time above it: sort the rows")
    return Timestamps(t_s=tuple(times))


def _counts(time_cells: list[str], count_cells: list[str]) -> Counts:
    allowed = f"a whole number from 0 to {MAX_COUNT:,}"
    counts = []
    for row, cell in enumerate(count_cells, 2):
        count = _number(cell, row, "requests", allowed)
        if not 0 <= count <= MAX_COUNT or not count.is_integer():
            raise _wrong(row, "requests", cell, allowed)
        counts.append(int(count))
    times = [_number(cell, row, "t_s", "a time in seconds") for row, cell in enumerate(time_cells, 2)]
    bin_s = _bin_s(times, time_cells)
    if not any(counts):
        raise BadTrace("column requests: given only zeros; allowed: at least one count above 0.")
    return Counts(bin_s=bin_s, requests=tuple(counts))


def _bin_s(times: list[float], cells: list[str]) -> float:
    """The spacing that all rows share."""
    steps = [after - before for before, after in pairwise(times)]
    if not steps:
        raise BadTrace(
            "column t_s: given one row; allowed: two or more, because their distance is the length of a bin."
        )
    # Most steps are right even where some bins are missing.
    usual = sorted(steps)[len(steps) // 2]
    for row, step in enumerate(steps, 3):
        if step <= 0:
            raise _wrong(row, "t_s", cells[row - 2], f"above {times[row - 3]:.12g}, the time above it: sort the rows")
        if abs(step - usual) > _SAME * usual:
            raise _uneven(row, times[row - 3], usual, cells[row - 2])
    bin_s = round((times[-1] - times[0]) / len(steps), 9)
    if not _MIN_BIN_S <= bin_s <= DAY_S:
        raise BadTrace(f"column t_s: given bins of {bin_s:g} s; allowed: {_MIN_BIN_S:g} to {DAY_S:,.0f} s.")
    return bin_s


def _uneven(row: int, before: float, usual: float, given: str) -> BadTrace:
    expected = f"{before + usual:.12g}, one bin of {usual:.12g} s after the row above"
    return _wrong(row, "t_s", given, f"{expected}; if that bin is missing, add it, with 0 requests if none came")
