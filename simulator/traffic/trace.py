"""A measured series of arrivals, as counts per bin or as arrival times. Values only; `sharing` reads the files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """bin_s > 0: `values` are counts per bin of that length. bin_s = 0: `values` are arrival times in s, rising."""

    name: str
    title: str
    bin_s: float
    values: FloatArray
    origin: str
    licence: str
    cite: str
    note: str


TraceLibrary = Mapping[str, Trace]


def as_values(numbers: Iterable[float]) -> FloatArray:
    """The values of a trace, unchangeable."""
    values = np.fromiter(numbers, dtype=np.float64)
    values.flags.writeable = False
    return values
