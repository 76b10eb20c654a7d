"""The tail as a sentence to paste into a review: how many of so many requests are answered within what time."""

from __future__ import annotations

import math

import numpy as np

from headroom.advisor.answer import Answer
from headroom.advisor.tell import clause_text, words
from simulator.engine.histogram import edges
from simulator.engine.outcome import Outcome
from simulator.scenario import Scenario

FEWEST, MOST = 1_000, 100_000
"""Of how many requests it is told: at least, and at most where less of them would hide the slowest."""

LONG = 3.0
"""Times the limit, from which what waits is told apart."""


def tail(scenario: Scenario, answer: Answer) -> str:
    """Like "of 1,000 requests 994 within 400 ms, 5 within 1.2 s, 1 waits 12 s (cold start, assumed)"; "" without a run
    that answered anything.
    """
    outcome = answer.outcome
    if outcome is None or not outcome.latency.total or not outcome.offered:
        return ""
    limit_s = scenario.requirement.latency_limit_s or outcome.latency.quantile(50) or 0.0
    shares = _shares(outcome, limit_s)
    number = _number(min((share for share in shares if share > 0), default=1.0), outcome.offered)
    within, late, longest, unanswered = _whole(shares, number)
    parts = [f"{within:,} within {words.seconds(limit_s)}"] if within else []
    if late:
        parts.append(f"{late:,} within {words.seconds(_slow_s(outcome, LONG * limit_s))}")
    if longest:
        verb = "waits" if longest == 1 else "wait"
        parts.append(
            f"{longest:,} {verb} {words.seconds(_middle_s(outcome, LONG * limit_s))}{_why(outcome, shares[2])}"
        )
    if unanswered:
        parts.append(f"{unanswered:,} without an answer")
    return f"of {number:,} {clause_text.noun(scenario)} {', '.join(parts)}"


def _shares(outcome: Outcome, limit_s: float) -> tuple[float, float, float, float]:
    """Shares of what was offered: answered within the limit, within LONG times it, later, and not answered."""
    below, far = _answered(outcome, limit_s), _answered(outcome, LONG * limit_s)
    total = outcome.latency.total
    answered = outcome.completed / outcome.offered / total
    return below * answered, (far - below) * answered, (total - far) * answered, outcome.error_share


def _answered(outcome: Outcome, limit_s: float) -> int:
    """How many were answered within a time; a bucket counts where its middle does."""
    bounds = edges()
    return int(outcome.latency.counts[(bounds[:-1] + bounds[1:]) / 2 <= limit_s].sum())


def _number(least: float, offered: int) -> int:
    """Of how many to speak, so that the rarest of the groups is one of them where that can be."""
    number = FEWEST
    while number * least < 0.5 and number < MOST and number * 10 <= max(offered, FEWEST):
        number *= 10
    return number


def _whole(shares: tuple[float, ...], number: int) -> list[int]:
    """Whole numbers that add up to `number`: the largest remainders are rounded up."""
    exact = [share * number for share in shares]
    counts = [math.floor(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: counts[place] - exact[place])
    for place in by_remainder[: number - sum(counts)]:
        counts[place] += 1
    return counts


def _slow_s(outcome: Outcome, most_s: float) -> float:
    """The slowest answer that is no slower than this, to two digits and rounded up."""
    bounds = edges()
    middles = (bounds[:-1] + bounds[1:]) / 2
    filled = np.flatnonzero((outcome.latency.counts > 0) & (middles <= most_s))
    value_s = float(bounds[filled[-1] + 1]) if filled.size else most_s
    digits = 1 - math.floor(math.log10(value_s))
    return min(most_s, math.ceil(value_s * 10.0**digits) / 10.0**digits)


def _middle_s(outcome: Outcome, least_s: float) -> float:
    """The median of the answers that are slower than this, to two digits."""
    bounds = edges()
    middles = (bounds[:-1] + bounds[1:]) / 2
    beyond = np.where(middles > least_s, outcome.latency.counts, 0)
    index = int(np.searchsorted(np.cumsum(beyond), max(1, -(-int(beyond.sum()) // 2))))
    return float(f"{middles[index]:.2g}")


def _why(outcome: Outcome, share: float) -> str:
    """That cold starts are behind the longest, where there were about as many of them."""
    cold = outcome.cold_starts / outcome.offered
    return " (cold start, assumed)" if cold >= 0.5 * share else ""
