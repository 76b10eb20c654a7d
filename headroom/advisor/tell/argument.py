"""The choice defended: why this one, what the next would cost and buy, why each other pattern lost, and how sure it is.

Every sentence is made from facts of the runs: numbers of the evaluations, differences of two, moments of their series.
Works for deployments that a user compares and for those that a plan has found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from headroom.advisor import intervals
from headroom.advisor.answer import Answer, Clause, Comparison, Uncertain
from headroom.advisor.order import as_fast, cheapest_of_the_fastest, runner_up, simplest_of_the_cheapest
from headroom.advisor.search import significance
from headroom.advisor.search.types import Plan, Point
from headroom.advisor.tell import clause_text, cost_text, explain, words
from headroom.advisor.tell.loss import price_difference, required_latency
from headroom.advisor.tell.rejections import Lost, nothing_to_try, why_lost
from simulator.scenario import Scenario

_SAME_COST = 0.02
"""Share of a cost that a fast answer may be off by."""

_NEAR = 0.5
"""A limit of which less than this share is used decides nothing."""

_BINDS = 0.9
"""A limit of which at least this share is used binds, as does one that chance alone may break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """choice: why this one; next_best: what the runner-up costs more and would buy, "" without one. lost: one for each
    other pattern. confidence: how sure the figures and the choice are.
    """

    choice: str
    next_best: str
    lost: tuple[Lost, ...]
    confidence: tuple[str, ...]


def argue(comparison: Comparison, *remarks: str) -> Argument:
    """Defend the choice of a comparison; when nothing meets, `choice` says what comes closest.

    remarks: further sentences on how sure the choice is, such as what it hangs on (`decisive_assumptions`).
    """
    best = comparison.best
    if best is None:
        return Argument(choice=comparison.sentence, next_best="", lost=tuple(why_lost(comparison)), confidence=remarks)
    return Argument(
        choice=_choice(comparison, best),
        next_best=_next_best(comparison, best),
        lost=tuple(why_lost(comparison)),
        confidence=(*_intervals(comparison, best), *_lead(comparison, best), *remarks),
    )


def argue_plan(plan: Plan, *remarks: str) -> Argument:
    """Defend the choice of a plan, which also knows what else was looked at and whether its lead is sure."""
    argument = argue(plan.comparison)
    patterns = {answer.deployment.pattern for answer in plan.comparison.evaluations}
    patterns |= {point.deployment.pattern for point in plan.points}
    argument = replace(argument, lost=(*argument.lost, *nothing_to_try(plan.comparison.scenario, patterns)))
    best = plan.comparison.best
    if best is None:
        looked = words.counted(plan.screened, "candidate")
        choice = f"{argument.choice} {looked} were looked at."
        return replace(argument, choice=choice, confidence=remarks)
    return replace(
        argument,
        choice=f"{argument.choice}{_cheaper(plan, best)}{_of_a_zone(plan, best)}",
        confidence=(*_intervals(plan.comparison, best), _decided(plan, best), *_unasked(plan), *remarks),
    )


def _choice(comparison: Comparison, best: int) -> str:
    """Like "A is chosen: $100 a month, the least of the 3 that meet every clause. What binds is the p99 ..."."""
    evaluations, scenario = comparison.evaluations, comparison.scenario
    name, chosen = explain.labels(evaluations)[best], evaluations[best]
    cost = f"{cost_text.qualifier(chosen)}{words.estimate(chosen.cost_usd_per_month, words.dollars)}"
    binds = f"{_what_binds(scenario, chosen)}{clause_text.causes(chosen)}{explain.prices(evaluations)}"
    return f"{name} is chosen: {cost} a month{_rank(comparison)}. {binds}"


def _rank(comparison: Comparison) -> str:
    meeting, number = sum(answer.meets for answer in comparison.evaluations), len(comparison.evaluations)
    priced = " and has a price" if any(answer.unranked for answer in comparison.evaluations) else ""
    if meeting > 1:
        these = " and have a price" if priced else ""
        return f", {_least(comparison)} of the {words.count(meeting)} that meet every clause{these}"
    return f", the only one of {words.count(number)} that meets every clause{priced}" if number > 1 else ""


