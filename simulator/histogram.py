"""A log-spaced histogram of latencies: 64 buckets an octave, so a quantile is within 0.8 % of the exact one.

The bucket is read off the float's own bits (exponent and the first six bits of the mantissa): within an octave the 64
buckets are equally wide, each 1/64 to 1/128 of its value. Histograms of runs add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEAST_S = 2.0**-20
OCTAVES = 44
BUCKETS = OCTAVES * 64
SHIFT = 46
FIRST = int(np.float64(LEAST_S).view(np.int64)) >> SHIFT


def edges() -> FloatArray:
    """Lower edges of the buckets and the upper edge of the last, float64[BUCKETS + 1], seconds."""
    bits = (np.arange(BUCKETS + 1, dtype=np.int64) + FIRST) << SHIFT
    return bits.view(np.float64)


def bucket(latency_s: FloatArray) -> IntArray:
    """Bucket of each latency; what lies outside goes to the first or last."""
    clipped = np.clip(np.asarray(latency_s, dtype=np.float64), LEAST_S, None)
    index: IntArray = (clipped.view(np.int64) >> SHIFT) - FIRST
    return np.minimum(index, BUCKETS - 1)


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts per bucket, int64[BUCKETS]."""

    counts: IntArray

    @property
    def total(self) -> int:
        """Number of values."""
        return int(self.counts.sum())

    def quantile(self, percent: float) -> float | None:
        """The percentile in seconds, the middle of its bucket; None when the histogram is empty.

        The value of rank ceil(percent/100 x n), as in the definition by the inverse of the empirical distribution.
        """
        total = self.total
        if total == 0:
            return None
        rank = max(1, int(np.ceil(percent / 100 * total)))
        index = int(np.searchsorted(np.cumsum(self.counts), rank))
        bounds = edges()
        return float((bounds[index] + bounds[index + 1]) / 2)

    def curve(self, percents: FloatArray) -> FloatArray:
        """Percentiles in seconds for drawing, float64[len(percents)]; NaN where empty."""
        values = [self.quantile(float(percent)) for percent in percents]
        return np.array([np.nan if value is None else value for value in values])
