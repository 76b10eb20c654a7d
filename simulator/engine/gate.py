"""What stages do to requests before a pattern gets them: calls that are refused or fail, work that takes longer."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.engine.accumulators import Tally
from simulator.engine.stages import Applied
from simulator.kernels.fates import FAILED, THROTTLED
from simulator.kernels.token_bucket import admit

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Chunk:
    """float64[n] each: arrival times in seconds, rising; demand in seconds on the reference instance; uniform in [0,
    1).
    """

    t: FloatArray
    demand_s: FloatArray
    u: FloatArray


class Gate:
    """The way of requests to a pattern whose service times are `factor` times the demand."""

    def __init__(self, tally: Tally, factor: float) -> None:
        self._tally, self._factor = tally, factor
        applied = tally.stages.applied
        self._turning = [
            (number, entry, np.array([entry.terms.burst, -math.inf]))
            for number, entry in enumerate(applied)
            if entry.stage.place == "before" and entry.terms.turns_away
        ]
        self._inside = [entry for entry in applied if entry.stage.place == "inside"]

    def through(self, chunk: Chunk) -> Chunk:
        """The requests that reach the pattern, in their order, with the time in stages that hold a worker in their
        demand. Those that do not are counted in the tally.
        """
        for number, entry, bucket in self._turning:
            chunk = self._turn_away(chunk, number, entry, bucket)
        if not self._inside:
            return chunk
        held_s = np.sum([entry.times_s(chunk.t) for entry in self._inside], axis=0)
        return replace(chunk, demand_s=chunk.demand_s + held_s / self._factor)

    def _turn_away(self, chunk: Chunk, number: int, entry: Applied, bucket: FloatArray) -> Chunk:
        called = np.ones(chunk.t.size, dtype=np.bool_)
        if entry.terms.capacity_per_s < math.inf:
            admit(chunk.t, entry.terms.capacity_per_s, entry.terms.burst, bucket, called)
        failed = called & entry.fails(chunk.t)
        self._tally.turn_away(number, chunk.t[~called], THROTTLED)
        self._tally.turn_away(number, chunk.t[failed], FAILED)
        goes_on = called & ~failed
        return Chunk(chunk.t[goes_on], chunk.demand_s[goes_on], chunk.u[goes_on])
