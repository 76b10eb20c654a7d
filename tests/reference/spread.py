"""The slow twin of simulator.kernels.spread: each bin by itself."""

from __future__ import annotations

from collections.abc import Sequence


def spread(spacings: Sequence[float], counts: Sequence[int], bins: Sequence[tuple[float, float, float]]) -> list[float]:
    """Arrivals of all bins; a bin is its start, its end and the largest time still inside."""
    arrivals: list[float] = []
    rest = list(spacings)
    for count, (start, end, last) in zip(counts, bins, strict=True):
        own, rest = rest[: count + 1], rest[count + 1 :]
        total = 0.0
        for spacing in own:
            total += spacing
        scale = (end - start) / total if total > 0.0 else 0.0
        reached = 0.0
        for spacing in own[:-1]:
            reached += spacing
            arrivals.append(min(start + reached * scale, last))
    return arrivals
