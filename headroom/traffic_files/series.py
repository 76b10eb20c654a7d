"""From times and values to a trace: bins of one length without a gap, or arrival times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headroom.errors import BadTrace
from headroom.traffic_files.export import Unit
from headroom.traffic_files.limits import MAX_COUNT, MIN_BIN_S, SMALLER
from headroom.traffic_files.numbers import wrong
from headroom.traffic_files.times import Moments
from simulator.traffic.kinds import DAY_S, MAX_TRACE_ROWS, Counts, Timestamps

Floats = NDArray[np.float64]

_OFF = 0.02  # a stamp may lie so far beside its bin, as a part of a bin: stamps are rounded, and scraped a bit late
_COARSER_S = (1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 86_400.0)
_MAX_TIME_S = 1e9


@dataclass(frozen=True, kw_only=True)
class Series:
    """A trace and where it stands: first_s, when it begins on its clock. missing: bins that the file leaves out."""

    traffic: Counts | Timestamps
    first_s: float
    missing: int = 0
    notes: tuple[str, ...] = ()


def on_a_grid(clock_s: Floats) -> bool:
    """Tell whether these times, in any order, are those of bins of one length, no two the same."""
    unique, times = np.unique(clock_s, return_counts=True)
    return unique.size > 1 and int(times.max()) == 1 and _bin_s(unique) > 0


def from_values(
    moments: Moments, values: Floats, rows: Sequence[int], name: str, unit: Unit, bin_s: float = 0.0
) -> Series:
    """Return the counts of a column of values. bin_s: what the format says; else the distance of the rows.

    Raises BadTrace where values are negative, or times are not those of bins.
    """
    notes: list[str] = []
    clock, values, rows = _ordered(moments.clock_s, values, rows, notes)
    known = np.isfinite(values)
    if not known.all():
        if unit == "total":
            clock, values, rows = clock[known], values[known], [rows[i] for i in np.flatnonzero(known).tolist()]
        else:
            notes.append(f"{_counted(int((~known).sum()), 'empty value')} taken as zero")
            values = np.where(known, values, 0.0)
    if clock.size < 2:
        raise BadTrace(
            f"given {_counted(clock.size, 'row')}; allowed: two or more, whose distance is that of the bins."
        )
    negative = np.flatnonzero(values < 0)
    if negative.size:
        at = int(negative[0])
        raise wrong(rows[at], name, f"{values[at]:g}", "a number from 0 on")
    if unit == "total":
        return _of_a_counter(moments, clock, values, rows, notes)
    times, first = np.unique(clock, return_index=True)
    if times.size < clock.size:
        values = np.add.reduceat(values, first)
        notes.append(f"{_counted(clock.size - times.size, 'row')} with the time of another: added to it")
    if times.size < 2 and not bin_s:
        raise BadTrace(f"given {_counted(clock.size, 'row')} of one time; allowed: two times or more.")
    bin_s = bin_s or _bin_s(times)
    numbers = _numbers(times, bin_s, [rows[i] for i in first])
    values = values * {"per-second": bin_s, "per-minute": bin_s / 60}.get(unit, 1.0)
    missing = int(numbers[-1]) - int(np.count_nonzero(np.diff(numbers)))
    if numbers[-1] >= MAX_TRACE_ROWS:
        return _coarser(moments, times, bin_s, values, notes)
    counts = np.bincount(numbers, weights=values)
    return _series(moments, float(times[0]), bin_s, _whole(counts, notes), missing, notes)


def from_arrivals(moments: Moments, rows: Sequence[int]) -> Series:
    """Return the trace of requests of which each has its time: as times where these are finer than a second and not
    too many, else as counts per second, or of longer bins where there would be too many.
    """
    notes: list[str] = []
    clock, _, rows = _ordered(moments.clock_s, np.zeros(len(moments.clock_s)), rows, notes)
    if not clock.size:
        raise BadTrace("given no request; allowed: one or more.")
    first_s = float(np.floor(clock[0]))
    if not moments.dated and clock[0] >= 0 and clock[-1] <= _MAX_TIME_S and clock.size <= MAX_TRACE_ROWS:
        return Series(traffic=Timestamps(t_s=tuple(clock.tolist())), first_s=0.0, notes=tuple(notes))
    finer = bool((clock != np.floor(clock)).any())
    if moments.dated and finer and clock.size <= MAX_TRACE_ROWS and clock[-1] - first_s <= _MAX_TIME_S:
        since = tuple(np.round(clock - first_s, 6).tolist())
        traffic = Timestamps(t_s=since, starts_at_s=first_s % DAY_S)
        return Series(traffic=traffic, first_s=first_s, notes=tuple(notes))
    return _coarser(moments, clock, 0.0, np.ones(clock.size), notes)


def _coarser(moments: Moments, times: Floats, bin_s: float, values: Floats, notes: list[str]) -> Series:
    """The counts of the shortest usual bins, longer than bin_s, of which there are not too many."""
    for longer_s in _COARSER_S:
        begin = float(np.floor(times[0] / longer_s) * longer_s)
        if longer_s > bin_s and (times[-1] - begin) / longer_s < MAX_TRACE_ROWS:
            if bin_s or longer_s > 1.0:
                notes.append(f"counted in bins of {longer_s:g} s, because at most {MAX_TRACE_ROWS:,} bins are kept")
            counts = np.bincount(((times - begin) / longer_s).astype(np.int64), weights=values)
            return _series(moments, begin, longer_s, _whole(counts, notes), 0, notes)
    days = (times[-1] - times[0]) / DAY_S
    raise BadTrace(f"given {days:,.0f} days; allowed: at most {MAX_TRACE_ROWS:,}. Are all times right? {SMALLER}")


def _ordered(
    clock: Floats, values: Floats, rows: Sequence[int], notes: list[str]
) -> tuple[Floats, Floats, Sequence[int]]:
    steps = np.diff(clock)
    if (steps >= 0).all():
        return clock, values, rows
    if not (steps <= 0).all():
        notes.append("rows put in the order of their times")
    order = np.argsort(clock, kind="stable")
    return clock[order], values[order], [rows[i] for i in order.tolist()]


def _bin_s(times: Floats) -> float:
    """The length of the bins of which these are rising times: the usual step, else the shortest, else what divides all
    steps; 0 when there is none.
    """
    steps = np.diff(times)
    lengths, often = np.unique(np.round(steps, 3), return_counts=True)
    usual, shortest = float(lengths[np.argmax(often)]), float(steps.min())
    divisor = float(np.gcd.reduce(np.round(steps * 1000).astype(np.int64))) / 1000 if steps.max() < 1e15 else 0.0
    for bin_s in (usual, shortest, divisor if divisor >= 1.0 else 0.0):
        if bin_s <= 0:
            continue
        refined = _refined(times, bin_s)
        numbers = (times - times[0]) / refined
        if np.abs(numbers - np.rint(numbers)).max() <= _OFF:
            return refined
    return 0.0


def _refined(times: Floats, bin_s: float) -> float:
    """The same length, from all of the times instead of two: stamps may be rounded."""
    span = float(times[-1] - times[0])
    number = round(span / bin_s) if span / bin_s < 1e12 else 0
    better = round(span / number, 9) if number else bin_s
    if abs(better - bin_s) > 0.01 * bin_s:
        return bin_s
    return float(round(better)) if round(better) and abs(better - round(better)) < 1e-6 else better


def _numbers(times: Floats, bin_s: float, rows: Sequence[int]) -> NDArray[np.int64]:
    """The number of the bin of each time. Raises BadTrace where one lies in none."""
    if bin_s <= 0:
        usual = float(np.median(np.diff(times)))
        off = np.abs((times - times[0]) / usual - np.rint((times - times[0]) / usual))
        at = int(np.argmax(off > _OFF))
        raise BadTrace(
            f"row {rows[at]}: given a time that lies in no bin of {usual:g} s, the distance of most rows; allowed: rows"
            " that are whole bins apart. If each row is one request, take 'rows' as the column of the requests."
        )
    if not MIN_BIN_S <= bin_s <= DAY_S:
        raise BadTrace(f"given bins of {bin_s:g} s; allowed: {MIN_BIN_S:g} to {DAY_S:,.0f} s.")
    numbers: NDArray[np.int64] = np.rint((times - times[0]) / bin_s).astype(np.int64)
    return numbers


def _of_a_counter(moments: Moments, clock: Floats, values: Floats, rows: Sequence[int], notes: list[str]) -> Series:
    """Counts from a counter that only grows: what it grew by, spread evenly where readings are missing."""
    times, last = np.unique(clock[::-1], return_index=True)
    values = values[::-1][last]
    growth = np.diff(values, prepend=values[0])
    fallen = growth < 0
    if fallen.any():
        growth[fallen] = values[fallen]
        notes.append(f"the counter began anew {_counted(int(fallen.sum()), 'time')}")
    bin_s = _bin_s(times)
    numbers = _numbers(times, bin_s, rows)
    if numbers[-1] > MAX_TRACE_ROWS:
        return _coarser(moments, times, bin_s, growth, notes)
    grid = np.interp(np.arange(numbers[-1] + 1), numbers, np.cumsum(growth))
    if len(grid) > len(times):
        notes.append(f"{_counted(len(grid) - len(times), 'missing reading')} bridged evenly")
    counts = _whole(np.diff(grid), notes)
    return _series(moments, float(times[0]), bin_s, counts, 0, notes)


def _whole(counts: NDArray[Any], notes: list[str]) -> NDArray[np.int64]:
    """Whole counts next to these whose sums, up to every bin, are as near as can be."""
    if counts.size and counts.max() > MAX_COUNT:
        raise BadTrace(f"given {counts.max():,.0f} requests in a bin; allowed: at most {MAX_COUNT:,}.")
    nearest = np.rint(counts)
    if (np.abs(counts - nearest) <= 1e-6 * np.maximum(counts, 1.0)).all():
        return np.asarray(nearest, dtype=np.int64)
    notes.append("fractions of requests rounded, the total kept")
    whole: NDArray[np.int64] = np.diff(np.floor(np.cumsum(counts) + 0.5), prepend=0.0).astype(np.int64)
    return whole


def _series(
    moments: Moments,
    first_s: float,
    bin_s: float,
    counts: NDArray[np.int64],
    missing: int,
    notes: list[str],
) -> Series:
    if not counts.any():
        raise BadTrace("given only zeros; allowed: at least one request.")
    starts_at_s = first_s % DAY_S if moments.dated else first_s
    if not 0 <= starts_at_s <= _MAX_TIME_S:
        notes.append(f"the times begin at {first_s:g} s, which is taken as midnight")
        starts_at_s = 0.0
    traffic = Counts(bin_s=bin_s, requests=tuple(counts.tolist()), starts_at_s=starts_at_s)
    return Series(traffic=traffic, first_s=first_s, missing=missing, notes=tuple(notes))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
