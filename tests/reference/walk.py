"""The slow twin of simulator.kernels.walk: all gaps and all pieces at once, one arrival after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.kernels.walk import Pieces


def walk(gaps: Sequence[float], pieces: Pieces) -> list[float]:
    """Every arrival that falls into the pieces."""
    arrivals: list[float] = []
    piece = 0
    passed = 0.0
    latest = -math.inf
    for gap in gaps:
        passed = passed + gap
        while piece < len(pieces.mass) and passed >= pieces.mass[piece]:
            passed = passed - float(pieces.mass[piece])
            piece += 1
        if piece == len(pieces.mass):
            break
        rate = float(pieces.rate_per_s[piece])
        slope = float(pieces.slope[piece])
        bottom = rate + math.sqrt(max(rate * rate + 2.0 * slope * passed, 0.0))
        into = 2.0 * passed / bottom if bottom > 0.0 else 0.0
        arrival = min(float(pieces.starts_s[piece]) + into, float(pieces.last_s[piece]))
        latest = max(latest, arrival)
        arrivals.append(latest)
    return arrivals