def _least(comparison: Comparison) -> str:
    if comparison.best is None:
        return "the least"
    contest = comparison.scenario, comparison.evaluations, comparison.best
    least = comparison.scenario.search.goal == "cost" and not explain.alike(*contest)
    return "the least" if least else explain.superlative(*contest)


def _what_binds(scenario: Scenario, evaluation: Answer) -> str:
    clause = clause_text.tightest(evaluation.clauses)
    if clause is None or clause.margin is None:
        return "No limit of the requirement is near."
    spare, limit = words.share(1 - clause.margin), clause.limit.removeprefix("at most ")
    sentence = f"{_with_interval(scenario, evaluation, clause)} of {limit} allowed, {spare} to spare"
    if clause.margin < _NEAR:
        return f"No limit of the requirement is near; the nearest is {clause_text.subject(clause)}, {sentence}."
    if clause.margin >= _BINDS or _may_break(evaluation, clause):
        return f"What binds is {clause_text.subject(clause)}: {sentence}."
    return f"Nearest to its limit is {clause_text.subject(clause)}: {sentence}."


def _may_break(evaluation: Answer, clause: Clause) -> bool:
    """Whether the interval of a clause's number reaches beyond its limit."""
    numbers = {
        "latency": evaluation.latency_s.get(clause.title.partition(" ")[0]),
        "errors": evaluation.error_share,
        "budget": evaluation.cost_usd_per_month,
    }
    number = numbers.get(clause.key)
    if number is None or number.high is None or not clause.margin:
        return False
    return number.high > number.value / clause.margin


def _with_interval(scenario: Scenario, evaluation: Answer, clause: Clause) -> str:
    """The value of a clause, with its interval where there is one."""
    match clause.key:
        case "latency":
            return words.estimate(required_latency(scenario, evaluation), words.seconds)
        case "errors":
            return words.estimate(evaluation.error_share, words.share)
        case "budget":
            return words.estimate(evaluation.cost_usd_per_month, words.dollars)
        case _:
            return clause.value


def _next_best(comparison: Comparison, best: int) -> str:
    """What the runner-up costs more, and what it would buy."""
    next_best = runner_up(comparison)
    if next_best is None:
        return ""
    name = explain.labels(comparison.evaluations)[next_best]
    winner, second = comparison.evaluations[best], comparison.evaluations[next_best]
    gains = list(_gains(comparison.scenario, winner, second))
    buys = f"it would buy {words.joined(gains)}" if gains else "it would buy nothing that the requirement measures"
    return f"The next best, {name}, {price_difference(second, winner)}; {buys}."


def _gains(scenario: Scenario, winner: Answer, other: Answer) -> Iterator[str]:
    """In what the other is better than the winner. Latencies of data sets are not compared without a limit on them: a
    client sends them to an endpoint over hours, a transform job has them all at once.
    """
    requirement, traffic = scenario.requirement, scenario.workload.traffic
    winner_latency, other_latency = required_latency(scenario, winner), required_latency(scenario, other)
    latency_counts = requirement.latency_limit_s > 0 or traffic.kind != "jobs"
    if (
        latency_counts
        and winner_latency is not None
        and other_latency is not None
        and other_latency.value < winner_latency.value
    ):
        name = words.percentile(requirement.latency_percentile)
        better, worse = words.apart(other_latency.value, winner_latency.value, words.seconds)
        yield f"a {name} latency of {better} instead of {worse}"
    ours_s, others_s = (_slowest_data_set_s(scenario, answer) for answer in (winner, other))
    if others_s < ours_s:
        better, worse = words.apart(others_s, ours_s, words.seconds)
        yield f"the slowest data set in {better} instead of {worse}"
    errors, other_errors = winner.error_share, other.error_share
    if errors is not None and other_errors is not None and other_errors.value < errors.value:
        better, worse = words.apart(other_errors.value, errors.value, words.share)
        yield f"errors of {better} instead of {worse}"


