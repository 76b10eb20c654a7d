"""The choice defended: why this one, what the next would cost and buy, why each other pattern lost, and how sure it is.

Every sentence is made from facts of the runs: numbers of the evaluations, differences of two, moments of their series.
Works for deployments that a user compares and for those that a plan has found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from advisor import explain, intervals, phrases, words
from advisor.evaluation import Clause, Comparison, Estimate, Evaluation
from advisor.search.found import Plan
from simulator.outcome import Outcome
from simulator.patterns import BY_KEY
from simulator.scenario import Scenario

Kind = Literal["limit", "miss", "price"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Why a pattern lost. deployment: index of its best among the evaluations.

    kind: "limit" when a hard limit or the capacity stands in the way, "miss" when another clause is broken, "price"
    when it meets everything and costs more.
    """

    pattern: str
    deployment: int
    kind: Kind
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """choice: why this one; next_best: what the runner-up costs more and would buy, "" without one. lost: one for each
    other pattern. confidence: how sure the figures and the choice are.
    """

    choice: str
    next_best: str
    lost: tuple[Lost, ...]
    confidence: tuple[str, ...]


def argue(comparison: Comparison, *more: str) -> Argument:
    """Defend the choice of a comparison; when nothing meets, `choice` says what comes closest.

    more: further sentences on how sure the choice is, such as what it hangs on (`advisor.explore.hinges`).
    """
    best = comparison.best
    if best is None:
        return Argument(choice=comparison.sentence, next_best="", lost=tuple(_lost(comparison)), confidence=more)
    return Argument(
        choice=_choice(comparison, best),
        next_best=_next_best(comparison, best),
        lost=tuple(_lost(comparison)),
        confidence=(*_intervals(comparison, best), *_lead(comparison, best), *more),
    )


def argue_plan(plan: Plan, *more: str) -> Argument:
    """The same of a plan, which knows whether its lead is sure."""
    drawn = argue(plan.comparison)
    best = plan.comparison.best
    if best is None:
        return replace(drawn, confidence=more)
    return replace(drawn, confidence=(*_intervals(plan.comparison, best), _decided(plan, best), *more))


def argument_to_json(argument: Argument) -> dict[str, Any]:
    """Plain JSON values."""
    return {
        "choice": argument.choice,
        "next_best": argument.next_best,
        "lost": [asdict(one) for one in argument.lost],
        "confidence": list(argument.confidence),
    }


def argument_from_json(data: Mapping[str, Any]) -> Argument:
    """The inverse of argument_to_json."""
    return Argument(
        choice=data["choice"],
        next_best=data["next_best"],
        lost=tuple(Lost(**one) for one in data["lost"]),
        confidence=tuple(data["confidence"]),
    )


def _choice(comparison: Comparison, best: int) -> str:
    """Like "A is chosen: $100 a month, the least of the 3 that meet every clause. What binds is p99 latency: ..."."""
    evaluations, scenario = comparison.evaluations, comparison.scenario
    meeting = sum(one.meets for one in evaluations)
    least = "the fastest" if scenario.search.goal == "latency" else "the least"
    rank = (
        f"{least} of the {words.count(meeting)} that meet every clause" if meeting > 1 else "the only one that serves"
    )
    name = explain.labels(evaluations)[best]
    cost = words.estimate(evaluations[best].cost_usd_per_month, words.dollars)
    return f"{name} is chosen: {cost} a month, {rank}. {_what_binds(scenario, evaluations[best])}"


def _what_binds(scenario: Scenario, evaluation: Evaluation) -> str:
    clause = phrases.tightest(evaluation.clauses)
    if clause is None or clause.margin is None:
        return "No limit of the requirement is near."
    spare = words.share(1 - clause.margin)
    limit = clause.limit.removeprefix("at most ")
    value = _with_interval(scenario, evaluation, clause)
    return f"What binds is {phrases.small(clause.title)}: {value} of {limit} allowed, {spare} to spare."


def _with_interval(scenario: Scenario, evaluation: Evaluation, clause: Clause) -> str:
    """The value of a clause, with its interval where there is one."""
    match clause.key:
        case "latency":
            return words.estimate(_latency(scenario, evaluation), words.seconds)
        case "errors":
            return words.estimate(evaluation.error_share, words.share)
        case "budget":
            return words.estimate(evaluation.cost_usd_per_month, words.dollars)
        case _:
            return clause.value


def _latency(scenario: Scenario, evaluation: Evaluation) -> Estimate | None:
    return evaluation.latency_s.get(words.percentile(scenario.requirement.latency_percentile))


