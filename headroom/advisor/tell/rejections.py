"""Why each other pattern lost: a limit that stands in its way, a clause that it breaks, or a price. Facts of the runs.

Beside a price stands what makes most of it, where that is not the compute: "189 times as much" makes one ask for what.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from headroom.advisor.answer import Answer, Comparison, Uncertain
from headroom.advisor.order import as_fast, cost_usd, first_of
from headroom.advisor.tell import clause_text, limit_text, words
from simulator.engine.outcome import Outcome
from simulator.patterns.registry import BY_KEY, COMPUTE, Deployment
from simulator.scenario import Scenario

Kind = Literal["limit", "miss", "price"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Why a pattern lost. deployment: index of its best among the evaluations, None where it has none.

    kind: "limit" when a hard limit or the capacity stands in the way, "miss" when another clause is broken, "price"
    when it meets everything and costs more.
    """

    pattern: str
    deployment: int | None
    kind: Kind
    sentence: str


def why_lost(comparison: Comparison) -> Iterator[Lost]:
    """One for each pattern that did not win, by its best deployment, in the order of the patterns."""
    evaluations, best = comparison.evaluations, comparison.best
    won = None if best is None else evaluations[best].deployment.pattern
    for pattern in BY_KEY:
        mine = [at for at, one in enumerate(evaluations) if one.deployment.pattern == pattern]
        if mine and pattern != won:
            at = first_of(comparison.scenario, evaluations, mine)
            kind, why = _why(comparison, at)
            yield Lost(pattern=pattern, deployment=at, kind=kind, sentence=f"{BY_KEY[pattern].title}: {why}.")


def nothing_to_try(scenario: Scenario, tried: Collection[str]) -> Iterator[Lost]:
    """One for each pattern that a search was asked about and of which it has tried no candidate at all."""
    for pattern in BY_KEY:
        if pattern not in tried and pattern in (scenario.search.patterns or BY_KEY):
            families = f" of {words.joined(scenario.search.families)}" if scenario.search.families else ""
            why = f"no instance type{families} is both accepted for it and priced in {scenario.region}"
            yield Lost(pattern=pattern, deployment=None, kind="limit", sentence=f"{BY_KEY[pattern].title}: {why}.")


def price_difference(one: Answer, other: Answer) -> str:
    """Like "costs $12.00 (13 %) a month more", or less."""
    by, base = cost_usd(one) - cost_usd(other), cost_usd(other)
    if by == 0:
        return "costs the same"
    part = f" ({words.share(abs(by) / base)})" if 0 < abs(by) <= base else ""
    many = f", {words.count(1 + by / base)} times as much" if 0 < base < by else ""
    return f"costs {words.dollars(abs(by))}{part} a month {'more' if by > 0 else 'less'}{many}{_mostly(one, by)}"


def required_latency(scenario: Scenario, evaluation: Answer) -> Uncertain | None:
    """The latency of the percentile that the requirement speaks of."""
    return evaluation.latency_s.get(words.percentile(scenario.requirement.latency_percentile))


def _mostly(one: Answer, more_usd: float) -> str:
    """What makes most of a higher cost, where that is not the compute: ", $16,128 of it for S3 requests"."""
    lines = [] if one.bill is None else [line for line in one.bill.lines if line.amount_usd]
    most = max(lines, key=lambda line: line.amount_usd or 0, default=None)
    if most is None or most.usage in COMPUTE or not more_usd / 2 < float(most.amount_usd or 0):
        return ""
    return f" ({words.dollars(most.amount_usd)} of its cost is for {clause_text.small(most.title)})"


