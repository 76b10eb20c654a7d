"""A log-spaced histogram of latencies: 64 buckets an octave, so a quantile is within 0.8 % of the exact one.

The bucket is read off the float's own bits (exponent and the first six bits of the mantissa): within an octave the 64
buckets are equally wide, each 1/64 to 1/128 of its value. Histograms of runs add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.kernels.buckets import BUCKETS, FIRST, LEAST_S, SHIFT

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


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
        if not self.counts.any():
            return None
        index, bounds = self.index(percent), edges()
        return float((bounds[index] + bounds[index + 1]) / 2)

    def index(self, percent: float) -> int:
        """The bucket that the percentile lies in, of a histogram that is not empty."""
        rank = max(1, int(np.ceil(percent / 100 * self.total)))
        return int(np.searchsorted(np.cumsum(self.counts), rank))

    def beyond(self, index: int) -> int:
        """Number of values in buckets above this one."""
        return int(self.counts[index + 1 :].sum())

    def confined(self, percent: float, low: float, high: float) -> tuple[float, float]:
        """Ends of an interval of a percentile, kept where it can be: no percentile is below the smallest value, one of
        50 or more is not below the median, and none is above the largest value. Of a histogram that is not empty.
        """
        value, least, most = self.quantile(percent), self.quantile(50 if percent >= 50 else 0), self.quantile(100)
        assert value is not None
        assert least is not None
        assert most is not None
        return min(value, max(low, least)), max(value, min(high, most))

    def curve(self, percents: FloatArray) -> FloatArray:
        """Percentiles in seconds for drawing, float64[len(percents)]; NaN where empty."""
        values = [self.quantile(float(percent)) for percent in percents]
        return np.array([np.nan if value is None else value for value in values])


def by_bin(counts: IntArray, percents: Sequence[float]) -> FloatArray:
    """`Histogram.quantile` of each row of int64[bins, BUCKETS]: float64[len(percents), bins], NaN where it is empty."""
    filled = np.flatnonzero(counts.any(axis=0))
    percentiles_s = np.full((len(percents), counts.shape[0]), np.nan)
    if not filled.size:
        return percentiles_s
    low = int(filled[0])
    below = np.cumsum(counts[:, low : int(filled[-1]) + 1], axis=1)
    total = below[:, -1]
    bounds = edges()[low:]
    for k, percent in enumerate(percents):
        rank = np.maximum(1, np.ceil(percent / 100 * total))
        at = (below >= rank[:, None]).argmax(axis=1)
        percentiles_s[k] = np.where(total > 0, (bounds[at] + bounds[at + 1]) / 2, np.nan)
    return percentiles_s
