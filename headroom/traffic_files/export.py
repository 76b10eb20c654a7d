"""An export before anybody knows what its columns mean: names, rows, and what its format says about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any, Literal, NamedTuple

Cell = str | float | date | time | None
"""A text as it stands in a file, or a value where the format has types. `datetime` is a `date`."""

Unit = Literal["", "count", "per-second", "per-minute", "total"]
"""What a value is: requests in the bin, a rate, or a counter that only grows. "" is not known."""


class Columns(NamedTuple):
    """Some columns of an export, cell by cell, and the row of the file that each cell stands in."""

    rows: Sequence[int]
    cells: list[list[Cell]]


@dataclass(frozen=True, kw_only=True)
class Export:
    """A file as names and rows. sample: its first rows. read: gives all cells of the columns of these numbers.

    time, value: the numbers of the columns that the format itself names; value None: not said; -1: each row is one
    request. unit, zone, bin_s: what the format says about them. series: the number of the column that says which
    series a row belongs to, where a file holds several one below the other. delimiter: what stands between the cells
    of a text.
    """

    format: str
    names: tuple[str, ...]
    sample: list[list[Cell]]
    read: Callable[[Sequence[int]], Columns]
    time: int | None = None
    value: int | None = None
    unit: Unit = ""
    zone: str = ""
    bin_s: float = 0.0
    series: int | None = None
    delimiter: str = ""
    notes: tuple[str, ...] = ()

    def named(self, name: str) -> int | None:
        """Return the number of the column of this name, however it is written; None when there is none."""
        wanted = name.strip().casefold()
        return next((i for i, own in enumerate(self.names) if own.strip().casefold() == wanted), None)


def in_memory(
    rows: list[list[Any]], first_row: int = 1, cell: Callable[[Any], Cell] = lambda value: value
) -> Callable[[Sequence[int]], Columns]:
    """Return what reads columns of rows that are held in memory; the first of them is row `first_row` of the file.

    cell: makes a cell of what the rows hold.
    """

    def read(wanted: Sequence[int]) -> Columns:
        cells: list[list[Cell]] = [[cell(row[i]) if i < len(row) else None for row in rows] for i in wanted]
        return Columns(range(first_row, first_row + len(rows)), cells)

    return read


def filtered(export: Export, column: int, value: str) -> Export:
    """Return the export with those rows only that have this text in this column."""
    sample = [row for row in export.sample if row[column : column + 1] == [value]]

    def read(wanted: Sequence[int]) -> Columns:
        rows, (kinds, *cells) = export.read([column, *wanted])
        kept = [i for i, kind in enumerate(kinds) if kind == value]
        return Columns([rows[i] for i in kept], [[column[i] for i in kept] for column in cells])

    return replace(export, sample=sample, read=read, series=None)