def _why(comparison: Comparison, at: int) -> tuple[Kind, str]:
    scenario, evaluation = comparison.scenario, comparison.evaluations[at]
    winner = None if comparison.best is None else comparison.evaluations[comparison.best]
    if evaluation.ruled_out:
        return "limit", limit_text.listed(evaluation.ruled_out, scenario)
    clause = clause_text.binding(evaluation.clauses)
    if clause is None:
        return "price", _dearer(comparison, evaluation, winner)
    missed = (
        f"{clause_text.broken(clause, clause_text.noun(scenario))}{clause_text.detail(scenario, evaluation, clause)}"
    )
    if clause.key == "errors":
        return "limit", _throttled(scenario, evaluation) or missed
    others = [one for one in evaluation.clauses if not one.met and one is not clause]
    missed += "".join(f"; also, {clause_text.broken(one, clause_text.noun(scenario))}" for one in others)
    if winner is None or evaluation.unpriced:
        return "miss", missed
    cheaper = cost_usd(evaluation) < cost_usd(winner)
    return "miss", f"{price_difference(evaluation, winner)}, {'but' if cheaper else 'and'} {missed}"


def _dearer(comparison: Comparison, evaluation: Answer, winner: Answer | None) -> str:
    if winner is None or evaluation.unpriced:
        return f"meets every clause, but its compute has no price in {comparison.scenario.region}: it cannot be ranked"
    slower = ""
    if comparison.scenario.search.goal == "latency":
        mine, best = (required_latency(comparison.scenario, one) for one in (evaluation, winner))
        if mine is not None and best is not None:
            values = words.apart(mine.value, best.value, words.seconds)
            slower = f"takes {values[0]} where the best takes {values[1]}, and "
            if mine.value < best.value and as_fast(mine.value, best.value):
                slower = f"is faster by no more than 1 % ({values[0]}, the best {values[1]}) and "
    return f"meets every clause, but {slower}{price_difference(evaluation, winner)}"


def _throttled(scenario: Scenario, evaluation: Answer) -> str:
    """Like "needs about 312 environments at once at 12:40, its limit is 200: 8.1 % of requests are answered 429".

    What would be needed is what was in flight in the worst bin, times what was asked for over what was let in. Empty
    where something else was refused most, or where the limit was not reached, so that something else refused.
    """
    outcome, deployment = evaluation.outcome, evaluation.deployment
    if outcome is None or BY_KEY[deployment.pattern].room is None or clause_text.worst_fate(outcome) != "throttled":
        return ""
    at = clause_text.worst_bin(outcome, "throttled")
    room, limit = (0, "") if at is None else _room(scenario, deployment, at * outcome.series.bin_s)
    if at is None or not _reached(outcome, at, room):
        return ""
    when = clause_text.clock(scenario, at * outcome.series.bin_s)
    part = words.share(outcome.fates["throttled"] / outcome.offered)
    needed = _needed(outcome, at)
    lead = (
        f"needs about {words.count(math.ceil(needed))} environments at once at {when}, {limit}"
        if needed > room
        else f"has all its {words.count(room)} environments at work at {when}, {limit}"
    )
    return f"{lead}: {part} of {clause_text.noun(scenario)} are answered 429"


def _room(scenario: Scenario, deployment: Deployment, t_s: float) -> tuple[int, str]:
    """Requests that may be in flight at t_s, and by which limit."""
    pattern = BY_KEY[deployment.pattern]
    own = pattern.account.most(deployment)
    room = pattern.room(scenario.assumptions, deployment, t_s) if pattern.room else own
    limit = f"its limit is {words.count(own)}"
    return room, limit if room == own else f"the account's pool leaves it {words.count(room)} of its {words.count(own)}"


def _reached(outcome: Outcome, at: int, room: int) -> bool:
    """Whether as many were in flight in this bin as may be; taken as so where the series does not say."""
    peaks = outcome.series.peaks.get("in_flight")
    return peaks is None or bool(peaks[at] >= room)


def _needed(outcome: Outcome, at: int) -> float:
    """Environments that all requests of a bin would have needed; 0 where that is not known."""
    in_flight = outcome.series.means.get("in_flight")
    offered = outcome.series.counts.get("offered")
    if in_flight is None or offered is None:
        return 0.0
    let_in = offered[at] - outcome.series.counts["throttled"][at]
    return float(in_flight[at] * offered[at] / let_in) if let_in > 0 else 0.0