def runner_up(comparison: Comparison) -> int | None:
    """The next best of those that meet the requirement, by the goal of the search."""
    others = [at for at, one in enumerate(comparison.evaluations) if one.meets and at != comparison.best]
    return min(others, key=lambda at: _order(comparison, at), default=None)


def _order(comparison: Comparison, at: int) -> tuple[float, float]:
    evaluation = comparison.evaluations[at]
    latency = _latency(comparison.scenario, evaluation)
    cost_usd, latency_s = explain.cost_usd(evaluation), math.inf if latency is None else latency.value
    return (latency_s, cost_usd) if comparison.scenario.search.goal == "latency" else (cost_usd, latency_s)


def _next_best(comparison: Comparison, best: int) -> str:
    """What the runner-up costs more, and what it would buy."""
    other = runner_up(comparison)
    if other is None:
        return ""
    name = explain.labels(comparison.evaluations)[other]
    winner, second = comparison.evaluations[best], comparison.evaluations[other]
    gains = list(_gains(comparison.scenario, winner, second))
    buys = f"it would buy {words.joined(gains)}" if gains else "it would buy nothing that the requirement measures"
    return f"The next best, {name}, {_price_difference(second, winner)}; {buys}."


def _gains(scenario: Scenario, winner: Evaluation, other: Evaluation) -> Iterator[str]:
    """In what the other is better than the winner."""
    mine, theirs = _latency(scenario, winner), _latency(scenario, other)
    if mine is not None and theirs is not None and theirs.value < mine.value:
        name = words.percentile(scenario.requirement.latency_percentile)
        better, worse = words.apart(theirs.value, mine.value, words.seconds)
        yield f"a {name} latency of {better} instead of {worse}"
    errors, others = winner.error_share, other.error_share
    if errors is not None and others is not None and others.value < errors.value:
        better, worse = words.apart(others.value, errors.value, words.share)
        yield f"errors of {better} instead of {worse}"


def _price_difference(one: Evaluation, other: Evaluation) -> str:
    """Like "costs $12.00 (13 %) a month more", or less."""
    by, base = explain.cost_usd(one) - explain.cost_usd(other), explain.cost_usd(other)
    if by == 0:
        return "costs the same"
    part = f" ({words.share(abs(by) / base)})" if 0 < abs(by) <= base else ""
    many = f", {words.count(1 + by / base)} times as much" if 0 < base < by else ""
    return f"costs {words.dollars(abs(by))}{part} a month {'more' if by > 0 else 'less'}{many}"


def _lost(comparison: Comparison) -> Iterator[Lost]:
    """One for each pattern that did not win, by its best deployment, in the order of the patterns."""
    evaluations, best = comparison.evaluations, comparison.best
    won = None if best is None else evaluations[best].deployment.pattern
    for pattern in BY_KEY:
        mine = [at for at, one in enumerate(evaluations) if one.deployment.pattern == pattern]
        if mine and pattern != won:
            at = min(mine, key=lambda at: explain.nearness(evaluations[at]))
            kind, why = _why_lost(comparison, at)
            yield Lost(pattern=pattern, deployment=at, kind=kind, sentence=f"{BY_KEY[pattern].title}: {why}.")


def _why_lost(comparison: Comparison, at: int) -> tuple[Kind, str]:
    scenario, evaluation = comparison.scenario, comparison.evaluations[at]
    winner = None if comparison.best is None else comparison.evaluations[comparison.best]
    if evaluation.ruled_out:
        return "limit", f"{phrases.ruled_out(evaluation.ruled_out, scenario)}"
    clause = phrases.binding(evaluation.clauses)
    if clause is None:
        return "price", _dearer(comparison, evaluation, winner)
    missed = f"{phrases.broken(clause, phrases.noun(scenario))}{phrases.detail(scenario, evaluation, clause)}"
    if clause.key == "errors":
        return "limit", _throttled(scenario, evaluation) or missed
    others = [one for one in evaluation.clauses if not one.met and one is not clause]
    also = "".join(f"; also, {phrases.broken(one, phrases.noun(scenario))}" for one in others)
    missed += also
    if winner is None or evaluation.unpriced:
        return "miss", missed
    cheaper = explain.cost_usd(evaluation) < explain.cost_usd(winner)
    return "miss", f"{_price_difference(evaluation, winner)}, {'but' if cheaper else 'and'} {missed}"


