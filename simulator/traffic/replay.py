"""Arrival times that are replayed as they were measured. Nothing is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.traffic.arrivals import CHUNK, KnownRate
from simulator.traffic.binned import Bins
from simulator.traffic.trace import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ReplaySource(KnownRate):
    """A window of measured times (seconds from its start), perhaps repeated for ever, both ways.

    seconds: the same times as counts per second, which is what the expected rate is made of.
    """

    t_s: FloatArray
    seconds: Bins

    @property
    def dispersion(self) -> float:
        """0: the times are known."""
        return 0.0

    def times(self, rng: np.random.Generator, start_s: float, end_s: float) -> Iterator[FloatArray]:
        """The measured times in [start_s, end_s), in chunks. `rng` is not used."""
        if not len(self.t_s) or start_s >= end_s:
            return
        span_s, origin_s = self.seconds.span_s, self.seconds.origin_s
        first, stop = self._before(start_s), self._before(end_s)
        for block in range(first, stop, CHUNK):
            cycle, which = np.divmod(np.arange(block, min(block + CHUNK, stop)), len(self.t_s))
            times = np.minimum(origin_s + (cycle * span_s + self.t_s[which]), np.nextafter(end_s, -np.inf))
            yield np.maximum(times, start_s)

    def expected(self, start_s: float, end_s: float) -> float:
        """The exact number of measured times in [start_s, end_s)."""
        return float(max(self._before(end_s) - self._before(start_s), 0)) if len(self.t_s) else 0.0

    def _before(self, t_s: float) -> int:
        return self.seconds.number(t_s, self.t_s, "left")
