"""A rate over time that is known in advance: straight lines between edges, which may jump, and may repeat for ever."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.kernels.walk import Pieces
from simulator.traffic.trace import FloatArray

BLOCK = 8_192


@dataclass(frozen=True, slots=True, eq=False)
class RateCurve:
    """Between edges_s[i] and edges_s[i + 1] the rate goes straight from left[i] to right[i].

    period_s: the curve repeats after this, both ways; infinity: it stays as it is before the first and after the last
    edge. slope: of each piece; mass: float64[n + 1], integral from the first edge to each. Made by `rate_curve`.
    """

    edges_s: FloatArray
    left: FloatArray
    right: FloatArray
    slope: FloatArray
    period_s: float
    mass: FloatArray

    def rate_per_s(self, t_s: FloatArray) -> FloatArray:
        """Rate at each time; at a jump, the rate after it."""
        _, inside = self._fold(t_s)
        piece = self._piece(inside)
        return self._rate_in(piece, inside)

    def cumulative(self, t_s: FloatArray) -> FloatArray:
        """Integral of the rate up to each time; from where is left open, so only differences mean something."""
        cycle, inside = self._fold(t_s)
        piece = self._piece(inside)
        since = inside - self.edges_s[piece]
        mass: FloatArray = since * (self.left[piece] + since * (0.5 * self.slope[piece])) + self.mass[piece]
        mass += cycle * self.mass[-1]
        if math.isinf(self.period_s):
            mass += self.left[0] * np.minimum(t_s - self.edges_s[0], 0.0)
            mass += self.right[-1] * np.maximum(t_s - self.edges_s[-1], 0.0)
        return mass

    def expected(self, start_s: float, end_s: float) -> float:
        """Integral of the rate from start_s to end_s."""
        below, above = self.cumulative(np.array([start_s, end_s]))
        return float(above - below)

    def pieces(self, start_s: float, end_s: float) -> Iterator[Pieces]:
        """The pieces from start_s to end_s, cut to fit, in blocks of at most BLOCK."""
        for knots in self._knots(start_s, end_s):
            middle = 0.5 * (knots[:-1] + knots[1:])
            half = middle - knots[:-1]
            _, inside = self._fold(middle)
            piece = self._piece(inside)
            yield make_pieces(knots, self._rate_in(piece, inside - half), self._rate_in(piece, inside + half))

    def _fold(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Number of whole periods before each time, and the time within the edges."""
        first, last = self.edges_s[0], self.edges_s[-1]
        if math.isinf(self.period_s):
            return np.zeros_like(t_s), np.clip(t_s, first, last)
        cycle = np.floor((t_s - first) / self.period_s)
        return cycle, np.clip(t_s - cycle * self.period_s, first, last)

    def _piece(self, inside: FloatArray) -> NDArray[np.intp]:
        return np.clip(np.searchsorted(self.edges_s, inside, side="right") - 1, 0, len(self.left) - 1)

    def _rate_in(self, piece: NDArray[np.intp], inside: FloatArray) -> FloatArray:
        """Rate of the piece at a time inside it; rounding must not make it negative."""
        return np.maximum(self.left[piece] + self.slope[piece] * (inside - self.edges_s[piece]), 0.0)

    def _knots(self, start_s: float, end_s: float) -> Iterator[FloatArray]:
        """start_s, every edge between, end_s: strictly rising, in blocks that share their end points."""
        if start_s >= end_s:
            return
        first, stop = self._edges_before(start_s), self._edges_before(end_s)
        since = start_s
        for block in range(first, stop, BLOCK):
            edges = self._edges(np.arange(block, min(block + BLOCK, stop)))
            knots = np.concatenate(([since], edges[(edges > since) & (edges < end_s)]))
            knots = knots[np.concatenate(([True], np.diff(knots) > 0))]
            since = float(knots[-1])
            if len(knots) > 1:
                yield knots
        yield np.array([since, end_s])

    def _edges_before(self, t_s: float) -> int:
        """How many edges lie before t_s, counted from the first edge of cycle 0 (negative before it)."""
        if math.isinf(self.period_s):
            return int(np.searchsorted(self.edges_s, t_s))
        cycle, inside = self._fold(np.array([t_s]))
        return int(cycle[0]) * len(self.left) + int(np.searchsorted(self.edges_s, inside[0]))

    def _edges(self, number: NDArray[np.int64]) -> FloatArray:
        if math.isinf(self.period_s):
            return self.edges_s[number]
        cycle, edge = np.divmod(number, len(self.left))
        return cycle * self.period_s + self.edges_s[edge]


def rate_curve(edges_s: FloatArray, left: FloatArray, right: FloatArray, *, repeats: bool) -> RateCurve:
    """edges_s: float64[n + 1], strictly rising; left, right: float64[n], rates at both ends of each piece."""
    length = np.diff(edges_s)
    mass = np.concatenate(([0.0], np.cumsum(0.5 * (left + right) * length)))
    period_s = float(edges_s[-1] - edges_s[0]) if repeats else math.inf
    return RateCurve(edges_s, left, right, (right - left) / length, period_s, mass)


def level_curve(edges_s: FloatArray, levels: FloatArray, *, repeats: bool) -> RateCurve:
    """A rate that is constant between edges."""
    return rate_curve(edges_s, levels, levels, repeats=repeats)


def make_pieces(knots: FloatArray, left: FloatArray, right: FloatArray) -> Pieces:
    """Pieces between strictly rising knots with these rates at their ends."""
    length = np.diff(knots)
    return Pieces(
        starts_s=np.ascontiguousarray(knots[:-1]),
        last_s=np.nextafter(knots[1:], -np.inf),
        rate_per_s=left,
        slope=(right - left) / length,
        mass=0.5 * (left + right) * length,
    )
