"""How much chance moves the numbers of a single run, judged from the run itself.

The run is cut into blocks of two bins. What a block holds is a part that any other run would have too (the hour of the
day) and chance. Second differences of neighbouring blocks take the first away wherever it changes evenly, so the
variance of the sum of n blocks x_i is about n times the mean of (x_(i-1) - 2 x_i + x_(i+1))² / 6: T. Gasser, L. Sroka,
C. Jennen-Steinmetz, "Residual variance and residual pattern in nonlinear regression", Biometrika 73(3), 1986. Where
traffic or fleet jump, it errs to the wide side. A percentile q of share p has the blocks' (requests up to q) - p x
(requests): their sum has a standard deviation s, and the interval is what lies between the shares p -+ t s / n: R. S.
Woodruff, "Confidence intervals for medians and other position measures", Journal of the American Statistical
Association 47, 1952. Its ends are the outer edges of buckets.

Blocks have to be about independent of each other. Where they are not, or where too few of the slow or failed requests
came independently of each other, there is no interval, and `why_not` says so.
tests/theory/test_batch_means_theory.py counts how often intervals hold.
"""

from __future__ import annotations

import numpy as np

from simulator.engine.accumulators import Result
from simulator.engine.aggregate import SAMPLED, percentile_name
from simulator.engine.histogram import FloatArray, Histogram, edges
from simulator.engine.outcome import Within
from simulator.engine.replication import Case
from simulator.kernels.fates import COMPLETED
from simulator.model.usage import Usage
from simulator.traffic.kinds import Bursts

BLOCK_BINS = 2
LEAST_BLOCKS = 60
"""Second differences of 60 blocks have about 30 degrees of freedom."""

T = 2.04
"""Student's t, 0.975 quantile, 30 degrees of freedom."""

LEAST_KNOWN = 0.07
"""Relative standard deviation up to which a number of slow or failed requests is judged from the run itself: that of
200 independent ones. Beyond it they came in a few clumps, and whether a run has many of them or few it cannot know.
"""

SHORT = "the run is too short"
JOBS = "data sets are too few"
BURSTY = "bursts last longer than the parts that a run can be cut into"
SLOW = "answers take longer than the parts that a run can be cut into"
RARE = "too few moments of the run decide it"
NONE_SEEN = "nothing of the kind happened"


def within(case: Case, result: Result) -> Within:
    """Intervals of one replication, as far as there are honest ones."""
    block_s = BLOCK_BINS * result.bin_s
    reason = _no_blocks(case, result, block_s)
    if reason:
        return Within(block_s=block_s, why_not={"": reason})
    latency, why_not = _percentiles(result, case.requirement.latency_percentile, block_s)
    offered, completed = result.offered, result.sums.fates[:, COMPLETED].astype(np.float64)
    return Within(
        block_s=block_s,
        latency_s=latency,
        error_share=_errors(offered, offered - completed, why_not),
        utilisation=_utilisation(result),
        completed=_relative(completed),
        usage=tuple(_relative(_driver(result, line)) for line in result.usage),
        why_not=why_not,
    )


def _no_blocks(case: Case, result: Result, block_s: float) -> str:
    """Why the run has no blocks that are about independent; empty where it has."""
    traffic = case.workload.traffic
    if result.jobs:
        return JOBS
    if result.offered.size < LEAST_BLOCKS * BLOCK_BINS:
        return SHORT
    if isinstance(traffic, Bursts) and traffic.mean_on_s + traffic.mean_off_s > block_s:
        return BURSTY
    return ""


def _percentiles(
    result: Result, required: float, block_s: float
) -> tuple[dict[str, tuple[float, float]], dict[str, str]]:
    """The interval of each percentile that has one, and why the others have none."""
    latency = Histogram(result.sums.histogram.sum(axis=0))
    total = latency.total
    intervals: dict[str, tuple[float, float]] = {}
    why_not: dict[str, str] = {}
    if not total:
        return intervals, why_not
    answered = result.sums.histogram.sum(axis=1)
    slow = (latency.quantile(99.0) or 0.0) > block_s
    bounds = edges()
    below = np.cumsum(latency.counts)
    for percent in sorted({*SAMPLED, required}):
        name = percentile_name(percent)
        at = latency.index(percent)
        beyond = result.sums.histogram[:, at + 1 :].sum(axis=1).astype(np.float64)
        share = below[at] / total
        deviation = _deviation(beyond - (1 - share) * answered)
        if slow or deviation > LEAST_KNOWN * beyond.sum():
            why_not[name] = SLOW if slow else RARE
            continue
        aside = T * deviation / total
        low, high = (latency.index(100 * min(max(p, 0.0), 1.0)) for p in (percent / 100 - aside, percent / 100 + aside))
        intervals[name] = latency.confined(percent, float(bounds[low]), float(bounds[high + 1]))
    return intervals, why_not


def _errors(offered: FloatArray, failed: FloatArray, why_not: dict[str, str]) -> tuple[float, float] | None:
    """The interval of the share without an answer."""
    total = float(offered.sum())
    share = float(failed.sum()) / total if total else 0.0
    deviation = _deviation(failed - share * offered)
    if not failed.sum() or deviation > LEAST_KNOWN * failed.sum():
        why_not["error_share"] = RARE if failed.sum() else NONE_SEEN
        return None
    return max(0.0, share - T * deviation / total), min(1.0, share + T * deviation / total)


def _utilisation(result: Result) -> tuple[float, float] | None:
    """The interval of work over what could have been done, where bins tell both."""
    share, work = result.utilisation, result.sums.work
    for name in ("slots", "environments"):
        could = result.gauges[name].integral if name in result.gauges else np.zeros(1)
        if share and could.sum() and abs(work.sum() / could.sum() / share - 1) < 1e-6:
            half = T * _deviation(work - share * could) / float(could.sum())
            return max(0.0, share - half), min(1.0, share + half)
    return None


def _driver(result: Result, line: Usage) -> FloatArray:
    """By bin, what a quantity goes with; constant where nothing moves it."""
    gauges, counts = result.gauges, result.sums
    if line.per == "month":
        return np.ones_like(result.offered)
    if line.key.endswith("_instance_s") or line.key == "endpoint_volume_gb_month":
        return gauges["instances_billed"].integral
    if line.key == "serverless_pc_usage_s":
        kept = gauges.get("provisioned_billed")
        return np.ones_like(result.offered) if kept is None else kept.integral
    if line.key.endswith("duration_s"):
        return counts.work
    return counts.fates[:, COMPLETED].astype(np.float64) if "out_gb" in line.key else result.offered


def _relative(values: FloatArray) -> float:
    """Half the interval of a sum over the run, over the sum; 0 for a sum of nothing."""
    total = float(values.sum())
    return T * _deviation(values) / total if total else 0.0


def _deviation(values: FloatArray) -> float:
    """Standard deviation of the sum over all bins, from second differences of blocks."""
    whole = values.size // BLOCK_BINS * BLOCK_BINS
    blocks = values[:whole].reshape(-1, BLOCK_BINS).sum(axis=1)
    bends = blocks[:-2] - 2 * blocks[1:-1] + blocks[2:]
    return float(np.sqrt(np.mean(bends**2) / 6 * blocks.size))