def _slowest_data_set_s(scenario: Scenario, evaluation: Answer) -> float:
    """By the clause of the deadline; infinite without one."""
    margins = [clause.margin for clause in evaluation.clauses if clause.key == "deadline" and clause.margin is not None]
    return margins[0] * scenario.requirement.deadline_s if margins else math.inf


def _intervals(comparison: Comparison, best: int) -> Iterator[str]:
    """The intervals of cost and latency, and whether chance alone may break the limit."""
    evaluation, requirement = comparison.evaluations[best], comparison.scenario.requirement
    cost, latency = evaluation.cost_usd_per_month, required_latency(comparison.scenario, evaluation)
    if cost is None:
        return
    if cost.low is None:
        yield "One replication was made: neither the cost nor the latency has an interval."
        return
    name = words.percentile(requirement.latency_percentile)
    parts = [f"cost {words.estimate(cost, words.dollars)} a month"]
    if latency is not None and latency.low is not None:
        parts.append(f"{name} latency {words.estimate(latency, words.seconds)}")
    basis = "from parts of the one run" if cost.provenance == "simulated once" else f"over {cost.n} replications"
    yield f"At 95 % {basis}: {words.joined(parts)}."
    if latency is not None and latency.low is None:
        why = f": {latency.why}" if latency.why else ""
        yield f"The {name} latency, {words.seconds(latency.value)}, has no interval{why}."
    limit_s = requirement.latency_limit_s
    if latency is not None and latency.high is not None and 0 < limit_s < latency.high:
        yield f"The interval of the latency reaches beyond {words.seconds(limit_s)}: chance alone may break the limit."


def _lead(comparison: Comparison, best: int) -> Iterator[str]:
    """Whether the lead over the next best may be chance."""
    next_index = runner_up(comparison)
    if next_index is None:
        return
    name = explain.labels(comparison.evaluations)[next_index]
    scenario, pair = comparison.scenario, [comparison.evaluations[index] for index in (best, next_index)]
    latencies = [required_latency(scenario, answer) for answer in pair]
    fastest = scenario.search.goal == "latency" and not _as_fast(*latencies)
    best_figure, next_figure = latencies if fastest else [answer.cost_usd_per_month for answer in pair]
    if best_figure is None or next_figure is None:
        return
    figure = f"{words.percentile(scenario.requirement.latency_percentile)} latency" if fastest else "cost"
    overlap = intervals.overlap(best_figure, next_figure)
    if overlap is not None:
        yield (
            f"The intervals of its {figure} and of {name}'s overlap: the order may be chance."
            if overlap
            else f"The intervals of its {figure} and of {name}'s do not overlap."
        )


def _as_fast(left_figure: Uncertain | None, right_figure: Uncertain | None) -> bool:
    return left_figure is not None and right_figure is not None and as_fast(left_figure.value, right_figure.value)


def _decided(plan: Plan, best: int) -> str:
    """Whether the best is surely the best, and if not, why."""
    comparison, runs = plan.comparison, words.counted(plan.simulated, "exact run")
    names = explain.labels(comparison.evaluations)
    ties = [names[at] for at in plan.ties if at != best]
    if ties:
        return f"It is a toss-up: by {runs} it cannot be told from {words.joined(ties)} at 95 %."
    if plan.decided and cheapest_of_the_fastest(comparison.scenario, comparison.evaluations, best):
        return (
            f"After {runs}, at 95 % confidence, nothing else that was simulated and may meet the requirement is faster"
            f" by more than 1 %, or as fast and as cheap{_one_run(comparison.evaluations[best])}."
        )
    if plan.decided and simplest_of_the_cheapest(comparison.scenario, comparison.evaluations, best):
        return (
            f"After {runs}, at 95 % confidence, nothing else that was simulated and may meet the requirement is cheaper"
            f" by more than 0.5 %, or as cheap and as simple{_one_run(comparison.evaluations[best])}."
        )
    if plan.decided:
        better = "faster" if comparison.scenario.search.goal == "latency" else "cheaper"
        return (
            f"After {runs} it is {better}, at 95 % confidence, than all else that was simulated and may meet the"
            f" requirement{_one_run(comparison.evaluations[best])}."
        )
    if significance.meets(comparison.scenario, comparison.evaluations[best]) is not True:
        return f"Not decided: {runs} leave open whether it meets the requirement, at 95 %."
    return f"Not decided: after {runs}, {_left(plan)}"


