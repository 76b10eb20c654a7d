"""Files that a program writes with fixed names of columns: load tests and queries. What it names is not asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from headroom.traffic_files.dates import is_clock, is_day, with_clock
from headroom.traffic_files.export import Cell, Columns, Export, filtered

_BIN = re.compile(r"bin\((\d*)\s*(ms|s|m|h|d|w)\w*\)", re.IGNORECASE)
_BIN_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_INSIGHTS_MOST = 10_000
_SERIES = ("series", "metric")


def recognised(export: Export) -> Export:
    """Return the export with what its names say about the program that wrote it."""
    if export.time is not None:
        return export
    export = _one_time(export)
    for known in (_k6, _jmeter, _locust, _insights, _series):
        found = known(export)
        if found is not None:
            return found
    return export


def _k6(export: Export) -> Export | None:
    metric, time, value = (export.named(name) for name in ("metric_name", "timestamp", "metric_value"))
    if metric is None or time is None or value is None:
        return None
    return replace(filtered(export, metric, "http_reqs"), format="CSV of k6", time=time, value=-1)


def _jmeter(export: Export) -> Export | None:
    time, elapsed, label = (export.named(name) for name in ("timeStamp", "elapsed", "label"))
    if time is None or elapsed is None or label is None:
        return None
    return replace(export, format="results of JMeter", time=time, value=-1)


def _locust(export: Export) -> Export | None:
    time, name, total = (export.named(name) for name in ("Timestamp", "Name", "Total Request Count"))
    if time is None or name is None or total is None:
        return None
    whole = filtered(export, name, "Aggregated")
    return replace(whole, format="history of Locust", time=time, value=total, unit="total")


def _insights(export: Export) -> Export | None:
    """Queries of CloudWatch Logs Insights: times are UTC, and a query that groups by bin() says how long a bin is."""
    for index, name in enumerate(export.names):
        match = _BIN.fullmatch(name.strip())
        if match is not None:
            bin_s = float(match[1] or 1) * _BIN_S[match[2].lower()]
            return replace(export, format="query of Logs Insights", time=index, zone="UTC", bin_s=bin_s)
    time = export.named("@timestamp")
    if time is None:
        return None
    return replace(export, format="query of Logs Insights", time=time, value=-1, zone="UTC")


def _one_time(export: Export) -> Export:
    """The export with date and time of day in one column, where they stand in two."""
    days = [i for i in range(len(export.names)) if _all(export, i, is_day)]
    clocks = [i for i in range(len(export.names)) if _all(export, i, is_clock)]
    if len(days) != 1 or len(clocks) != 1:
        return export
    day, clock = days[0], clocks[0]

    def read(wanted: Sequence[int]) -> Columns:
        rows, cells = export.read([*wanted, clock])
        joined = [
            list(map(with_clock, column, cells[-1])) if i == day else column
            for i, column in zip(wanted, cells, strict=False)
        ]
        return Columns(rows, joined)

    sample = [
        [with_clock(cell, row[clock]) if i == day else cell for i, cell in enumerate(row)] for row in export.sample
    ]
    return replace(export, sample=sample, read=read, time=day)


def _all(export: Export, index: int, test: Callable[[Cell], bool]) -> bool:
    return bool(export.sample) and all(index < len(row) and test(row[index]) for row in export.sample)


def _series(export: Export) -> Export | None:
    index = next((i for i, name in enumerate(export.names) if name.strip().casefold() in _SERIES), None)
    return None if index is None else replace(export, series=index)


def may_be_cut(export: Export, rows: int) -> str:
    """Return what to say where a query gives as many rows as it may at most; "" elsewhere."""
    if export.format == "query of Logs Insights" and rows == _INSIGHTS_MOST:
        return f"exactly {_INSIGHTS_MOST:,} rows, the most that Logs Insights gives: there may have been more"
    return ""
