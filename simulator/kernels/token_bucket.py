"""A token bucket: calls at rising times, each of which takes a token or is refused. O(1) per call."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.kernels import Floats, compiled

Flags = NDArray[np.bool_]


def _admit(t: Floats, per_s: float, burst: float, bucket: Floats, admitted: Flags) -> None:
    """Into admitted, bool[n]: whether each call finds a token. bucket: float64[2], tokens and when they were counted,
    minus infinity at first; carried from call to call. Tokens come at per_s, up to `burst` of them.
    """
    for i in range(t.size):
        if bucket[1] > -np.inf:
            bucket[0] = min(burst, bucket[0] + (t[i] - bucket[1]) * per_s)
        bucket[1] = t[i]
        admitted[i] = bucket[0] >= 1.0
        if admitted[i]:
            bucket[0] -= 1.0


admit = compiled(_admit)
