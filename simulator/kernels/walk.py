"""Place arrivals along a rate: walk through the pieces of a piecewise linear rate, one unit-mean gap after the other.

The k-th arrival is where the integral of the rate, from the start, reaches the sum of the first k gaps. In a piece that
begins with rate r and rises by s per second, the time x into the piece at which its integral reaches u solves
r x + s x^2 / 2 = u; the root taken is x = 2 u / (r + sqrt(r^2 + 2 s u)), which loses no digits and needs no case for
s = 0. Exact but for rounding. Arrivals are never before the one placed before, nor outside their piece.

Work: one step per gap and one per piece. State is carried over from call to call in `at` and `carry`.
Reference: E. Cinlar, Introduction to Stochastic Processes (1975), section 4.7 (time change of a Poisson process).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Pieces(NamedTuple):
    """Pieces of a rate, in order of time: float64[m] each.

    starts_s: where a piece begins; last_s: the largest time still inside; rate_per_s: at its start; slope: rise per
    second; mass: integral over the piece.
    """

    starts_s: FloatArray
    last_s: FloatArray
    rate_per_s: FloatArray
    slope: FloatArray
    mass: FloatArray


def _walk(gaps: FloatArray, pieces: Pieces, at: NDArray[np.int64], carry: FloatArray, out: FloatArray) -> None:
    """Fill `out` from at[2] on, until it is full, or the gaps or the pieces are used up.

    at: int64[3] = next gap, current piece, filled so far. carry: float64[3] = mass passed in the piece, mass still to
    go to the next arrival (below 0: take the next gap), latest arrival.
    """
    gap, piece, filled = at[0], at[1], at[2]
    passed, to_go, latest = carry[0], carry[1], carry[2]
    n_pieces = len(pieces.mass)
    while filled < len(out) and piece < n_pieces:
        if to_go < 0.0:
            if gap == len(gaps):
                break
            to_go = gaps[gap]
            gap += 1
        target = passed + to_go
        while piece < n_pieces and target >= pieces.mass[piece]:
            target -= pieces.mass[piece]
            piece += 1
        if piece == n_pieces:
            passed = 0.0
            to_go = target
            break
        passed = target
        to_go = -1.0
        rate = pieces.rate_per_s[piece]
        bottom = rate + math.sqrt(max(rate * rate + 2.0 * pieces.slope[piece] * passed, 0.0))
        time = pieces.starts_s[piece]
        if bottom > 0.0:
            time += 2.0 * passed / bottom
        latest = max(latest, min(time, pieces.last_s[piece]))
        out[filled] = latest
        filled += 1
    at[0], at[1], at[2] = gap, piece, filled
    carry[0], carry[1], carry[2] = passed, to_go, latest


walk = njit(cache=True, nogil=True)(_walk)
