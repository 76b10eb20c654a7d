"""Spread a known number of arrivals inside each bin, by spacings that are scaled to fill the bin.

A bin with n arrivals has n + 1 spacings: before the first, between neighbours, after the last. Arrival j is at
start + (end - start) * (sum of the first j spacings) / (sum of all of them). With exponential spacings these are n
independent uniform times in rising order, without sorting.

Work: one step per spacing. Reference: L. Devroye, Non-Uniform Random Variate Generation (1986), section V.2.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def _spread(
    spacings: FloatArray,
    counts: NDArray[np.int64],
    starts_s: FloatArray,
    ends_s: FloatArray,
    last_s: FloatArray,
    out: FloatArray,
) -> None:
    """Write the arrivals of all bins to `out`, one bin after the other.

    spacings: float64[sum of (counts + 1)]; counts, starts_s, ends_s, last_s (largest time still inside): one per bin;
    out: float64[sum of counts].
    """
    spacing = 0
    filled = 0
    for b in range(len(counts)):
        total = 0.0
        for j in range(spacing, spacing + counts[b] + 1):
            total += spacings[j]
        per_unit = 0.0
        if total > 0.0:
            per_unit = (ends_s[b] - starts_s[b]) / total
        reached = 0.0
        for _ in range(counts[b]):
            reached += spacings[spacing]
            out[filled] = min(starts_s[b] + reached * per_unit, last_s[b])
            spacing += 1
            filled += 1
        spacing += 1


spread = njit(cache=True, nogil=True)(_spread)
