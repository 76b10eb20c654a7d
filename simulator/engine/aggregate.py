"""Join the replications of a deployment into one outcome: counts add up, usage and series are means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from simulator.engine.accumulators import FloatArray, Result
from simulator.engine.gauges import CountName, GaugeName
from simulator.engine.histogram import Histogram, IntArray, by_bin, edges
from simulator.engine.outcome import Outcome, Sample, Series, SpreadOf
from simulator.engine.stages import MEASURED
from simulator.kernels.fates import COMPLETED, FATES
from simulator.kernels.fold import MAX_ATTEMPTS
from simulator.model.usage import Usage

PERCENTILES = (50.0, 95.0, 99.0)
"""Over time. The required one is always among them."""

SAMPLED = (50.0, 90.0, 95.0, 99.0, 99.9, 99.99)
"""Of each replication, for intervals; with the required one."""

_HEAT_BUCKETS = 32  # half an octave


def pool(pattern: str, results: Sequence[Result], percentile: float) -> Outcome:
    """Join replications: counts add up, usage and series are means, samples keep each for intervals."""
    percents = sorted({*PERCENTILES, percentile})
    histogram = _counted(r.sums.histogram for r in results)
    fates = _counted(r.sums.fates.sum(axis=0) for r in results)
    completed = int(fates[0])
    parts = _mean_array(r.sums.parts for r in results) * len(results) / max(completed, 1)
    latency = Histogram(histogram.sum(axis=0))
    samples = tuple(_sample(result, sorted({*SAMPLED, percentile}), latency) for result in results)
    jobs = [sample.longest_job_s for sample in samples]
    return Outcome(
        pattern=pattern,
        horizon_s=results[0].horizon_s,
        replications=len(results),
        offered=int(sum(r.offered.sum() for r in results)),
        fates={name: int(fates[k]) for k, name in enumerate(FATES)},
        attempts=int(sum(r.sums.made[0] for r in results)),
        successes_by_attempt=_trimmed(_counted(r.sums.attempts for r in results)),
        cold_starts=int(sum(r.sums.cold.sum() for r in results)),
        latency=latency,
        parts_s={part.key: float(mean_s) for part, mean_s in zip(MEASURED, parts, strict=True)} | _stages_s(results),
        utilisation=_mean([s.utilisation for s in samples]),
        series=_series(results, histogram, percents),
        jobs=results[0].jobs,
        longest_job_s=None if not results[0].jobs or None in jobs else max(j for j in jobs if j is not None),
        usage=_mean_usage([s.usage for s in samples]),
        samples=samples,
        notes=tuple(dict.fromkeys(note for r in results for note in r.notes)),
    )


def percentile_name(percent: float) -> str:
    """The name under which a percentile is kept: "p99", "p99.9"."""
    return f"p{percent:g}"


def _stages_s(results: Sequence[Result]) -> dict[str, float]:
    """Mean time of a completed request in each stage, seconds; without rounding where it is the same in all runs."""
    completed = [float(result.sums.fates[:, COMPLETED].sum()) for result in results]
    means: dict[str, float] = {}
    for key, first_s in results[0].stages_s.items():
        each_s = [result.stages_s[key] for result in results]
        same = all(mean_s == first_s for mean_s in each_s) or not any(completed)
        means[key] = first_s if same else float(np.average(each_s, weights=completed))
    return means


def _sample(result: Result, percents: Sequence[float], pooled: Histogram) -> Sample:
    latency = Histogram(result.sums.histogram.sum(axis=0))
    offered = float(result.offered.sum())
    finished = [None if job.finished_s is None else job.finished_s - job.ready_s for job in result.jobs]
    return Sample(
        completed=int(result.sums.fates[:, 0].sum()),
        quantiles_s={percentile_name(p): latency.quantile(p) for p in percents},
        beyond={percentile_name(p): latency.beyond(pooled.index(p)) for p in percents} if pooled.total else {},
        error_share=1 - float(result.sums.fates[:, 0].sum()) / offered if offered else 0.0,
        utilisation=result.utilisation,
        longest_job_s=None if not finished or None in finished else max(f for f in finished if f is not None),
        usage=result.usage,
    )


def _series(results: Sequence[Result], histogram: IntArray, percents: Sequence[float]) -> Series:
    first = results[0]
    fates = _mean_array(r.sums.fates for r in results)
    names = first.gauges.keys()
    # The last bin may be shorter than the others.
    length_s = np.minimum(first.bin_s, first.horizon_s - np.arange(first.offered.size) * first.bin_s)
    heat, heat_edges_s = _heat(histogram)
    counts: dict[CountName, FloatArray] = {
        "offered": _mean_array(r.offered for r in results),
        "attempts": _mean_array(r.attempts for r in results),
        "cold_starts": _mean_array(r.sums.cold for r in results),
        **{name: fates[:, k] for k, name in enumerate(FATES)},
    }
    means: dict[GaugeName, FloatArray] = {
        "busy": _mean_array(r.sums.work for r in results) / length_s,
        **{name: _mean_array(r.gauges[name].integral for r in results) / length_s for name in names},
    }
    latency_s = {percentile_name(p): row for p, row in zip(percents, by_bin(histogram, percents), strict=True)}
    return Series(
        bin_s=first.bin_s,
        counts=counts,
        means=means,
        peaks={name: np.max([r.gauges[name].peak for r in results], axis=0) for name in names},
        latency_s=latency_s,
        heat=heat / len(results),
        heat_edges_s=heat_edges_s,
        spread=_spread(results, counts, means, latency_s, length_s) if len(results) > 1 else {},
    )


def _spread(
    results: Sequence[Result],
    counts: Mapping[CountName, FloatArray],
    means: Mapping[GaugeName, FloatArray],
    latency_s: Mapping[str, FloatArray],
    length_s: FloatArray,
) -> dict[SpreadOf, dict[str, FloatArray]]:
    """How far the replications are around the value of each bin; see Series."""
    percents = [float(name[1:]) for name in latency_s]
    curves = [by_bin(r.sums.histogram, percents) for r in results]
    counted: dict[CountName, Sequence[IntArray | FloatArray]] = {
        "offered": [r.offered for r in results],
        "attempts": [r.attempts for r in results],
        "cold_starts": [r.sums.cold for r in results],
        **{name: [r.sums.fates[:, k] for r in results] for k, name in enumerate(FATES)},
    }
    levels: dict[GaugeName, Sequence[IntArray | FloatArray]] = {
        "busy": [r.sums.work / length_s for r in results],
        **{name: [r.gauges[name].integral / length_s for r in results] for name in results[0].gauges},
    }
    lines: dict[str, Sequence[IntArray | FloatArray]] = {
        name: [curve[k] for curve in curves] for k, name in enumerate(latency_s)
    }
    deviations: dict[SpreadOf, dict[str, FloatArray]] = {
        "counts": {name: _around(counts[name], samples) for name, samples in counted.items()},
        "means": {name: _around(means[name], samples) for name, samples in levels.items()},
        "latency_s": {name: _around(latency_s[name], samples) for name, samples in lines.items()},
    }
    return {group: {name: sd for name, sd in of.items() if np.any(sd)} for group, of in deviations.items()}


def _around(value: FloatArray, samples: Sequence[IntArray | FloatArray]) -> FloatArray:
    """Standard deviation of the samples around the value, by bin."""
    squares: FloatArray = np.sum([(sample - value) ** 2 for sample in samples], axis=0)
    return np.sqrt(squares / (len(samples) - 1))


def _counted(arrays: Iterable[IntArray]) -> IntArray:
    total: IntArray = np.sum(list(arrays), axis=0)
    return total


def _mean_array(arrays: Iterable[IntArray | FloatArray]) -> FloatArray:
    mean: FloatArray = np.mean(list(arrays), axis=0)
    return mean


def _heat(histogram: IntArray) -> tuple[FloatArray, FloatArray]:
    """Half-octave rows from the lowest to the highest that is not empty."""
    bins = histogram.shape[0]
    rows = histogram.reshape(bins, -1, _HEAT_BUCKETS).sum(axis=2).T.astype(np.float64)
    filled = np.flatnonzero(rows.sum(axis=1))
    low, high = (int(filled[0]), int(filled[-1]) + 1) if filled.size else (0, 1)
    return rows[low:high], edges()[low * _HEAT_BUCKETS : high * _HEAT_BUCKETS + 1 : _HEAT_BUCKETS]


def _mean_usage(usages: Sequence[tuple[Usage, ...]]) -> tuple[Usage, ...]:
    return tuple(
        replace(lines[0], quantity=float(np.mean([line.quantity for line in lines])))
        for lines in zip(*usages, strict=True)
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _trimmed(successes: IntArray) -> tuple[int, ...]:
    """Successes on attempt 1, 2, ... up to the last that occurred."""
    last = int(np.max(np.flatnonzero(successes), initial=0))
    return tuple(int(successes[k]) for k in range(1, min(last, MAX_ATTEMPTS) + 1))
