"""What every source of arrivals offers, and how it takes its randomness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simulator.traffic.curve import RateCurve
from simulator.traffic.trace import FloatArray

CHUNK = 131_072


class Source(Protocol):
    """Traffic, ready to be drawn. Times are seconds from the start of the horizon; they may be negative (warm-up)."""

    @property
    def dispersion(self) -> float:
        """Variance over mean of counts at a constant rate, in the long run: 1 for Poisson, 0 for an even pace."""
        ...

    def times(self, rng: np.random.Generator, start_s: float, end_s: float) -> Iterator[FloatArray]:
        """Arrival times in [start_s, end_s) in rising order, in chunks of 1 to CHUNK that are the caller's to keep.

        Takes from `rng` once, when called, so the times do not depend on how or when the chunks are consumed.
        """
        ...

    def rate_per_s(self, t_s: FloatArray) -> FloatArray:
        """Expected rate at each time, before anything is drawn."""
        ...

    def expected(self, start_s: float, end_s: float) -> float:
        """Expected number of arrivals in [start_s, end_s): the exact integral of the expected rate."""
        ...

    def curve(self, rng: np.random.Generator, start_s: float, end_s: float) -> RateCurve:
        """The rate that holds from start_s to end_s: as it is where known, drawn where it is random (bursts)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class KnownRate:
    """What sources have in common whose rate is known before anything is drawn: everything but the arrivals."""

    rates: RateCurve

    def rate_per_s(self, t_s: FloatArray) -> FloatArray:
        """The rate at each time."""
        return self.rates.rate_per_s(t_s)

    def expected(self, start_s: float, end_s: float) -> float:
        """Integral of the rate."""
        return self.rates.expected(start_s, end_s)

    def curve(self, rng: np.random.Generator, start_s: float, end_s: float) -> RateCurve:
        """The rate; nothing about it is random."""
        return self.rates


def own_stream(rng: np.random.Generator) -> np.random.Generator:
    """A stream of its own, seeded by `rng`: what is drawn from it later does not touch `rng`."""
    return np.random.Generator(np.random.PCG64DXSM(rng.integers(2**63, size=2)))
