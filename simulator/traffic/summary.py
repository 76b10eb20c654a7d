"""Traffic at a glance: rate over time, total, mean, peaks, how bursty it is, how often it is silent.

Counts are taken over whole windows of 1 s and of 60 s from time 0. The index of dispersion is the variance of these
counts over their mean: 1 for Poisson arrivals at a constant rate. Above EXACT_ARRIVALS the arrivals are not drawn one
by one: the count of every second is drawn instead, which has the same law for Poisson arrivals at a known rate and
nearly the same else (`note` says so).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simulator.traffic.arrivals import Source, own_stream
from simulator.traffic.kinds import DAY_S
from simulator.traffic.trace import FloatArray

EXACT_ARRIVALS = 5_000_000
LONGEST_DRAWN_S = 31 * DAY_S
MAX_POINTS = 2_000
_SECONDS = 16_384  # drawn together
_POINT_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)

_Seconds = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Preview:
    """What one draw of the traffic looks like over [0, duration_s). None: not defined (no arrivals, too few windows).

    Point i of the series stands for [t_s[i], t_s[i] + point_s). Peaks are rates over the busiest whole window.
    """

    duration_s: float
    point_s: float
    t_s: FloatArray
    rate_per_s: FloatArray
    expected_per_s: FloatArray
    total: int
    mean_per_s: float
    peak_1s_per_s: float
    peak_60s_per_s: float
    dispersion_1s: float | None
    dispersion_60s: float | None
    empty_minutes: float | None
    note: str


def preview(source: Source, rng: np.random.Generator, duration_s: float) -> Preview:
    """Draw the traffic once over [0, duration_s) and sum it up."""
    expected = source.expected(0.0, duration_s)
    exact = expected <= EXACT_ARRIVALS
    asked_s = duration_s
    duration_s = asked_s if exact else min(asked_s, LONGEST_DRAWN_S)
    step = _point_s(duration_s)
    edges = np.append(np.arange(0.0, duration_s, step), duration_s)
    drawn = np.zeros(len(edges) - 1)
    seconds, minutes = _Windows(1, duration_s), _Windows(60, duration_s)
    for second, count in _drawn(source, rng, duration_s) if exact else _sampled(source, rng, duration_s):
        seconds.add(second, count)
        minutes.add(second, count)
        _add_to(drawn, second // step, count)
    lengths = np.diff(edges)
    total = int(drawn.sum())
    return Preview(
        duration_s=duration_s,
        point_s=float(lengths[0]),
        t_s=edges[:-1],
        rate_per_s=drawn / lengths,
        expected_per_s=np.array([source.expected(a, b) for a, b in pairwise(edges)]) / lengths,
        total=total,
        mean_per_s=total / duration_s,
        peak_1s_per_s=seconds.peak_per_s(),
        peak_60s_per_s=minutes.peak_per_s(),
        dispersion_1s=seconds.dispersion(),
        dispersion_60s=minutes.dispersion(),
        empty_minutes=minutes.empty_share(),
        note="" if exact else _note(source, expected, asked_s),
    )


def _note(source: Source, expected: float, asked_s: float) -> str:
    law = "as a Poisson number" if source.dispersion == 1.0 else "in a normal approximation"
    if source.dispersion == 0.0:
        law = "as expected"
    note = f"{expected:,.0f} arrivals are too many to draw here one by one: the count of each second is taken {law}."
    if asked_s > LONGEST_DRAWN_S:
        note += f" Only the first {LONGEST_DRAWN_S / DAY_S:.0f} days are shown."
    return note


def _point_s(duration_s: float) -> int:
    """Round length of a point, so that there are at most MAX_POINTS."""
    at_least = duration_s / MAX_POINTS
    days = math.ceil(at_least / DAY_S)
    return next((step for step in _POINT_S if step >= at_least), days * int(DAY_S))


def _add_to(totals: FloatArray, point: NDArray[np.int64], count: NDArray[np.int64]) -> None:
    """Add counts to their points, which rise."""
    if len(point):
        sums = np.bincount(point - point[0], count)
        totals[point[0] : point[0] + len(sums)] += sums


def _drawn(source: Source, rng: np.random.Generator, duration_s: float) -> Iterator[_Seconds]:
    """Seconds in which something arrives, in order, and how much: from the arrivals themselves.

    A second may come twice, at the end of one chunk and the start of the next.
    """
    for times in source.times(rng, 0.0, duration_s):
        seconds = times.astype(np.int64)
        first = np.concatenate(([0], np.flatnonzero(np.diff(seconds)) + 1))
        yield seconds[first], np.diff(first, append=len(seconds))


def _sampled(source: Source, rng: np.random.Generator, duration_s: float) -> Iterator[_Seconds]:
    """The same, with the count of each second drawn from the integral of the rate over it."""
    own = own_stream(rng)
    rates = source.curve(own, 0.0, duration_s)
    counter = _Renewals(source.dispersion, float(own.random()))
    whole = int(np.ceil(duration_s))
    for block in range(0, whole, _SECONDS):
        edges = np.arange(block, min(block + _SECONDS, whole) + 1, dtype=np.float64)
        means = np.maximum(np.diff(rates.cumulative(np.minimum(edges, duration_s))), 0.0)
        counts = own.poisson(means) if source.dispersion == 1.0 else counter.counts(own, means)
        busy = np.flatnonzero(counts)
        yield block + busy, counts[busy]


class _Renewals:
    """Counts of a renewal process over slots with these expected counts: a random walk that never falls."""

    def __init__(self, dispersion: float, phase: float) -> None:
        self._dispersion = dispersion
        self._level = phase
        self._reached = np.int64(0)

    def counts(self, rng: np.random.Generator, means: FloatArray) -> NDArray[np.int64]:
        moves = means
        if self._dispersion > 0:
            moves = means + rng.standard_normal(len(means)) * np.sqrt(self._dispersion * means)
        levels = self._level + np.cumsum(moves)
        self._level = float(levels[-1])
        reached = np.maximum.accumulate(np.maximum(np.floor(levels).astype(np.int64), self._reached))
        counts = np.diff(reached, prepend=self._reached)
        self._reached = reached[-1]
        return counts


class _Windows:
    """Sums over whole windows of `width` seconds, fed with seconds and their counts in order."""

    def __init__(self, width: int, duration_s: float) -> None:
        self._width = width
        self._duration_s = duration_s
        self._whole = int(duration_s // width)
        self._open = (-1, 0)  # the latest window and its count so far: more may come
        self._all = 0
        self._sum = self._squares = 0.0
        self._peak = self._some = 0

    def add(self, second: NDArray[np.int64], count: NDArray[np.int64]) -> None:
        """Take seconds in rising order."""
        self._all += int(count.sum())
        if not len(second):
            return
        window = second // self._width
        first = np.concatenate(([0], np.flatnonzero(np.diff(window)) + 1))
        window, totals = window[first], np.add.reduceat(count, first)
        if window[0] == self._open[0]:
            totals[0] += self._open[1]
        else:
            self._close(np.array([self._open[0]]), np.array([self._open[1]]))
        self._close(window[:-1], totals[:-1])
        self._open = (int(window[-1]), int(totals[-1]))

    def peak_per_s(self) -> float:
        """Rate in the busiest whole window; the mean rate if no window is whole."""
        if not self._whole:
            return self._all / self._duration_s
        self._finish()
        return self._peak / self._width

    def dispersion(self) -> float | None:
        """Variance (as estimated from a sample) over mean of the counts."""
        self._finish()
        if self._whole < 2 or self._sum == 0:
            return None
        mean = self._sum / self._whole
        return max(self._squares - self._sum * mean, 0.0) / (self._whole - 1) / mean

    def empty_share(self) -> float | None:
        """Share of whole windows in which nothing arrives."""
        self._finish()
        return 1 - self._some / self._whole if self._whole else None

    def _finish(self) -> None:
        self._close(np.array([self._open[0]]), np.array([self._open[1]]))
        self._open = (-1, 0)

    def _close(self, window: NDArray[np.int64], totals: NDArray[np.int64]) -> None:
        kept = totals[(window >= 0) & (window < self._whole)].astype(np.float64)
        if len(kept):
            self._sum += float(kept.sum())
            self._squares += float(np.square(kept).sum())
            self._peak = max(self._peak, int(kept.max()))
            self._some += int(np.count_nonzero(kept))
