"""A measured series of arrivals, as counts per bin or as arrival times. Values only; `sharing` reads the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """bin_s > 0: `values` are counts per bin of that length. bin_s = 0: `values` are arrival times in seconds, rising."""

    name: str
    title: str
    bin_s: float
    values: FloatArray
    origin: str
    licence: str
    cite: str
    note: str


TraceLibrary = Mapping[str, Trace]
