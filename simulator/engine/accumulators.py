"""Collect what a kernel logs and what a controller sees into the result of one replication, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from simulator.engine.gauges import GaugeName
from simulator.engine.outcome import JobRun
from simulator.engine.replication import Ahead, Work, in_step
from simulator.engine.stage_sums import StageSums
from simulator.engine.stages import Applied
from simulator.kernels import fold as folding
from simulator.kernels.buckets import BUCKETS
from simulator.kernels.fates import COMPLETED, FATES, THROTTLED
from simulator.kernels.fold import MAX_ATTEMPTS, Log, Sums
from simulator.model.usage import Usage

FloatArray = NDArray[np.float64]

LOG_ROWS = 1 << 15
LOGS = 4
"""In turn: the statistics share a core with the draws, and may be behind by some logs."""

MAX_BINS = 288
_STEPS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400)


def bin_length_s(horizon_s: float) -> float:
    """The shortest round bin that gives at most MAX_BINS bins."""
    return next(float(step) for step in _STEPS_S if horizon_s / step <= MAX_BINS)


def new_log(rows: int = LOG_ROWS) -> Log:
    """An empty log."""
    return Log(
        arrival_s=np.zeros(rows),
        retry_s=np.zeros(rows),
        queue_s=np.zeros(rows),
        setup_s=np.zeros(rows),
        service_s=np.zeros(rows),
        fate=np.zeros(rows, dtype=np.int8),
        attempts=np.zeros(rows, dtype=np.int8),
        cold=np.zeros(rows, dtype=np.int8),
    )


@dataclass(slots=True)
class Gauge:
    """Integral and peak of a piecewise constant quantity, by bin."""

    bin_s: float
    horizon_s: float
    bins: int
    integral: FloatArray = field(init=False)
    peak: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.integral = np.zeros(self.bins)
        self.peak = np.zeros(self.bins)

    def hold(self, start_s: float, end_s: float, value: float, peak: float) -> None:
        """The quantity was `value` from start to end, with a momentary `peak`; what lies outside the horizon is cut
        off.
        """
        # Comparisons in place of min and max: this is called at every look of a controller.
        start_s = start_s if start_s > 0.0 else 0.0
        end_s = end_s if end_s < self.horizon_s else self.horizon_s
        last = self.bins - 1
        while start_s < end_s:
            b = int(start_s / self.bin_s)
            b = b if b < last else last
            edge_s = (b + 1) * self.bin_s
            upto = edge_s if b < last and edge_s < end_s else end_s
            if upto <= start_s:
                break
            self.integral[b] += value * (upto - start_s)
            self.peak[b] = max(self.peak[b], peak)
            start_s = upto


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One replication. Arrays by bin of the horizon; `sums` as the fold kernel left them; gauges: name -> Gauge.
    stages_s: mean time of a completed request in each stage, seconds.
    """

    horizon_s: float
    bin_s: float
    sums: Sums
    offered: FloatArray
    attempts: FloatArray
    gauges: Mapping[GaugeName, Gauge]
    usage: tuple[Usage, ...]
    utilisation: float | None
    stages_s: Mapping[str, float]
    jobs: tuple[JobRun, ...] = ()
    notes: tuple[str, ...] = ()


