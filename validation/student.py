"""Student's t for means of independent values, such as replications: for validation, bench and tests alike."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headroom.advisor.intervals import T_975

T_95: Mapping[int, float] = dict(enumerate(T_975, start=1))
T_999: Mapping[int, float] = {9: 4.781, 11: 4.437, 15: 4.073, 19: 3.883, 24: 3.745, 29: 3.659, 39: 3.558}
"""Two-sided quantiles by degrees of freedom: 95 %, and 99.9 % (any table of the distribution)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """mean +- half."""

    mean: float
    half: float

    def contains(self, value: float) -> bool:
        """Whether the value lies inside."""
        return abs(value - self.mean) <= self.half


def interval(values: Sequence[float], t: Mapping[int, float]) -> Interval:
    """Of the mean, with the quantiles `t`."""
    numbers = [float(value) for value in values]
    half = t[len(numbers) - 1] * statistics.stdev(numbers) / math.sqrt(len(numbers))
    return Interval(statistics.fmean(numbers), half)
