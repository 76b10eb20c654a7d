"""Counts per bin: every bin gets exactly its count, spread inside the bin.

Inside a bin the arrivals are Poisson given their number (independent uniform times), or a stationary renewal process
closed to a ring: gamma spacings scaled to the bin, with a random phase. Between bins spacings are independent. A scaled
count with a fraction is rounded up with the chance of its fraction, so its mean is exact. A bin that start_s or end_s
cuts gets a binomial share of its count (exact for Poisson, an approximation for other gaps). A bin above CHUNK is laid
in parts: the share of the bin that the first m of n gamma spacings fill is beta distributed, so the law stays exact and
memory bounded.
Reference: L. Devroye, Non-Uniform Random Variate Generation (1986), sections V.2 and XI.4 (gammas, betas, Dirichlet).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.kernels.spread import spread
from simulator.traffic.arrivals import CHUNK, KnownRate, own_stream
from simulator.traffic.curve import level_curve
from simulator.traffic.renewal import gaps
from simulator.traffic.trace import FloatArray

_BINS = 65_536  # bins looked at together
_SLIVER_S = 1e-6  # what a window leaves of a bin below this is dropped: a time of 1e9 s is not known to less


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bins:
    """A window of a trace: its bins above 0, in order, in seconds from the start of the window. counts are scaled.

    origin_s: when the window begins, in seconds from the start of the horizon.
    """

    starts_s: FloatArray
    ends_s: FloatArray
    counts: FloatArray
    span_s: float
    repeat: bool
    origin_s: float = 0.0

    def number(self, t_s: float, edges_s: FloatArray, side: str) -> int:
        """How many bins have their edge before t_s (side "right": or at it), counted from the first bin of cycle 0."""
        t_s -= self.origin_s
        if not self.repeat:
            t_s = min(max(t_s, 0.0), self.span_s)
        cycle = math.floor(t_s / self.span_s)
        inside = t_s - cycle * self.span_s
        before = np.searchsorted(edges_s, inside, side="right" if side == "right" else "left")
        return cycle * len(edges_s) + int(before)


@dataclass(frozen=True, slots=True, eq=False)
class BinnedSource(KnownRate):
    """A trace as counts per bin, windowed, scaled and perhaps repeated for ever, both ways."""

    bins: Bins
    cv: float

    @property
    def dispersion(self) -> float:
        """cv^2, as for the renewal process inside a bin."""
        return self.cv**2

    def times(self, rng: np.random.Generator, start_s: float, end_s: float) -> Iterator[FloatArray]:
        """Arrival times in [start_s, end_s), in chunks."""
        return self._times(own_stream(rng), start_s, end_s)

    def _times(self, rng: np.random.Generator, start_s: float, end_s: float) -> Iterator[FloatArray]:
        bins = self.bins
        if not len(bins.counts) or start_s >= end_s:
            return
        first = bins.number(start_s, bins.ends_s, "right")
        stop = bins.number(end_s, bins.starts_s, "left")
        for block in range(first, stop, _BINS):
            numbers = np.arange(block, min(block + _BINS, stop))
            yield from self._place(rng, *self._draw(rng, numbers, start_s, end_s))

    def _draw(
        self, rng: np.random.Generator, numbers: NDArray[np.int64], start_s: float, end_s: float
    ) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
        """Start, end and whole count of these bins, cut to [start_s, end_s); bins without arrivals are left out."""
        bins = self.bins
        cycle, which = np.divmod(numbers, len(bins.counts))
        starts = bins.origin_s + (cycle * bins.span_s + bins.starts_s[which])
        # Rounding must not let the last bin of a cycle reach into the next.
        ends = np.minimum(cycle * bins.span_s + bins.ends_s[which], (cycle + 1) * bins.span_s) + bins.origin_s
        counts = round_at_random(rng, bins.counts[which])
        share = (np.minimum(ends, end_s) - np.maximum(starts, start_s)) / (ends - starts)
        cut = np.flatnonzero(share < 1)
        counts[cut] = rng.binomial(counts[cut], np.clip(share[cut], 0.0, 1.0))
        busy = counts > 0
        return np.maximum(starts, start_s)[busy], np.minimum(ends, end_s)[busy], counts[busy]

    def _place(
        self, rng: np.random.Generator, starts: FloatArray, ends: FloatArray, counts: NDArray[np.int64]
    ) -> Iterator[FloatArray]:
        """As many whole bins at a time as fit into a chunk; larger bins by themselves."""
        reached = np.cumsum(counts)
        first = 0
        while first < len(counts):
            before = reached[first] - counts[first]
            stop = int(np.searchsorted(reached, before + CHUNK, side="right"))
            if stop > first:
                yield _small_bins(rng, self.cv, starts[first:stop], ends[first:stop], counts[first:stop])
                first = stop
            else:
                yield from _large_bin(rng, self.cv, starts[first], ends[first], int(counts[first]))
                first += 1


def round_at_random(rng: np.random.Generator, counts: FloatArray) -> NDArray[np.int64]:
    """Whole numbers next to `counts` whose mean is `counts`."""
    whole = np.floor(counts)
    up = rng.random(len(counts)) < counts - whole
    return whole.astype(np.int64) + up


def _spread(spacings: FloatArray, starts: FloatArray, ends: FloatArray, counts: NDArray[np.int64]) -> FloatArray:
    out = np.empty(int(counts.sum()))
    spread(spacings, counts, starts, ends, np.nextafter(ends, -np.inf), out)
    return out


def _ring_gap(rng: np.random.Generator, cv: float, n: int) -> tuple[FloatArray, FloatArray]:
    """The two parts of the gap in which a ring of gaps is cut open, n times: it is a longer one, cut at any place."""
    shape = 1 / cv**2
    gap = rng.standard_gamma(shape + 1, n) / shape
    part = rng.random(n)
    return part * gap, (1 - part) * gap


def _small_bins(
    rng: np.random.Generator, cv: float, starts: FloatArray, ends: FloatArray, counts: NDArray[np.int64]
) -> FloatArray:
    spacings = gaps(rng, cv, int(counts.sum()) + len(counts))
    if cv != 1.0:
        last = np.cumsum(counts + 1) - 1
        spacings[last - counts], spacings[last] = _ring_gap(rng, cv, len(counts))
    return _spread(spacings, starts, ends, counts)


def _large_bin(rng: np.random.Generator, cv: float, start: float, end: float, n: int) -> Iterator[FloatArray]:
    """Lay a bin in parts of at most CHUNK - 1 spacings, each given the share of what is left that it fills."""
    shape = 1 / cv**2
    head, tail = (float(part[0]) for part in _ring_gap(rng, cv, 1))
    inner = float(rng.standard_gamma(shape * (n - 1))) / shape
    scale = (end - start) / (head + inner + tail)
    at, last = start + head * scale, end - tail * scale
    lead, left = 1, n - 1  # the first part also holds the arrival at its start
    while left:
        m = min(CHUNK - 1, left)
        share = float(rng.beta(shape * m, shape * (left - m))) if m < left else 1.0
        to = at + share * (last - at)
        spacings = np.concatenate((np.zeros(lead), gaps(rng, cv, m), [0.0]))
        yield _spread(spacings, np.array([at]), np.array([to]), np.array([lead + m]))
        at, lead, left = to, 0, left - m


def bins_of(
    number: NDArray[np.int64],
    bin_s: float,
    counts: FloatArray,
    window: tuple[float, float],
    *,
    repeat: bool,
    origin_s: float = 0.0,
) -> Bins:
    """The bins with these numbers that lie inside the window; one that the window cuts keeps the share of its count."""
    begin, end = window
    starts, ends = number * bin_s, (number + 1) * bin_s
    low, high = np.maximum(starts, begin), np.minimum(ends, end)
    kept = (counts > 0) & (high - low > _SLIVER_S)
    whole = (low == starts) & (high == ends)
    shares = np.where(whole, 1.0, (high - low) / bin_s)
    return Bins(
        starts_s=low[kept] - begin,
        ends_s=high[kept] - begin,
        counts=(counts * shares)[kept],
        span_s=end - begin,
        repeat=repeat,
        origin_s=origin_s,
    )


def binned_source(bins: Bins, cv: float) -> BinnedSource:
    """The source of these bins."""
    outer = [0.0, bins.span_s] if bins.repeat else [-1.0, 0.0, bins.span_s, bins.span_s + 1.0]
    edges = np.unique(np.concatenate((outer, bins.starts_s, bins.ends_s)))
    levels = np.zeros(len(edges) - 1)
    levels[np.searchsorted(edges, bins.starts_s)] = bins.counts / (bins.ends_s - bins.starts_s)
    return BinnedSource(level_curve(edges + bins.origin_s, levels, repeats=bins.repeat), bins, cv)
