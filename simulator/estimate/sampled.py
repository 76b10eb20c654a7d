"""The fast answer where few requests come: some replications of the exact run, as many as the time allows.

Formulas are at their worst with few requests, whose exact run is short anyway. That holds where an environment or an
instance may have to start first; a real-time endpoint and a transform job are reckoned just as well.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from simulator.engine.aggregate import percentile_name, pool
from simulator.engine.histogram import Histogram
from simulator.engine.outcome import Outcome
from simulator.engine.replication import Case, Stream
from simulator.engine.replication_count import planned_replications
from simulator.estimate.figures import REFUSED, SURE_LATENCY, SURE_USAGE, Estimate, Figure, OverTime
from simulator.estimate.load import clumping
from simulator.estimate.time_of_day import clock
from simulator.model.service import demand_cv
from simulator.model.usage import Usage
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.patterns.replicate import replicate

BUDGET_S = 0.15
"""CPU time that the replications may take by the estimate below, on such a core as bench/fast.py names."""

_DRIFT = 3.0
_PARTS = 10


def affordable(case: Case, deployment: Deployment) -> int:
    """Replications of the exact run that fit into the budget; 0 when none does, or formulas are as good."""
    each_s = BY_KEY[deployment.pattern].surrogate.sampling_s(case, deployment)
    if not each_s:
        return 0
    planned = planned_replications(case.expected_requests(), case.simulation.replications)
    return min(planned, int(BUDGET_S / each_s))


def counted(case: Case, deployment: Deployment, replications: int) -> Estimate:
    """Estimate a deployment from a few replications of the exact run."""
    results = [replicate(replace(case, replication=k), deployment) for k in range(replications)]
    outcome = pool(deployment.pattern, results, case.requirement.latency_percentile)
    simulation = case.simulation
    requests = case.expected_requests()
    runs = planned_replications(requests, simulation.replications)
    error_left = math.sqrt(1 / replications - 1 / runs)
    latency = _latency(outcome, case.requirement.latency_percentile, error_left)
    usage_error = _usage_error(case, outcome, runs)
    required = percentile_name(case.requirement.latency_percentile)
    stable = outcome.error_share <= REFUSED
    reasons = [] if stable else [_overload(outcome)]
    reasons += [
        f"not sure: {name} of so few requests is known to {100 * latency[name].error:.0f} % only"
        for name in dict.fromkeys((required, "p99"))
        if name in latency and latency[name].error > SURE_LATENCY
    ]
    if usage_error > SURE_USAGE:
        reasons.append(f"not sure: what is paid for is known to {100 * usage_error:.1f} % only")
    return Estimate(
        pattern=deployment.pattern,
        method="counted",
        horizon_s=outcome.horizon_s,
        offered=outcome.offered / replications,
        latency_s=latency,
        error_share=Figure(value=outcome.error_share, error=0.1 * (error_left > 0)),
        utilisation=None if outcome.utilisation is None else Figure(value=outcome.utilisation, error=usage_error),
        longest_job_s=None if outcome.longest_job_s is None else Figure(value=outcome.longest_job_s, error=0.1),
        over_time=_over_time(outcome),
        usage=outcome.usage,
        usage_error=usage_error,
        stable=stable,
        sure=not reasons,
        reasons=tuple(reasons),
    )


def _overload(outcome: Outcome) -> str:
    """How many are not answered, and when most of them came."""
    counts = outcome.series.counts
    worst = int(np.argmax(counts["offered"] - counts["completed"]))
    time_of_day = clock(worst * outcome.series.bin_s)
    return f"not stable: {100 * outcome.error_share:.1f} % of the requests end without an answer, most at {time_of_day}"


def _latency(outcome: Outcome, required: float, error_left: float) -> dict[str, Figure]:
    """Errors from the scatter of replications, or of the distribution itself where that is more."""
    figures = {}
    for percent in sorted({50.0, 95.0, 99.0, required}):
        value = outcome.latency.quantile(percent)
        if value is not None:
            error = (
                error_left * math.sqrt(outcome.replications) * _noise(outcome.latency, percent / 100, value)
                if error_left
                else 0.0
            )
            figures[percentile_name(percent)] = Figure(value=value, error=error)
    return figures


def _noise(latency: Histogram, share: float, value: float) -> float:
    """Two standard errors of a percentile. Requests that come together share their waits: as if there were fewer."""
    half_width = 2 * math.sqrt(share * (1 - share) * _DRIFT / latency.total)
    low, high = (latency.quantile(100 * min(max(s, 1e-9), 1.0)) for s in (share - half_width, share + half_width))
    return (high - low) / (2 * value) if low is not None and high is not None else math.inf


def _usage_error(case: Case, outcome: Outcome, runs: int) -> float:
    """Without instances: the number of requests and their service times. Of a fleet: the scatter of replications, or
    of tenths of the horizon when there is only one.
    """
    pattern = BY_KEY[outcome.pattern]
    error_left = math.sqrt(1 / outcome.replications - 1 / runs)
    if pattern.api is None:
        scatter = clumping(case) + demand_cv(case.workload.service_time) ** 2
        requests = outcome.offered / outcome.replications
        return 2 * error_left * math.sqrt(scatter / max(requests, 1.0)) + _others(case, outcome.replications, runs)
    paid_by_sample = [_paid(sample.usage, pattern.compute) for sample in outcome.samples]
    if len(paid_by_sample) == 1:
        billed = outcome.series.means["instances_billed"]
        paid_by_sample = [float(part.mean()) for part in np.array_split(billed, _PARTS)]
        error_left /= math.sqrt(_PARTS)
    mean = float(np.mean(paid_by_sample))
    return 2 * error_left * float(np.std(paid_by_sample, ddof=1)) / mean if mean else 0.0


def _others(case: Case, finished_runs: int, runs: int) -> float:
    """How far the expected load of the replications that are done is from that of all."""
    if case.workload.traffic.kind != "bursts" or finished_runs == runs:
        return 0.0
    horizon_s, warmup_s = case.simulation.duration_s, case.simulation.warmup_s
    expected = []
    for k in range(runs):
        rng = replace(case, replication=k).rng(Stream.ARRIVALS)
        expected.append(case.source.curve(rng, -warmup_s, horizon_s).expected(0.0, horizon_s))
    return abs(float(np.mean(expected[:finished_runs]) / np.mean(expected)) - 1)


def _paid(usage: tuple[Usage, ...], compute: Collection[str]) -> float:
    return sum(line.quantity for line in usage if line.key in compute)


def _over_time(outcome: Outcome) -> OverTime:
    series = outcome.series
    means = series.means
    zeros = np.zeros(series.counts["offered"].size)
    capacity = next((means[name] for name in ("instances_billed", "environments") if name in means), zeros)
    return OverTime(
        step_s=series.bin_s,
        rate_per_s=series.counts["offered"] / series.bin_s,
        slots=means.get("slots", zeros),
        capacity=capacity,
    )
