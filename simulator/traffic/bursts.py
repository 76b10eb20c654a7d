"""On/off bursts: a two-state Markov-modulated Poisson process, whose rate is drawn first and its arrivals then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.kernels.walk import Pieces
from simulator.traffic.arrivals import own_stream
from simulator.traffic.curve import RateCurve, level_curve, make_pieces
from simulator.traffic.kinds import Bursts
from simulator.traffic.renewal import walk_pieces
from simulator.traffic.trace import FloatArray

_STAYS = 4_096  # drawn at a time; even, so that every block begins in the same state


@dataclass(frozen=True, slots=True, eq=False)
class BurstSource:
    """Starts in either state with the chance of its share of time, so the expected rate is the same at all times."""

    spec: Bursts

    @property
    def dispersion(self) -> float:
        """Variance over mean of counts within one stay."""
        return self.spec.interarrival_cv**2

    @property
    def mean_rate_per_s(self) -> float:
        """Long-run mean over both states."""
        spec = self.spec
        both_s = spec.mean_on_s + spec.mean_off_s
        return (spec.on_rate_per_s * spec.mean_on_s + spec.off_rate_per_s * spec.mean_off_s) / both_s

    def times(self, rng: np.random.Generator, start_s: float, end_s: float) -> Iterator[FloatArray]:
        """Arrival times in [start_s, end_s), in chunks."""
        stays, own = own_stream(rng), own_stream(rng)
        pieces = (_as_pieces(knots, levels) for knots, levels in self._stays(stays, start_s, end_s))
        return walk_pieces(pieces, self.spec.interarrival_cv, own)

    def rate_per_s(self, t_s: FloatArray) -> FloatArray:
        """The long-run mean, whatever the time: which bursts come is not known before they are drawn."""
        return np.full(t_s.shape, self.mean_rate_per_s)

    def expected(self, start_s: float, end_s: float) -> float:
        """Long-run mean rate times the length."""
        return self.mean_rate_per_s * (end_s - start_s)

    def curve(self, rng: np.random.Generator, start_s: float, end_s: float) -> RateCurve:
        """One draw of the stays. Memory grows with their number."""
        blocks = list(self._stays(own_stream(rng), start_s, end_s))
        edges = [knots[1:] for knots, _ in blocks]
        levels = [levels for _, levels in blocks]
        return level_curve(np.concatenate(([start_s], *edges)), np.concatenate(levels), repeats=False)

    def _stays(self, rng: np.random.Generator, start_s: float, end_s: float) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Blocks of stays: strictly rising knots, and the rate between each two."""
        spec = self.spec
        on = rng.random() * (spec.mean_on_s + spec.mean_off_s) < spec.mean_on_s
        means = np.tile([spec.mean_on_s, spec.mean_off_s], _STAYS // 2)
        rates = np.tile([spec.on_rate_per_s, spec.off_rate_per_s], _STAYS // 2)
        if not on:
            means, rates = np.roll(means, 1), np.roll(rates, 1)
        since = start_s
        while since < end_s:
            ends = np.minimum(since + np.cumsum(rng.standard_exponential(_STAYS) * means), end_s)
            knots = np.concatenate(([since], ends))
            longer = np.diff(knots) > 0
            if longer.any():
                yield np.concatenate(([since], ends[longer])), rates[longer]
            since = float(ends[-1])


def _as_pieces(knots: FloatArray, levels: FloatArray) -> Pieces:
    return make_pieces(knots, levels, levels)
