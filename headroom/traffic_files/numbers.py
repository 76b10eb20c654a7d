"""Numbers as people write them: thousands separators, decimal commas, units behind them, gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headroom.errors import BadTrace
from headroom.traffic_files.export import Cell, Unit
from headroom.traffic_files.questions import Answers, Option, ask, chosen

Floats = NDArray[np.float64]

MISSING = frozenset(("", "nan", "null", "none", "undefined", "n/a", "-", "#n/a"))
_PLAIN = frozenset("0123456789.eE+-")
_SPACES = str.maketrans("", "", " \u00a0\u202f'\u2019")
_NUMBER = re.compile(r"([-+]?[0-9][0-9.,]*(?:[eE][-+]?[0-9]+)?)([A-Za-z\u00b5%/]*)")
_TIMES = {"": 1.0, "k": 1e3, "mil": 1e6, "m": 1e6, "bil": 1e9, "b": 1e9, "g": 1e9}
_UNITS: dict[str, Unit] = {
    "/s": "per-second", "req/s": "per-second", "reqps": "per-second", "rps": "per-second", "ops/s": "per-second",
    "c/s": "per-second", "cps": "per-second", "ops": "per-second", "req/m": "per-minute", "rpm": "per-minute",
    "/min": "per-minute", "c/m": "per-minute", "req": "count", "requests": "count",
}  # fmt: skip
_SCALED = re.compile(r"(k|mil|m|bil|b|g|)(.*)", re.IGNORECASE)
_GROUPED = re.compile(r"[-+]?[1-9][0-9]{0,2}([.,][0-9]{3})+(?![0-9.,])")


def is_number(cell: Cell) -> bool:
    """Tell whether a cell is a number, with or without a unit."""
    if isinstance(cell, float | int):
        return True
    return isinstance(cell, str) and _parts(cell) is not None


def is_missing(cell: Cell) -> bool:
    """Tell whether a cell says that there is no value."""
    return cell is None or (isinstance(cell, str) and cell.strip().casefold() in MISSING)


def unit_in(cells: Sequence[Cell]) -> Unit:
    """Return the unit that stands behind the numbers, such as "req/s"; "" when there is none that says it."""
    for cell in cells:
        parts = _parts(cell) if isinstance(cell, str) else None
        if parts is not None and parts[2]:
            return parts[2]
    return ""


def numbers(cells: Sequence[Cell], rows: Sequence[int], name: str, delimiter: str, answers: Answers) -> Floats:
    """Return the numbers of a column; NaN where a cell is empty. Raises BadTrace with row and column, or asks whether
    a comma or a point is the decimal mark.
    """
    if all(isinstance(cell, float | int) for cell in cells):
        return np.array(cells, dtype=np.float64)
    texts = ["" if cell is None else cell if isinstance(cell, str) else repr(cell) for cell in cells]
    plain = _plain(texts)
    if plain is not None and not _may_be_grouped(texts, delimiter):
        return plain
    mark = _mark(texts, delimiter, answers)
    gaps = [i for i, text in enumerate(texts) if is_missing(text)]
    tidy = _without_marks("\n".join(texts), mark).split("\n")
    if len(tidy) == len(texts):
        for i in gaps:
            tidy[i] = "0"
        plain = _plain(tidy)
        if plain is not None:
            plain[gaps] = np.nan
            return plain
    return np.array([_value(text, rows[i], name, mark) for i, text in enumerate(texts)])


def _without_marks(text: str, mark: str) -> str:
    """Numbers with a point as the decimal mark and nothing between thousands."""
    return text.translate(_SPACES).replace("." if mark == "," else ",", "").replace(",", ".")


def _plain(texts: list[str]) -> Floats | None:
    """The numbers where nothing but plain numbers stands in the column."""
    if not set("".join(texts)) <= _PLAIN or "" in texts:
        return None
    try:
        values = np.array(texts, dtype=np.float64)
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


def _may_be_grouped(texts: list[str], delimiter: str) -> bool:
    """Whether points may separate thousands: every number with a point has three digits behind it."""
    if delimiter not in (";", "\t"):
        return False
    dotted = [text for text in texts if "." in text]
    return bool(dotted) and all(_GROUPED.match(text) for text in dotted)


def _mark(texts: list[str], delimiter: str, answers: Answers) -> str:
    """The decimal mark of a column: "." or ","."""
    options = (Option("point", "1,234.5: a point is the decimal mark"), Option("comma", "1.234,5: a comma is"))
    answer = chosen(answers, "decimals", options)
    if answer:
        return "." if answer == "point" else ","
    both = next((text for text in texts if "," in text and "." in text), "")
    if both:
        return "," if both.rindex(",") > both.rindex(".") else "."
    stripped = [text.translate(_SPACES) for text in texts if "," in text or "." in text]
    marks = [mark for mark in ",." if any(mark in text for text in stripped)]
    if len(marks) != 1:
        return "."
    other = "." if marks[0] == "," else ","
    if not all(_GROUPED.match(text) for text in stripped):
        return marks[0]
    if delimiter == "," or any(text.count(marks[0]) > 1 for text in stripped):
        return other
    raise ask("decimals", f"Is {stripped[0]!r} above or below one thousand? Which is the decimal mark?", options)


def _parts(text: str) -> tuple[str, float, Unit] | None:
    """The number as it stands there, what its suffix multiplies it by, and its unit; None when it is no number."""
    match = _NUMBER.fullmatch(text.translate(_SPACES).strip())
    if match is None:
        return None
    number, suffix = match[1], match[2].casefold()
    if suffix in _UNITS:
        return number, 1.0, _UNITS[suffix]
    scaled = _SCALED.fullmatch(suffix)
    if scaled is None or (scaled[2] and scaled[2] not in _UNITS):
        return None
    return number, _TIMES[scaled[1]], _UNITS.get(scaled[2], "")


def _value(text: str, row: int, name: str, mark: str) -> float:
    if is_missing(text):
        return float("nan")
    parts = _parts(text)
    if parts is not None:
        number, times, _ = parts
        try:
            value = float(_without_marks(number, mark)) * times
        except ValueError:
            value = float("inf")
        if np.isfinite(value):
            return value
    raise wrong(row, name, text, "a number")


def wrong(row: int, name: str, given: Cell, allowed: str) -> BadTrace:
    """Return the error for a cell: where it is, what was given and what is allowed."""
    text = "" if given is None else str(given)
    short = text if len(text) <= 60 else text[:57] + "..."
    return BadTrace(f"row {row}, column {name}: given {short!r}; allowed: {allowed}.")