def _unasked(plan: Plan) -> Iterator[str]:
    """A fleet of burstable instances that would cost less, where these were not looked at."""
    if plan.burstable is None:
        return
    deployment, cost = plan.burstable.deployment, words.dollars(plan.burstable.cost_usd_per_month.value)
    yield (
        "Burstable types (ml.t2) were not looked at, because their CPU credits are not simulated. By the fast answer"
        f" {deployment.name} meets for {cost} a month while its credits last, as they do under the expected load: name"
        " the family in search.families to have it simulated."
    )


def _left(plan: Plan) -> str:
    """What was not simulated often enough, or not at all though it promises to be better."""
    if not plan.left:
        return "some that were simulated may be as good: more replications would tell."
    nearest = plan.left[0]
    more = f" and {words.count(len(plan.left) - 1)} more" if len(plan.left) > 1 else ""
    better = "faster" if plan.comparison.scenario.search.goal == "latency" else "cheaper"
    return (
        f"the amount of work was spent before {nearest.deployment.name} ({words.dollars(_usd(nearest))} by the fast"
        f" answer){more}, which may be {better}, could be simulated."
    )


def _one_run(best: Answer) -> str:
    """That there was nothing to compare runs by, so that their scatter is an estimate (`significance`)."""
    cost = best.cost_usd_per_month
    return (
        "; with one run of each, that is less sure than by replications"
        if cost is not None and cost.provenance == "simulated once"
        else ""
    )


def _cheaper(plan: Plan, best: int) -> str:
    """What stands against the nearest cheaper candidate: that it is too slow; "" where nothing cheaper was too slow."""
    scenario, cost = plan.comparison.scenario, plan.comparison.evaluations[best].cost_usd_per_month
    limit_s = scenario.requirement.latency_limit_s
    if scenario.search.goal == "latency" or cost is None or not limit_s:
        return ""
    cheaper = [point for point in (*plan.points, *plan.left) if point.meets_rest and _usd(point) < cost.value]
    near = max(cheaper, key=_usd, default=None)
    if near is None or near.latency_s is None or near.meets or near in plan.left:
        return ""
    name = words.percentile(scenario.requirement.latency_percentile)
    latency_s, limit = words.apart(near.latency_s.value, limit_s, words.seconds)
    provenance = "" if near.exact else ", by the fast answer"
    return (
        f" Of what is cheaper, the nearest to it in cost, {near.deployment.name} ({words.dollars(_usd(near))}), is too"
        f" slow: {name} latency {latency_s}, limit {limit}{provenance}."
    )


def _of_a_zone(plan: Plan, best: int) -> str:
    """What it costs that a zone may be lost; "" where the requirement spares none."""
    other, cost = plan.in_one_zone, plan.comparison.evaluations[best].cost_usd_per_month
    if other is None or cost is None:
        return ""
    less_usd = cost.value - _usd(other)
    if less_usd <= _SAME_COST * cost.value:
        return " That one zone may be lost costs nothing more."
    return (
        f" That one zone may be lost costs about {words.dollars(less_usd)} of it: were one zone enough (min_zones = 1),"
        f" {other.deployment.name} would do for {words.dollars(_usd(other))}, by the fast answer."
    )


def _usd(point: Point) -> float:
    return point.cost_usd_per_month.value
