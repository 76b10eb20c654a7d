"""Arrivals with spikes on top: in each window the rate of any source is multiplied.

What would have come anyway comes at the same times; beyond that come Poisson arrivals with the rate that is missing,
on the source's own rate, drawn where it is random. Spikes that overlap multiply.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simulator.kernels.walk import Pieces
from simulator.model.faults import Fault, TrafficSpike, ends_s
from simulator.traffic.arrivals import CHUNK, Source, own_stream
from simulator.traffic.curve import RateCurve, rate_curve
from simulator.traffic.kinds import WEEK_S
from simulator.traffic.renewal import walk_pieces
from simulator.traffic.trace import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class SpikedSource:
    """edges_s: float64[m + 1], rising; factors: float64[m], between each two; outside the factor is 1."""

    inner: Source
    edges_s: FloatArray
    factors: FloatArray

    @property
    def dispersion(self) -> float:
        """That of the source without spikes."""
        return self.inner.dispersion

    def times(self, rng: np.random.Generator, start_s: float, end_s: float) -> Iterator[FloatArray]:
        """Arrival times in [start_s, end_s), in chunks."""
        before = copy.deepcopy(rng)
        usual = self.inner.times(rng, start_s, end_s)
        curve = self.inner.curve(before, start_s, end_s)
        return _merge(usual, walk_pieces(self._missing(curve, start_s, end_s), 1.0, own_stream(rng)))

    def rate_per_s(self, t_s: FloatArray) -> FloatArray:
        """The source's rate times the factor that holds."""
        return self.inner.rate_per_s(t_s) * self._factor(t_s)

    def expected(self, start_s: float, end_s: float) -> float:
        """The source's expectation, each part times its factor."""
        knots = self._knots(start_s, end_s)
        extra = (self.inner.expected(a, b) * (factor - 1) for a, b, factor in self._windows(knots))
        return self.inner.expected(start_s, end_s) + sum(extra, start=0.0)

    def curve(self, rng: np.random.Generator, start_s: float, end_s: float) -> RateCurve:
        """The source's curve, multiplied; also for a week after end_s, for jobs that take what comes then."""
        inner = self.inner.curve(rng, start_s, end_s)
        end_s += WEEK_S
        pieces = [
            (piece.starts_s, piece.rate_per_s * factor, piece.slope * factor)
            for a, b in pairwise(self._knots(start_s, end_s))
            for factor in [float(self._factor(np.array([a]))[0])]
            for piece in inner.pieces(float(a), float(b))
        ]
        starts, left, slope = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        edges = np.append(starts, end_s)
        return rate_curve(edges, left, np.maximum(left + slope * np.diff(edges), 0.0), repeats=False)

    def _factor(self, t_s: FloatArray) -> FloatArray:
        padded = np.concatenate(([1.0], self.factors, [1.0]))
        factor: FloatArray = padded[np.searchsorted(self.edges_s, t_s, side="right")]
        return factor

    def _knots(self, start_s: float, end_s: float) -> FloatArray:
        inside = self.edges_s[(self.edges_s > start_s) & (self.edges_s < end_s)]
        return np.concatenate(([start_s], inside, [max(start_s, end_s)]))

    def _windows(self, knots: FloatArray) -> Iterator[tuple[float, float, float]]:
        """Between knots, where the factor is not 1: from, to, factor."""
        for (a, b), factor in zip(pairwise(knots), self._factor(knots[:-1]), strict=True):
            if factor != 1 and a < b:
                yield float(a), float(b), float(factor)

    def _missing(self, curve: RateCurve, start_s: float, end_s: float) -> Iterator[Pieces]:
        for a, b, factor in self._windows(self._knots(start_s, end_s)):
            for piece in curve.pieces(a, b):
                yield piece._replace(
                    rate_per_s=piece.rate_per_s * (factor - 1),
                    slope=piece.slope * (factor - 1),
                    mass=piece.mass * (factor - 1),
                )


def spiked(source: Source, faults: Iterable[Fault]) -> Source:
    """The source with the traffic spikes among the faults on top; the source itself when there are none."""
    spikes = [fault for fault in faults if isinstance(fault, TrafficSpike)]
    if not spikes:
        return source
    edges = np.unique([edge for spike in spikes for edge in (spike.at_s, ends_s(spike))])
    return SpikedSource(source, edges, np.array([_product(spikes, float(a)) for a in edges[:-1]]))


def unspiked(source: Source) -> Source:
    """The source without the spikes that `spiked` put on top."""
    return source.inner if isinstance(source, SpikedSource) else source


def _product(spikes: Sequence[TrafficSpike], t_s: float) -> float:
    return float(np.prod([spike.factor for spike in spikes if spike.at_s <= t_s < ends_s(spike)]))


def _merge(usual: Iterator[FloatArray], extra: Iterator[FloatArray]) -> Iterator[FloatArray]:
    """Both streams in one, rising, in chunks of at most CHUNK. Where only one has arrivals, its chunks pass as they
    are.
    """
    one, other = next(usual, None), next(extra, None)
    while one is not None and other is not None:
        upto = min(one[-1], other[-1])
        i, j = int(np.searchsorted(one, upto, side="right")), int(np.searchsorted(other, upto, side="right"))
        # Timsort joins two sorted runs in one pass.
        both = np.sort(np.concatenate((one[:i], other[:j])), kind="stable")
        for begin in range(0, both.size, CHUNK):
            yield both[begin : begin + CHUNK]
        one = one[i:] if i < one.size else next(usual, None)
        other = other[j:] if j < other.size else next(extra, None)
    for left, rest in ((one, usual), (other, extra)):
        if left is not None:
            yield left
            yield from rest
