"""What can be said with 95 % confidence of exact evaluations: that one meets, that one is better than another.

Differences are paired over replications, which see the same requests; their interval is Student's t. Where there is
only one replication (very large runs), the scatter of its cost is that of ten equal parts of the horizon, and a latency
counts as known to one bucket of the histogram.
"""

from __future__ import annotations

import math

import numpy as np

from headroom.advisor import intervals
from headroom.advisor.answer import Answer, Uncertain
from headroom.advisor.order import SAME_LATENCY
from headroom.advisor.prepared import PreparedScenario
from headroom.advisor.tell.words import percentile
from simulator.patterns.registry import BY_KEY, COMPUTE
from simulator.scenario import Scenario

_PARTS = 10
_ONE_COST = 0.02
"""Relative scatter of a cost of one replication that has no parts."""

_NUMBERS = ("latency", "errors")


def meets(scenario: Scenario, one: Answer) -> bool | None:
    """Whether it meets the requirement, None when its intervals leave that open."""
    if one.ruled_out or any(not clause.met for clause in one.clauses if clause.key not in _NUMBERS) or one.unpriced:
        return False
    requirement = scenario.requirement
    found = [_below(_errors(one), requirement.max_error_share)]
    if requirement.latency_limit_s:
        latency = one.latency_s.get(percentile(requirement.latency_percentile))
        found.append(False if latency is None else _below(_known(latency), requirement.latency_limit_s))
    return False if False in found else None if None in found else True


def dearer(other: Answer, best: Answer, prepared: PreparedScenario, by: float = 0.0) -> bool:
    """Whether `other` is worse than `best` by the goal: costs more, or is slower. by: share of the best's figure that
    it may be better by all the same.
    """
    scenario = prepared.scenario
    if scenario.search.goal == "latency" and by == 0.0:
        return _slower(scenario, other, best, 0.0) or (
            _slower(scenario, other, best, SAME_LATENCY) and _costs_more(other, best, prepared, 0.0)
        )
    if scenario.search.goal == "latency":
        return _slower(scenario, other, best, by)
    return _costs_more(other, best, prepared, by)


def _costs_more(other: Answer, best: Answer, prepared: PreparedScenario, by: float) -> bool:
    if not (best.simulated and other.simulated):
        return True
    ours, theirs = (costs_usd(one, prepared) for one in (best, other))
    spare = by * _cost(best)
    apart = [b - a + spare for a, b in zip(ours, theirs, strict=False)]
    value = _cost(other) - _cost(best) + spare if len(ours) == len(theirs) else math.fsum(apart) / len(apart)
    return _above_zero(apart, value, _scatter(best) + _scatter(other))


def costs_usd(one: Answer, prepared: PreparedScenario) -> list[float]:
    """Cost a month by each replication."""
    assert one.outcome is not None
    return [float(prepared.bill(sample.usage, one.outcome.horizon_s).total_usd) for sample in one.outcome.samples]


def _slower(scenario: Scenario, other: Answer, best: Answer, by: float) -> bool:
    name = percentile(scenario.requirement.latency_percentile)
    ours, theirs = best.latency_s.get(name), other.latency_s.get(name)
    if ours is None or theirs is None or not (best.simulated and other.simulated):
        return True
    assert best.outcome is not None
    assert other.outcome is not None
    pairs = zip(best.outcome.samples, other.outcome.samples, strict=False)
    spare_s = by * ours.value
    apart = [
        theirs_s - ours_s + spare_s
        for one, two in pairs
        if (ours_s := one.quantiles_s.get(name)) is not None and (theirs_s := two.quantiles_s.get(name)) is not None
    ]
    value = theirs.value - ours.value + spare_s
    if apart and best.outcome.replications != other.outcome.replications:
        value = math.fsum(apart) / len(apart)
    return _above_zero(apart, value, SAME_LATENCY * ours.value)


def _above_zero(apart: list[float], value: float, scatter: float) -> bool:
    """Whether the mean difference is above zero; scatter: what one pair alone may be off by."""
    if len(apart) < 2:
        return value > scatter
    return value - intervals.half_width(value, apart) > 0


def _scatter(one: Answer) -> float:
    """Half the interval of a cost of one replication, USD."""
    assert one.outcome is not None
    billed = one.outcome.series.means.get("instances_billed")
    if billed is None or not billed.size or BY_KEY[one.deployment.pattern].in_jobs:
        return _ONE_COST * _cost(one)
    parts = [float(part.mean()) for part in np.array_split(billed, _PARTS) if part.size]
    mean = float(np.mean(parts))
    if not mean or len(parts) < 2:
        return _ONE_COST * _cost(one)
    # A daily cycle makes parts differ as well: for want of more runs this errs to the side of a tie.
    relative = float(np.std(np.diff(parts), ddof=1)) / mean / len(parts)
    return intervals.T_975[len(parts) - 2] * relative * _compute_usd(one)


def _compute_usd(one: Answer) -> float:
    assert one.bill is not None
    return sum(float(line.amount_usd) for line in one.bill.lines if line.usage in COMPUTE and line.amount_usd)


def _cost(one: Answer) -> float:
    return math.inf if one.cost_usd_per_month is None else one.cost_usd_per_month.value


def _known(latency: Uncertain) -> tuple[float, float]:
    if latency.provenance == "simulated once" or latency.low is None or latency.high is None:
        return latency.value * (1 - SAME_LATENCY), latency.value * (1 + SAME_LATENCY)
    return latency.low, latency.high


def _errors(one: Answer) -> tuple[float, float]:
    share, outcome = one.error_share, one.outcome
    if share is None or outcome is None:
        return 0.0, 0.0
    if share.provenance != "simulated once" and share.low is not None and share.high is not None:
        return share.low, share.high
    half = 2 * math.sqrt(share.value / max(outcome.offered, 1))
    return share.value - half, share.value + half


def _below(interval: tuple[float, float], limit: float) -> bool | None:
    low, high = interval
    return True if high <= limit else False if low > limit else None
