"""What a run says: latencies, fates, series over time and usage.

An outcome pools the replications of one deployment; `samples` keeps what intervals are made from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simulator.engine.gauges import CountName, GaugeName
from simulator.engine.histogram import Histogram
from simulator.kernels.fates import Fate
from simulator.model.usage import Usage

FloatArray = NDArray[np.float64]

FATE_WORDS: Mapping[Fate, str] = {
    "completed": "answered",
    "throttled": "throttled (429)",
    "rejected": "refused, queue full",
    "timed_out": "timed out",
    "expired": "expired in the queue",
    "lost": "lost with an instance",
    "failed": "failed with an error",
    "unfinished": "not finished",
}

SpreadOf = Literal["counts", "means", "latency_s"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What happened when, in equal bins over the horizon.

    counts: fate or event -> requests per bin. means: gauge -> time average per bin. peaks: gauge -> largest value seen
    in the bin. Names: engine/gauges.py.
    latency_s: percentile name ("p50", "p95", "p99") -> seconds per bin of arrival, NaN where nothing completed.
    heat: completed requests by half-octave of latency (rows) and bin (columns); heat_edges_s: rows + 1 edges.
    Everything is the mean over replications, except latency_s, which is of the pooled requests, and peaks, the largest.
    spread: "counts", "means" or "latency_s" -> name -> standard deviation of the replications around the value of each
    bin, NaN where some answered nothing; without what never differs, and empty with one replication.
    """

    bin_s: float
    counts: dict[CountName, FloatArray]
    means: dict[GaugeName, FloatArray]
    peaks: dict[GaugeName, FloatArray]
    latency_s: dict[str, FloatArray]
    heat: FloatArray
    heat_edges_s: FloatArray
    spread: dict[SpreadOf, dict[str, FloatArray]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """One transform job or data set of the first replication: when it was ready, began to work and was finished
    (None: not).
    """

    ready_s: float
    began_s: float
    finished_s: float | None
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One replication, as far as intervals need it. quantiles_s: percentile -> seconds, None when nothing completed.
    beyond: percentile -> number of its answers above the bucket of the percentile of all replications together.
    """

    completed: int
    quantiles_s: dict[str, float | None]
    beyond: dict[str, int]
    error_share: float
    utilisation: float | None
    longest_job_s: float | None
    usage: tuple[Usage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """95 % intervals of a single replication, judged from blocks of block_s seconds of it
    (simulator/engine/batch_means.py).

    latency_s: percentile -> low and high in seconds. completed, and usage by line: half the interval of the quantity,
    over the quantity. why_not: percentile or "error_share" -> why it has no interval; "" -> why nothing has.
    """

    block_s: float
    latency_s: dict[str, tuple[float, float]] = field(default_factory=dict)
    error_share: tuple[float, float] | None = None
    utilisation: tuple[float, float] | None = None
    completed: float = 0.0
    usage: tuple[float, ...] = ()
    why_not: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What a fault did: simulator/engine/recovery.py says how it is measured. Times in seconds from the start of the
    horizon.

    ended_s: when its cause was over. recovered_s: None when not within the horizon. p99_before_s, p99_worst_s: worst
    p99 of a bin in the hour before, and from the fault until recovered; None where nothing was answered. error_share:
    requests without an answer over those offered from the fault until recovered. beyond_before: share of the bins of
    the hour before that were beyond a limit of the requirement already.
    """

    kind: str
    at_s: float
    ended_s: float
    recovered_s: float | None
    p99_before_s: float | None
    p99_worst_s: float | None
    error_share: float
    beyond_before: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the simulator says of one deployment under one workload.

    offered and fates count requests (records for batch) that arrived within the horizon, over all replications; they
    add up. successes_by_attempt: completed on attempt 1, 2, ...; attempts: all attempts made by counted requests.
    parts_s: mean seconds a completed request spent in each part (retry, queue, setup, service, overhead).
    utilisation: share of the paid working capacity that was busy, None where the word has no meaning. jobs and
    longest_job_s: for data sets, ready to finished; longest over all replications, None when one did not finish.
    recoveries: of the faults that were asked for, measured on all replications together. within: of a single
    replication, how much chance moves it.
    """

    pattern: str
    horizon_s: float
    replications: int
    offered: int
    fates: dict[Fate, int]
    attempts: int
    successes_by_attempt: tuple[int, ...]
    cold_starts: int
    parts_s: dict[str, float]
    utilisation: float | None
    series: Series
    jobs: tuple[JobRun, ...]
    longest_job_s: float | None
    usage: tuple[Usage, ...]
    samples: tuple[Sample, ...]
    notes: tuple[str, ...] = ()
    recoveries: tuple[Recovery, ...] = ()
    within: Within | None = None
    latency: Histogram

    @property
    def completed(self) -> int:
        """Requests answered, over all replications."""
        return self.fates["completed"]

    @property
    def error_share(self) -> float:
        """Share of offered requests that ended without an answer."""
        return 1 - self.completed / self.offered if self.offered else 0.0