class Tally:
    """Accumulates one replication, of requests that go through these stages."""

    def __init__(self, horizon_s: float, stages: Sequence[Applied] = (), ahead: Ahead = in_step) -> None:
        self.horizon_s = horizon_s
        self.stages = StageSums(stages)
        self.bin_s = bin_length_s(horizon_s)
        self.bins = int(np.ceil(horizon_s / self.bin_s))
        self._sums = Sums(
            histogram=np.zeros((self.bins, BUCKETS), dtype=np.int64),
            fates=np.zeros((self.bins, len(FATES)), dtype=np.int64),
            cold=np.zeros(self.bins, dtype=np.int64),
            attempts=np.zeros(MAX_ATTEMPTS + 1, dtype=np.int64),
            made=np.zeros(1, dtype=np.int64),
            parts=np.zeros(folding.PARTS),
            work=np.zeros(self.bins),
            executed=np.zeros(3),
        )
        self.edges_s = np.append(np.arange(self.bins) * self.bin_s, horizon_s)
        self._away = np.zeros_like(self._sums.fates)
        self.offered = np.zeros(self.bins)
        self.attempts = np.zeros(self.bins)
        self.gauges: dict[GaugeName, Gauge] = {}
        self._aside = ahead.aside
        self._under_way: deque[tuple[Work, Log]] = deque()

    @property
    def sums(self) -> Sums:
        """What the logs have come to so far."""
        while self._under_way:
            self._settle()
        self._sums.fates[:] += self._away
        self._away[:] = 0
        return self._sums

    def fold(self, log: Log, n: int) -> Log:
        """Take in the first n rows of a log, perhaps while the caller goes on; returns the log to go on with."""
        fold = partial(self.stages.fold, log, n, self._sums, self.bin_s, self.horizon_s)
        self._under_way.append((self._aside(fold), log))
        return self._settle() if len(self._under_way) == LOGS else new_log(log.arrival_s.size)

    def _settle(self) -> Log:
        """Wait for the log that was handed over first; returns it, to be used again."""
        done, log = self._under_way.popleft()
        done()
        return log

    def arrive(self, t: FloatArray) -> None:
        """Count offered requests, float64[n] rising arrival times in seconds."""
        self.offered += np.diff(np.searchsorted(t, self.edges_s))

    def turn_away(self, number: int, t: FloatArray, fate: int) -> None:
        """Requests that arrived at float64[n] rising times, counted as offered, end at stage `number` with this fate:
        throttled before it was called, or failed there.
        """
        by_bin = np.diff(np.searchsorted(t, self.edges_s))
        self._away[:, fate] += by_bin
        for outer, entry in enumerate(self.stages.applied[: number + 1]):
            if entry.stage.place == "before" and (outer < number or fate != THROTTLED):
                self.stages.call(outer, int(by_bin.sum()))

    def arrive_in_groups(self, at_s: FloatArray, records: NDArray[np.int64]) -> None:
        """Count offered requests of the horizon, int64[n] together at each of float64[n] times in seconds."""
        bins = np.minimum((at_s / self.bin_s).astype(np.int64), self.bins - 1)
        self.offered += np.bincount(bins, weights=records, minlength=self.bins)

    def attempted(self, start_s: float, end_s: float, attempts: int) -> None:
        """So many attempts, retries included, reached the endpoint between start and end."""
        middle = (start_s + end_s) / 2
        if attempts and 0 <= middle < self.horizon_s:
            self.attempts[min(int(middle / self.bin_s), self.bins - 1)] += attempts

    def hold(self, name: GaugeName, start_s: float, end_s: float, value: float, peak: float | None = None) -> None:
        """Gauge `name` was `value` from start to end."""
        if name not in self.gauges:
            self.gauges[name] = Gauge(self.bin_s, self.horizon_s, self.bins)
        self.gauges[name].hold(start_s, end_s, value, value if peak is None else peak)

    def integral(self, name: GaugeName) -> float:
        """Integral of a gauge over the horizon, in gauge-seconds."""
        return float(self.gauges[name].integral.sum()) if name in self.gauges else 0.0

    def result(
        self,
        usage: tuple[Usage, ...],
        utilisation: float | None,
        jobs: tuple[JobRun, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> Result:
        """Close the replication. Requests that are in no log by now count as unfinished."""
        unfinished = self.offered - self.sums.fates.sum(axis=1)
        self.sums.fates[:, FATES.index("unfinished")] += unfinished.astype(np.int64)
        completed = int(self.sums.fates[:, COMPLETED].sum())
        return Result(
            horizon_s=self.horizon_s,
            bin_s=self.bin_s,
            sums=self.sums,
            offered=self.offered,
            attempts=self.attempts,
            gauges=self.gauges,
            usage=(*usage, *self.stages.usage()),
            utilisation=utilisation,
            stages_s=self.stages.means_s(completed),
            jobs=jobs,
            notes=notes,
        )
