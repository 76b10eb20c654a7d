"""Data sets that a client sends at an even pace: a known number of records, one in each of as many equal slots."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.traffic.arrivals import CHUNK, KnownRate, own_stream
from simulator.traffic.kinds import DAY_S, Jobs
from simulator.traffic.trace import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class JobSource(KnownRate):
    """Each data set has exactly its records, each at a random place in its own slot. Before time 0 it is the same."""

    spec: Jobs

    @property
    def dispersion(self) -> float:
        """0: the number in any time is known to within one or two."""
        return 0.0

    def times(self, rng: np.random.Generator, start_s: float, end_s: float) -> Iterator[FloatArray]:
        """Arrival times in [start_s, end_s), in chunks."""
        return self._times(own_stream(rng), start_s, end_s)

    def _times(self, rng: np.random.Generator, start_s: float, end_s: float) -> Iterator[FloatArray]:
        spec, every_s = self.spec, self.spec.every_days * DAY_S
        first = math.floor((start_s - spec.at_s - spec.submit_over_s) / every_s)
        last = math.ceil((end_s - spec.at_s) / every_s)
        for cycle in range(first, last + 1):
            yield from self._data_set(rng, spec.at_s + cycle * every_s, start_s, end_s)

    def _data_set(self, rng: np.random.Generator, ready_s: float, start_s: float, end_s: float) -> Iterator[FloatArray]:
        slot_s = self.spec.submit_over_s / self.spec.records
        first = max(0, math.floor((start_s - ready_s) / slot_s) - 1)
        stop = min(self.spec.records, math.ceil((end_s - ready_s) / slot_s) + 1)
        latest_s = np.nextafter(ready_s + self.spec.submit_over_s, -np.inf)
        for block in range(first, stop, CHUNK):
            slots = np.arange(block, min(block + CHUNK, stop), dtype=np.float64)
            slots += rng.random(len(slots))
            times = np.minimum(ready_s + slots * slot_s, latest_s)
            times = times[np.searchsorted(times, start_s) : np.searchsorted(times, end_s)]
            if len(times):
                yield times
