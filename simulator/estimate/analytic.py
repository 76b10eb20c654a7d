"""From what a pattern's formulas say to the fast answer: percentiles, their errors, and whether to trust them.

Whether an answer is sure is decided from the formulas alone: how much of a percentile is waiting (which is
approximate), how many requests stand behind it, and how many of them meet a queue that is near its limit or beyond.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.engine.aggregate import PERCENTILES, percentile_name
from simulator.engine.replication import Case
from simulator.engine.replication_count import planned_replications
from simulator.estimate import time_distribution
from simulator.estimate.figures import REFUSED, SURE_LATENCY, SURE_USAGE, Estimate, Figure, OverTime
from simulator.model.usage import Usage

Floats = NDArray[np.float64]

LEAST_ERROR = 0.02
"""Of a percentile that is service time alone: half a bucket of the histogram on either side, and the mixture."""

TOUCHED = 0.2
"""A queue beyond its limit does not matter while fewer than this part of the tail's requests meet it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticFigures:
    """Figures that the formulas of a pattern give for the average replication.

    latency: spread of the latency of what is answered, with overhead; floor: of the same without waiting. approximate:
    relative error of the part of a latency that is waiting. full, near: shares of requests that meet a queue beyond or
    near its limit; overload: that limit in words. together: requests that share one wait, for the noise of the exact
    run. doubts: other reasons not to be sure.
    """

    pattern: str
    offered: float
    latency: Floats
    floor: Floats
    approximate: float
    together: float
    error_share: Figure
    utilisation: float | None
    over_time: OverTime
    usage: tuple[Usage, ...]
    usage_error: float
    full: float
    near: float
    overload: str
    longest_job_s: float | None = None
    doubts: list[str] = field(default_factory=list)


def conclude(case: Case, answer: AnalyticFigures) -> Estimate:
    """Make the estimate from the figures of a pattern's formulas."""
    required = case.requirement.latency_percentile
    percents = sorted({*PERCENTILES, required})
    latency = {percentile_name(p): _percentile(case, answer, p) for p in percents} if answer.latency.sum() > 0 else {}
    tail = 1 - max(required, 99.0) / 100
    stable = answer.full <= TOUCHED * tail and answer.error_share.value <= REFUSED
    reasons = [] if stable else [f"not stable: {answer.overload}"]
    doubts = [*answer.doubts, *_doubts(answer, latency, required, tail)]
    reasons.extend(f"not sure: {doubt}" for doubt in doubts)
    return Estimate(
        pattern=answer.pattern,
        method="reckoned",
        horizon_s=case.simulation.duration_s,
        offered=answer.offered,
        latency_s=latency,
        error_share=answer.error_share,
        utilisation=None if answer.utilisation is None else Figure(value=answer.utilisation, error=answer.usage_error),
        longest_job_s=None if answer.longest_job_s is None else Figure(value=answer.longest_job_s, error=0.1),
        over_time=answer.over_time,
        usage=answer.usage,
        usage_error=answer.usage_error,
        stable=stable,
        sure=not reasons,
        reasons=tuple(reasons),
    )


def _doubts(answer: AnalyticFigures, latency: dict[str, Figure], required: float, tail: float) -> list[str]:
    figures = []
    if answer.near > TOUCHED * tail:
        figures.append(
            f"{100 * answer.near:.2f} % of the requests meet a queue that is near its limit and never comes to rest"
        )
    figures.extend(
        f"{name} is known to {100 * latency[name].error:.0f} % only"
        for name in dict.fromkeys((percentile_name(required), "p99"))
        if name in latency and latency[name].error > SURE_LATENCY
    )
    if answer.usage_error > SURE_USAGE:
        figures.append(f"what is paid for is known to {100 * answer.usage_error:.1f} % only")
    return figures


def _percentile(case: Case, answer: AnalyticFigures, percent: float) -> Figure:
    share = percent / 100
    value = time_distribution.quantile(answer.latency, share)
    waiting = max(0.0, 1 - time_distribution.quantile(answer.floor, share) / value)
    error = LEAST_ERROR + answer.approximate * waiting + _noise(case, answer, share, value)
    return Figure(value=value, error=error)


def _noise(case: Case, answer: AnalyticFigures, share: float, value: float) -> float:
    """Two standard errors of the percentile in the exact run: the slope of the distribution around it."""
    runs = planned_replications(answer.offered * _stretched(case), case.simulation.replications)
    independent = max(1.0, answer.offered * runs / answer.together)
    half_width = 2 * math.sqrt(share * (1 - share) / independent)
    low, high = (
        time_distribution.quantile(answer.latency, min(max(s, 0.0), 1.0))
        for s in (share - half_width, share + half_width)
    )
    return (high - low) / (2 * value)


def _stretched(case: Case) -> float:
    """Time that is simulated over time that is counted."""
    return 1 + case.simulation.warmup_s / case.simulation.duration_s
