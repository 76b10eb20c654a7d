"""What can be said before every deployment is simulated: the fast answers beside the exact results that are there.

A preview is turned into a draft of an evaluation, whose intervals are the errors of the fast answer, so that tables and
figures take it as they take an exact one. A draft has no outcome, and n of its estimates is 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from headroom.advisor import order
from headroom.advisor.evaluation import Clause, Comparison, Estimate, Evaluation
from headroom.advisor.fast import Preview
from headroom.advisor.tell import words
from simulator.estimate.figures import Figure
from simulator.scenario import Scenario

Known = Preview | Evaluation

UNSURE_TIMES = 3.0
"""An error of a preview that is not sure counts this many times."""


def compare(scenario: Scenario, known: Sequence[Known]) -> Comparison:
    """A preliminary comparison, in the order of the scenario's deployments; its reasons are those of the doubt."""
    best = order.best_answer(scenario, known)
    return Comparison(
        scenario=scenario,
        evaluations=tuple(one if isinstance(one, Evaluation) else draft(one) for one in known),
        best=best,
        sentence=_sentence(scenario, known, best),
        reasons=tuple("" if isinstance(one, Evaluation) else doubt(one) for one in known),
    )


def draft(preview: Preview) -> Evaluation:
    """The evaluation that the preview expects."""
    quick = preview.quick
    return Evaluation(
        deployment=preview.deployment,
        ruled_out=preview.ruled_out,
        outcome=None,
        bill=preview.bill,
        clauses=preview.clauses,
        latency_s={} if quick is None else {name: _estimate(figure) for name, figure in quick.latency_s.items()},
        cost_usd_per_month=_maybe(preview.cost_usd_per_month),
        cost_usd_per_million=None,
        error_share=_maybe(None if quick is None else quick.error_share, most=1.0),
        utilisation=_maybe(None if quick is None else quick.utilisation, most=1.0),
    )


def clause_error(preview: Preview, clause: Clause) -> float | None:
    """The relative error of the number that a clause holds against its limit; None where there is no number."""
    quick = preview.quick
    if quick is None or clause.margin is None:
        return None
    figures = {
        "latency": quick.latency_s.get(clause.title.partition(" ")[0]),
        "errors": quick.error_share,
        "deadline": quick.longest_job_s,
        "budget": preview.cost_usd_per_month,
    }
    figure = figures.get(clause.key)
    return figure.error if figure is not None and figure.value else None  # relative errors of 0 mean nothing


def close(preview: Preview, clause: Clause) -> bool:
    """Whether the number is within its error of the limit, so that only the exact run can tell."""
    error = clause_error(preview, clause)
    return error is not None and clause.margin is not None and abs(clause.margin - 1) <= error


def doubt(preview: Preview) -> str:
    """Why not to build upon a preview, as a sentence; empty when there is no reason."""
    said = []
    if not preview.sure:
        lead = "not sure" if preview.quick is None or preview.quick.stable else "not stable"
        said.append(f"{lead}: {'; '.join(_bare(preview.reasons))}")
    said += [
        f"{clause.title[:1].lower()}{clause.title[1:]} {clause.value} is too close to its limit to tell"
        for clause in preview.clauses
        if close(preview, clause)
    ]
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in said)


def may_meet(preview: Preview) -> bool:
    """Whether the exact run may find that it meets although the preview does not: each miss is within its doubt."""
    times = 1.0 if preview.sure else UNSURE_TIMES
    missed = [clause for clause in preview.clauses if not clause.met]
    return not preview.ruled_out and all(
        clause.margin is not None and clause.margin - 1 <= times * (clause_error(preview, clause) or 0.0)
        for clause in missed
    )


def _bare(reasons: Sequence[str]) -> list[str]:
    return [reason.removeprefix("not stable: ").removeprefix("not sure: ") for reason in reasons] or ["no reason given"]


def _estimate(figure: Figure, most: float = math.inf) -> Estimate:
    low, high = figure.value * (1 - figure.error), figure.value * (1 + figure.error)
    return Estimate(value=figure.value, low=max(0.0, low), high=min(most, high), n=0)


def _maybe(figure: Figure | None, most: float = math.inf) -> Estimate | None:
    return None if figure is None else _estimate(figure, most)


def _span(one: Known) -> tuple[float, float]:
    """Between what the cost lies, as far as is known."""
    cost = one.cost_usd_per_month
    if cost is None:
        return math.inf, math.inf
    found = cost if isinstance(cost, Estimate) else _estimate(cost)
    return (found.value if found.low is None else found.low, found.value if found.high is None else found.high)


def _sentence(scenario: Scenario, known: Sequence[Known], best: int | None) -> str:
    number = words.counted(len(known), "deployment")
    if best is None:
        maybe = [one.deployment.name for one in known if isinstance(one, Preview) and may_meet(one)]
        rest = f"; {words.joined(maybe)} may do so after all" if maybe else ""
        return f"By the preview none of {number} meets the requirement{rest}."
    winner, fastest = known[best], scenario.search.goal == "latency"
    goal = "the fastest" if fastest else "the cheapest"
    if order.cheapest_of_the_fastest(scenario, known, best):
        goal = "as fast as any within 1 %, and the cheapest of them,"
    lead = f"By the preview {winner.deployment.name} is {goal} of {number} that meets the requirement"
    if sum(one.meets for one in known) == 1:
        lead = f"By the preview only {winner.deployment.name}, of {number}, meets the requirement"
    rivals = "" if fastest else _rival(known, best)
    return f"{lead}: {_facts(scenario, winner)}.{rivals}{_caveat(known, best, cheaper_wins=not fastest)}"


def _facts(scenario: Scenario, one: Known) -> str:
    """Cost and latency of the winner, each with its error or interval."""
    name = words.percentile(scenario.requirement.latency_percentile)
    if isinstance(one, Evaluation):
        latency = words.estimate(one.latency_s[name], words.seconds) if name in one.latency_s else ""
        cost = words.estimate(one.cost_usd_per_month, words.dollars)
    else:
        figures = one.quick.latency_s if one.quick else {}
        latency = f"about {words.about(figures[name], words.seconds)}" if name in figures else ""
        cost = f"about {words.about(one.cost_usd_per_month, words.dollars)}" if one.cost_usd_per_month else "unknown"
    return f"{cost} a month{f', {name} latency {latency}' if latency else ''}"


def _rival(known: Sequence[Known], best: int) -> str:
    """Those that meet and could as well be cheaper."""
    high = _span(known[best])[1]
    rivals = [one for at, one in enumerate(known) if at != best and one.meets and _span(one)[0] <= high]
    if not rivals:
        return ""
    return f" Too close for a preview: {words.joined([one.deployment.name for one in rivals])} may cost no more."


def _caveat(known: Sequence[Known], best: int, *, cheaper_wins: bool) -> str:
    winner = known[best]
    unsure = isinstance(winner, Preview) and bool(doubt(winner))
    cheaper = [
        one.deployment.name
        for one in known
        if cheaper_wins
        and isinstance(one, Preview)
        and not one.meets
        and may_meet(one)
        and _span(one)[0] < _span(winner)[1]
    ]
    rest = f" Cheaper, and may meet it after all: {words.joined(cheaper)}." if cheaper else ""
    return f"{' Its preview is not sure.' if unsure else ''}{rest}"