def _dearer(comparison: Comparison, evaluation: Evaluation, winner: Evaluation | None) -> str:
    if winner is None or evaluation.unpriced:
        return "meets every clause, but the price of its compute is missing"
    slower = ""
    if comparison.scenario.search.goal == "latency":
        mine, best = _latency(comparison.scenario, evaluation), _latency(comparison.scenario, winner)
        if mine is not None and best is not None:
            values = words.apart(mine.value, best.value, words.seconds)
            slower = f"takes {values[0]} where the best takes {values[1]}, and "
    return f"meets every clause, but {slower}{_price_difference(evaluation, winner)}"


def _throttled(scenario: Scenario, evaluation: Evaluation) -> str:
    """Like "needs about 312 environments at once at 12:40, its limit is 200: 8.1 % of requests are answered 429".

    What would be needed is what was in flight in the worst bin, times what was asked for over what was let in.
    """
    outcome, deployment = evaluation.outcome, evaluation.deployment
    if outcome is None or deployment.pattern != "serverless" or phrases.worst_fate(outcome) != "throttled":
        return ""
    at = phrases.worst_bin(outcome, "throttled")
    if at is None:
        return ""
    when, most = phrases.clock(scenario, at * outcome.series.bin_s), deployment.max_concurrency
    part = words.share(outcome.fates["throttled"] / outcome.offered)
    needed = _needed(outcome, at)
    lead = (
        f"needs about {words.count(math.ceil(needed))} environments at once at {when}, its limit is {most}"
        if needed > most
        else f"reaches its limit of {most} environments at {when}"
    )
    return f"{lead}: {part} of {phrases.noun(scenario)} are answered 429"


def _needed(outcome: Outcome, at: int) -> float:
    """Environments that all requests of a bin would have needed; 0 where that is not known."""
    in_flight = outcome.series.means.get("in_flight")
    offered = outcome.series.counts.get("offered")
    if in_flight is None or offered is None:
        return 0.0
    let_in = offered[at] - outcome.series.counts["throttled"][at]
    return float(in_flight[at] * offered[at] / let_in) if let_in > 0 else 0.0


def _intervals(comparison: Comparison, best: int) -> Iterator[str]:
    """The intervals of cost and latency, and whether chance alone may break the limit."""
    evaluation, requirement = comparison.evaluations[best], comparison.scenario.requirement
    cost, latency = evaluation.cost_usd_per_month, _latency(comparison.scenario, evaluation)
    if cost is None:
        return
    if cost.low is None:
        yield "One replication was made: neither the cost nor the latency has an interval."
        return
    name = words.percentile(requirement.latency_percentile)
    parts = [f"cost {words.estimate(cost, words.dollars)} a month"]
    if latency is not None:
        parts.append(f"{name} latency {words.estimate(latency, words.seconds)}")
    yield f"At 95 % over {cost.n} replications: {words.joined(parts)}."
    limit_s = requirement.latency_limit_s
    if latency is not None and latency.high is not None and 0 < limit_s < latency.high:
        yield f"The interval of the latency reaches beyond {words.seconds(limit_s)}: chance alone may break the limit."


def _lead(comparison: Comparison, best: int) -> Iterator[str]:
    """Whether the lead over the next best may be chance."""
    other = runner_up(comparison)
    if other is None:
        return
    name = explain.labels(comparison.evaluations)[other]
    scenario, pair = comparison.scenario, [comparison.evaluations[at] for at in (best, other)]
    fastest = scenario.search.goal == "latency"
    ours, theirs = (_latency(scenario, one) if fastest else one.cost_usd_per_month for one in pair)
    if ours is None or theirs is None:
        return
    what = f"{words.percentile(scenario.requirement.latency_percentile)} latency" if fastest else "cost"
    overlap = intervals.overlap(ours, theirs)
    if overlap is not None:
        yield (
            f"The intervals of its {what} and of {name}'s overlap: the order may be chance."
            if overlap
            else f"The intervals of its {what} and of {name}'s do not overlap."
        )


def _decided(plan: Plan, best: int) -> str:
    names = explain.labels(plan.comparison.evaluations)
    ties = [names[at] for at in plan.ties if at != best]
    if ties:
        runs = words.counted(plan.simulated, "exact run")
        return f"By {runs} it cannot be told from {words.joined(ties)} at 95 %."
    if plan.decided:
        return (
            f"It is better than everything else that was simulated with 95 % confidence, after"
            f" {words.counted(plan.simulated, 'exact run')}."
        )
    return f"Not decided: {words.count(plan.simulated)} exact runs were made, too few to be sure at 95 %."
