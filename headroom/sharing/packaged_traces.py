"""The traces that come with Headroom, read from simulator/data/traces. Where they come from: README.md there.

Each is read when it is first used: all of them together take longer than the rest of what is packaged.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import tomllib
import zlib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Any

from headroom.errors import BadTrace
from simulator.traffic.trace import Trace, as_values

_INDEX = "traces.toml"
_KEYS = {"name", "title", "file", "kind", "column", "bin_s", "origin", "licence", "cite", "note"}
_KINDS = ("counts", "timestamps")


def load_traces() -> Traces:
    """Return every packaged trace by name, in the order of the index; raises BadTrace when the index is wrong."""
    return read_traces(files("simulator").joinpath("data", "traces"))


def read_traces(folder: Traversable) -> Traces:
    """Return every trace that the index in this folder lists, by name; raises BadTrace when the index is wrong."""
    entries: dict[str, dict[str, Any]] = {}
    for entry in _index(folder):
        if entry["name"] in entries:
            raise BadTrace(f"{_INDEX}: the name {entry['name']!r} is given twice; allowed: once.")
        entries[entry["name"]] = entry
    return Traces(folder, entries)


class Traces(Mapping[str, Trace]):
    """Packaged traces by name. The first look-up of a name reads its file, and raises BadTrace when that is wrong."""

    def __init__(self, folder: Traversable, entries: dict[str, dict[str, Any]]) -> None:
        self._folder, self._entries = folder, entries
        self._read: dict[str, Trace] = {}

    def __getitem__(self, name: str) -> Trace:
        if name not in self._read:
            entry = self._entries[name]
            self._read[name] = _trace(entry, _table(self._folder, entry["file"]))
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _index(folder: Traversable) -> list[dict[str, Any]]:
    try:
        entries = tomllib.loads(folder.joinpath(_INDEX).read_text("utf-8"))["trace"]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise BadTrace(f"{_INDEX}: cannot be read ({error}); allowed: TOML with a [[trace]] for each trace.") from error
    for number, entry in enumerate(entries, 1):
        if entry.keys() != _KEYS:
            wrong = ", ".join(sorted(entry.keys() ^ _KEYS))
            raise BadTrace(
                f"{_INDEX}, trace {number}: missing or unknown: {wrong}; allowed: {', '.join(sorted(_KEYS))}."
            )
        if entry["kind"] not in _KINDS or (entry["kind"] == "counts") != (entry["bin_s"] > 0):
            given = f"kind {entry['kind']!r} with bin_s {entry['bin_s']!r}"
            raise BadTrace(
                f"{_INDEX}, trace {number}: given {given}; allowed: counts with bin_s > 0, timestamps with 0."
            )
    return list(entries)


def _table(folder: Traversable, file: str) -> dict[str, list[str]]:
    """The columns of a CSV file, packed or not, as text."""
    try:
        data = folder.joinpath(file).read_bytes()
        text = (gzip.decompress(data) if file.endswith(".gz") else data).decode("utf-8")
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        columns = zip(*rows, strict=True)
        return {name: list(column) for name, column in zip(header, columns, strict=True)}
    except (OSError, EOFError, zlib.error, ValueError, csv.Error) as error:
        raise BadTrace(
            f"{file}: cannot be read ({error}); allowed: CSV in UTF-8, as many values in each row."
        ) from error


def _trace(entry: dict[str, Any], table: dict[str, list[str]]) -> Trace:
    file, column, bin_s = entry["file"], entry["column"], float(entry["bin_s"])
    if column not in table or "t_s" not in table:
        raise BadTrace(f"{file}: has no column {column!r} and t_s; given: {', '.join(table)}.")
    values, times = _numbers(file, column, table[column]), _numbers(file, "t_s", table["t_s"])
    for row, (before, after) in enumerate(pairwise(times), 3):
        if after - before != bin_s if bin_s else after < before:
            allowed = f"{before + bin_s:g}" if bin_s else f"at least {before:g}"
            raise BadTrace(f"{file}, row {row}, column t_s: given {after:g}; allowed: {allowed}.")
    about = {key: entry[key] for key in ("name", "title", "origin", "licence", "cite", "note")}
    return Trace(bin_s=bin_s, values=as_values(values), **about)


def _numbers(file: str, column: str, texts: list[str]) -> list[float]:
    numbers = []
    for row, text in enumerate(texts, 2):
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not 0 <= number < math.inf:
            raise BadTrace(f"{file}, row {row}, column {column}: given {text!r}; allowed: a number of at least 0.")
        numbers.append(number)
    return numbers
