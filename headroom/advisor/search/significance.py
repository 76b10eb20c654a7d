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


def meets(scenario: Scenario, answer: Answer) -> bool | None:
    """Whether an answer surely meets the requirement; None when its 95 % intervals leave that open."""
    if (
        answer.ruled_out
        or any(not clause.met for clause in answer.clauses if clause.key not in _NUMBERS)
        or answer.unpriced
    ):
        return False
    requirement = scenario.requirement
    within_limits = [_below(_errors(answer), requirement.max_error_share)]
    if requirement.latency_limit_s:
        latency = answer.latency_s.get(percentile(requirement.latency_percentile))
        within_limits.append(False if latency is None else _below(_known(latency), requirement.latency_limit_s))
    return False if False in within_limits else None if None in within_limits else True


def dearer(other: Answer, best: Answer, prepared: PreparedScenario, tolerance: float = 0.0) -> bool:
    """Whether `other` is worse than `best` by the goal: costs more, or is slower. tolerance: share of the best's
    figure that it may be better by all the same.
    """
    scenario = prepared.scenario
    if scenario.search.goal == "latency" and tolerance == 0.0:
        return _slower(scenario, other, best, 0.0) or (
            _slower(scenario, other, best, SAME_LATENCY) and _costs_more(other, best, prepared, 0.0)
        )
    if scenario.search.goal == "latency":
        return _slower(scenario, other, best, tolerance)
    return _costs_more(other, best, prepared, tolerance)


def _costs_more(other: Answer, best: Answer, prepared: PreparedScenario, tolerance: float) -> bool:
    if not (best.simulated and other.simulated):
        return True
    best_values, other_values = (costs_usd(answer, prepared) for answer in (best, other))
    spare = tolerance * _cost(best)
    differences = [b - a + spare for a, b in zip(best_values, other_values, strict=False)]
    value = (
        _cost(other) - _cost(best) + spare
        if len(best_values) == len(other_values)
        else math.fsum(differences) / len(differences)
    )
    return _above_zero(differences, value, _scatter(best) + _scatter(other))


def costs_usd(answer: Answer, prepared: PreparedScenario) -> list[float]:
    """The monthly cost, USD, that each replication alone would give."""
    assert answer.outcome is not None
    return [float(prepared.bill(sample.usage, answer.outcome.horizon_s).total_usd) for sample in answer.outcome.samples]


def _slower(scenario: Scenario, other: Answer, best: Answer, tolerance: float) -> bool:
    name = percentile(scenario.requirement.latency_percentile)
    best_latency, other_latency = best.latency_s.get(name), other.latency_s.get(name)
    if best_latency is None or other_latency is None or not (best.simulated and other.simulated):
        return True
    assert best.outcome is not None
    assert other.outcome is not None
    pairs = zip(best.outcome.samples, other.outcome.samples, strict=False)
    spare_s = tolerance * best_latency.value
    differences = [
        theirs_s - ours_s + spare_s
        for best_sample, two in pairs
        if (ours_s := best_sample.quantiles_s.get(name)) is not None
        and (theirs_s := two.quantiles_s.get(name)) is not None
    ]
    value = other_latency.value - best_latency.value + spare_s
    if differences and best.outcome.replications != other.outcome.replications:
        value = math.fsum(differences) / len(differences)
    return _above_zero(differences, value, SAME_LATENCY * best_latency.value)


def _above_zero(differences: list[float], value: float, scatter: float) -> bool:
    """Whether the mean difference is above zero; scatter: what one pair alone may be off by."""
    if len(differences) < 2:
        return value > scatter
    return value - intervals.half_width(value, differences) > 0


def _scatter(answer: Answer) -> float:
    """Half the interval of a cost of one replication, USD."""
    assert answer.outcome is not None
    billed = answer.outcome.series.means.get("instances_billed")
    if billed is None or not billed.size or BY_KEY[answer.deployment.pattern].in_jobs:
        return _ONE_COST * _cost(answer)
    parts = [float(part.mean()) for part in np.array_split(billed, _PARTS) if part.size]
    mean = float(np.mean(parts))
    if not mean or len(parts) < 2:
        return _ONE_COST * _cost(answer)
    # A daily cycle makes parts differ as well: for want of more runs this errs to the side of a tie.
    relative = float(np.std(np.diff(parts), ddof=1)) / mean / len(parts)
    return intervals.T_975[len(parts) - 2] * relative * _compute_usd(answer)


def _compute_usd(answer: Answer) -> float:
    assert answer.bill is not None
    return sum(float(line.amount_usd) for line in answer.bill.lines if line.usage in COMPUTE and line.amount_usd)


def _cost(answer: Answer) -> float:
    return math.inf if answer.cost_usd_per_month is None else answer.cost_usd_per_month.value


def _known(latency: Uncertain) -> tuple[float, float]:
    if latency.provenance == "simulated once" or latency.low is None or latency.high is None:
        return latency.value * (1 - SAME_LATENCY), latency.value * (1 + SAME_LATENCY)
    return latency.low, latency.high


def _errors(answer: Answer) -> tuple[float, float]:
    share, outcome = answer.error_share, answer.outcome
    if share is None or outcome is None:
        return 0.0, 0.0
    if share.provenance != "simulated once" and share.low is not None and share.high is not None:
        return share.low, share.high
    half_width = 2 * math.sqrt(share.value / max(outcome.offered, 1))
    return share.value - half_width, share.value + half_width


def _below(interval: tuple[float, float], limit: float) -> bool | None:
    low, high = interval
    return True if high <= limit else False if low > limit else None
