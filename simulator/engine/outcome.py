"""What a run says: latencies, fates, series over time and usage. Values that turn into JSON and back.

An outcome pools the replications of one deployment; `samples` keeps what intervals are made from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.histogram import Histogram
from simulator.kernels.buckets import BUCKETS
from simulator.model.usage import Usage

FloatArray = NDArray[np.float64]

FATE_WORDS: Mapping[str, str] = {
    "completed": "answered",
    "throttled": "throttled (429)",
    "rejected": "refused, queue full",
    "timed_out": "timed out",
    "expired": "expired in the queue",
    "lost": "lost with an instance",
    "failed": "failed with an error",
    "unfinished": "not finished",
}

GAUGES: Mapping[str, str] = {
    "instances_in_service": "instances",
    "instances_billed": "instances",
    "busy": "requests in work",
    "queued": "requests waiting",
    "environments": "environments, warm or busy",
    "in_flight": "requests in flight, cold starts included",
    "slots": "requests that can be in work at once",
    "provisioned_in_service": "provisioned environments",
    "provisioned_billed": "provisioned environments paid for",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What happened when, in equal bins over the horizon.

    counts: fate or event -> requests per bin (keys: "offered", the FATES, "attempts", "cold_starts").
    means: gauge -> time average per bin. peaks: gauge -> largest value seen in the bin.
    latency_s: percentile name ("p50", "p95", "p99") -> seconds per bin of arrival, NaN where nothing completed.
    heat: completed requests by half-octave of latency (rows) and bin (columns); heat_edges_s: rows + 1 edges.
    Everything is the mean over replications, except latency_s, which is of the pooled requests, and peaks, the largest.
    spread: "counts", "means" or "latency_s" -> name -> standard deviation of the replications around the value of each
    bin, NaN where some answered nothing; without what never differs, and empty with one replication.
    """

    bin_s: float
    counts: dict[str, FloatArray]
    means: dict[str, FloatArray]
    peaks: dict[str, FloatArray]
    latency_s: dict[str, FloatArray]
    heat: FloatArray
    heat_edges_s: FloatArray
    spread: dict[str, dict[str, FloatArray]] = field(default_factory=dict)


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
    """One replication, as far as intervals need it. quantiles_s: percentile -> seconds, None when nothing completed."""

    completed: int
    quantiles_s: dict[str, float | None]
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
    requests without an answer over those offered from the fault until recovered.
    """

    kind: str
    at_s: float
    ended_s: float
    recovered_s: float | None
    p99_before_s: float | None
    p99_worst_s: float | None
    error_share: float


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
    fates: dict[str, int]
    attempts: int
    successes_by_attempt: tuple[int, ...]
    cold_starts: int
    latency: Histogram
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

    @property
    def completed(self) -> int:
        """Requests answered, over all replications."""
        return self.fates["completed"]

    @property
    def error_share(self) -> float:
        """Share of offered requests that ended without an answer."""
        return 1 - self.completed / self.offered if self.offered else 0.0


def to_json(outcome: Outcome) -> dict[str, Any]:
    """Plain JSON values; arrays become lists, NaN becomes None, the histogram only its filled buckets."""
    out: dict[str, Any] = {
        name: _plain(getattr(outcome, name)) for name in Outcome.__dataclass_fields__ if name != "latency"
    }
    filled = np.flatnonzero(outcome.latency.counts)
    out["latency"] = {"bucket": filled.tolist(), "count": outcome.latency.counts[filled].tolist()}
    return out


def from_json(data: Mapping[str, Any]) -> Outcome:
    """The inverse of to_json."""
    counts = np.zeros(BUCKETS, dtype=np.int64)
    counts[np.array(data["latency"]["bucket"], dtype=np.int64)] = data["latency"]["count"]
    series = data["series"]
    usage = tuple(Usage(**line) for line in data["usage"])
    samples = tuple(
        Sample(**{**sample, "usage": tuple(Usage(**line) for line in sample["usage"])}) for sample in data["samples"]
    )
    return Outcome(
        **{
            **data,
            "successes_by_attempt": tuple(data["successes_by_attempt"]),
            "latency": Histogram(counts),
            "series": Series(
                bin_s=series["bin_s"],
                **{
                    group: {k: _array(v) for k, v in series[group].items()}
                    for group in ("counts", "means", "peaks", "latency_s")
                },
                heat=_array(series["heat"]),
                heat_edges_s=_array(series["heat_edges_s"]),
                spread={
                    group: {k: _array(v) for k, v in values.items()}
                    for group, values in series.get("spread", {}).items()
                },
            ),
            "jobs": tuple(JobRun(**job) for job in data["jobs"]),
            "usage": usage,
            "samples": samples,
            "notes": tuple(data["notes"]),
            "recoveries": tuple(Recovery(**one) for one in data["recoveries"]),
            "within": _within(data.get("within")),
        }
    )


def _within(data: Mapping[str, Any] | None) -> Within | None:
    if data is None:
        return None
    pairs = {name: None if data[name] is None else tuple(data[name]) for name in ("error_share", "utilisation")}
    latency_s = {name: tuple(ends) for name, ends in data["latency_s"].items()}
    return Within(**{**data, **pairs, "latency_s": latency_s, "usage": tuple(data["usage"])})


def _array(values: Any) -> FloatArray:
    return np.array(values, dtype=np.float64)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        if value.ndim > 1:
            return [_plain(row) for row in value]
        return [None if np.isnan(x) else float(x) for x in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
