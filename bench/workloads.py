"""Workloads that nobody has chosen: drawn with a seed from the packaged traces, loads, service times and requirements.

A workload is known by its number: the same number is the same workload on every machine. Loads are given as the mean
number of requests in work, so that an instance may be far too large or one of many. A third needs a GPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.scenario import Scenario
from simulator.traffic.kinds import DAY_S
from simulator.traffic.trace import Trace

NUMBER = 48
"""Workloads of the bench."""

_SEED = 20_260_901
_MOST_REQUESTS = 4e5
"""In one replication; a busier workload has a shorter horizon."""

_HORIZONS_S = (DAY_S, 6 * 3600.0, 3600.0)
_LEAST_WORK, _MOST_WORK = 0.03, 40.0
_LEAST_MS, _MOST_MS, _LEAST_GPU_MS, _MOST_DEFERRED_MS = 4.0, 8000.0, 20.0, 120_000.0
_TIMES = (2.5, 4.0, 8.0, 20.0)
"""Latency limits that somebody waits for, in mean service times."""

_LATER_S = (300.0, 900.0, 3600.0, 4 * 3600.0, 6 * 3600.0)
"""Limits of what may be deferred; its horizon is a day, so that none is met because the end of the horizon is near."""

_BUSY_ENOUGH = 0.5
"""Of the mean of all stretches of a trace, so many requests are in the one that is drawn."""

_LIKE_CLOCKWORK = 0.3
"""Share of the workloads that are given as the mean day of their trace, which recurs, so that fleets may follow it."""


def drawn(number: int, traces: Mapping[str, Trace]) -> Scenario:
    """The workload of this number."""
    rng = np.random.default_rng([_SEED, number])
    deferred, gpu = bool(rng.random() < 0.4), bool(rng.random() < 0.35)
    least_ms, most_ms = _LEAST_GPU_MS if gpu else _LEAST_MS, _MOST_DEFERRED_MS if deferred else _MOST_MS
    mean_ms = float(f"{_log_uniform(rng, least_ms, most_ms):.3g}")
    trace = traces[str(rng.choice(sorted(traces)))]
    rate_per_s = _log_uniform(rng, _LEAST_WORK, _MOST_WORK) / (mean_ms / 1000)
    horizons_s = _HORIZONS_S[:1] if deferred else _HORIZONS_S
    horizon_s = next((one for one in horizons_s if one * rate_per_s <= _MOST_REQUESTS), horizons_s[-1])
    rate_per_s = min(rate_per_s, _MOST_REQUESTS / horizon_s)
    daily = trace.bin_s > 0 and trace.values.size * trace.bin_s >= DAY_S and rng.random() < _LIKE_CLOCKWORK
    workload = {
        "name": f"{trace.name}, mean day" if daily else trace.name,
        "traffic": _mean_day(trace, rate_per_s) if daily else _as_it_was(rng, trace, rate_per_s, horizon_s),
        "service_time": {"distribution": "lognormal", "mean_ms": mean_ms, "cv": _one_of(rng, 0.2, 0.5, 1.0, 2.0)},
        "parallel_fraction": _one_of(rng, 0.0, 0.5, 0.9),
        "container_workers": int(_one_of(rng, 0, 0, 1, 2)),
        "memory_mb": _one_of(rng, 500.0, 1500.0, 2500.0, 5000.0),
        "model_mb": _one_of(rng, 50.0, 300.0, 2000.0),
        "model_load_s": _one_of(rng, 2.0, 10.0, 40.0),
        "request_mb": _one_of(rng, 0.001, 0.05, 0.5, 2.0),
        "reference_instance_type": "ml.g5.xlarge" if gpu else "ml.m5.xlarge",
    }
    return Scenario.model_validate(
        {
            "workload": workload,
            "requirement": {**_requirement(rng, deferred, mean_ms), "needs_gpu": gpu},
            "simulation": {"duration_s": horizon_s, "warmup_s": 3600.0, "replications": 5},
            "deployments": (),
        }
    )


def _as_it_was(rng: np.random.Generator, trace: Trace, rate_per_s: float, horizon_s: float) -> dict[str, Any]:
    """A stretch of the trace in which something happens, as long as the horizon; all of a shorter trace, repeated."""
    times_s = np.arange(trace.values.size) * trace.bin_s if trace.bin_s > 0 else trace.values
    counts = trace.values if trace.bin_s > 0 else np.ones(trace.values.size)
    span_s = float(times_s[-1]) + trace.bin_s
    windows = max(1, int(span_s // horizon_s))
    came = np.bincount((times_s // horizon_s).astype(int), weights=counts, minlength=windows)[:windows]
    window = int(rng.choice(np.flatnonzero(came >= _BUSY_ENOUGH * came.mean())))
    mean_per_s = float(came[window]) / min(span_s, horizon_s) if windows > 1 else float(counts.sum()) / span_s
    return {
        "kind": "trace",
        "trace": trace.name,
        "scale": float(f"{rate_per_s / mean_per_s:.3g}"),
        "window_start_s": window * horizon_s,
        "window_s": horizon_s if windows > 1 else 0.0,
        "repeat": True,
    }


def _mean_day(trace: Trace, rate_per_s: float) -> dict[str, Any]:
    """The mean of each hour over all whole days, at the same mean rate."""
    bins = max(1, round(DAY_S / 24 / trace.bin_s))
    days = int(trace.values.size * trace.bin_s // DAY_S)
    hours = trace.values[: days * 24 * bins].reshape(days, 24, bins).sum(axis=2).mean(axis=0)
    peak_per_s = float(hours.max() / hours.mean() * rate_per_s)
    shape = [float(f"{hour:.3g}") for hour in hours / hours.max()]
    return {"kind": "profile", "shape": shape, "peak_rate_per_s": float(f"{peak_per_s:.3g}")}


def _requirement(rng: np.random.Generator, deferred: bool, mean_ms: float) -> dict[str, Any]:
    percentile, errors = _one_of(rng, 50.0, 95.0, 99.0), _one_of(rng, 0.001, 0.01)
    mean_s, times, later_s = mean_ms / 1000, _one_of(rng, *_TIMES), _one_of(rng, *_LATER_S)
    limit_s = max(later_s, 4 * mean_s) if deferred else max(0.05, times * mean_s)
    return {
        "latency_percentile": percentile,
        "latency_limit_s": float(f"{limit_s:.3g}"),
        "max_error_share": errors,
        "answer_may_be_deferred": deferred,
    }


def _log_uniform(rng: np.random.Generator, least: float, most: float) -> float:
    return float(np.exp(rng.uniform(np.log(least), np.log(most))))


def _one_of(rng: np.random.Generator, *values: float) -> float:
    return float(rng.choice(values))
