"""Arrivals as a renewal process in changed time: gaps of mean 1, laid along the integral of the rate.

Gaps are exponential for a coefficient of variation of 1 (a Poisson process with that rate), gamma else. The first gap
is drawn as seen by somebody who comes at any moment, so the expected number is exact from the first second on.
Reference: D. R. Cox, Renewal Theory (1962), section 2.3 (stationary start).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from simulator.kernels.walk import Pieces, walk
from simulator.traffic.arrivals import CHUNK, KnownRate, own_stream
from simulator.traffic.trace import FloatArray

_FIRST_BLOCK = 1_024


@dataclass(frozen=True, slots=True, eq=False)
class RenewalSource(KnownRate):
    """Constant rates, profiles and steps: the rate is known, the gaps are drawn."""

    cv: float

    @property
    def dispersion(self) -> float:
        """cv^2: variance over mean of counts of a renewal process, in the long run."""
        return self.cv**2

    def times(self, rng: np.random.Generator, start_s: float, end_s: float) -> Iterator[FloatArray]:
        """Arrival times in [start_s, end_s), in chunks."""
        return walk_pieces(self.rates.pieces(start_s, end_s), self.cv, own_stream(rng))


def gaps(rng: np.random.Generator, cv: float, n: int) -> FloatArray:
    """Independent gaps with mean 1 and this coefficient of variation: float64[n]."""
    if cv == 1.0:
        return rng.standard_exponential(n)
    return rng.standard_gamma(1 / cv**2, n) * cv**2


def _gap_blocks(rng: np.random.Generator, cv: float) -> Iterator[FloatArray]:
    """Endless gaps of a stationary renewal process; small blocks first, so that a quiet hour costs little."""
    size = _FIRST_BLOCK
    block = gaps(rng, cv, size)
    if cv != 1.0:
        # The gap under way is a longer one (its chance grows with its length), and any part of it may be over.
        block[0] = rng.random() * rng.standard_gamma(1 + 1 / cv**2) * cv**2
    while True:
        yield block
        size = min(2 * size, CHUNK)
        block = gaps(rng, cv, size)


def walk_pieces(pieces: Iterable[Pieces], cv: float, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Arrivals along the pieces of a rate, in chunks of CHUNK (the last may be shorter)."""
    blocks = _gap_blocks(rng, cv)
    block = next(blocks)
    at = np.zeros(3, np.int64)
    carry = np.array([0.0, -1.0, -np.inf])
    out = np.empty(CHUNK)
    for some in pieces:
        at[1] = 0
        while at[1] < len(some.mass):
            walk(block, some, at, carry, out)
            if at[2] == CHUNK:
                yield out
                out = np.empty(CHUNK)
                at[2] = 0
            elif at[1] < len(some.mass):
                block = next(blocks)
                at[0] = 0
    if at[2]:
        yield out[: at[2]].copy()
