"""What can be said before every deployment is simulated: estimates beside what has been simulated, and their doubts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from headroom.advisor.answer import Answer, Clause, Uncertain
from headroom.advisor.search.types import Screen
from headroom.advisor.tell import explain, words
from simulator.estimate.figures import Figure
from simulator.scenario import Scenario

UNSURE_TIMES = 3.0
"""An error of an estimate that is not sure counts this many times."""


def clause_error(answer: Answer, clause: Clause) -> float | None:
    """The relative error of the estimated number that a clause holds against its limit; None where there is none."""
    estimate = answer.estimate
    if estimate is None or clause.margin is None or answer.cost_usd_per_month is None:
        return None
    figures = {
        "latency": estimate.latency_s.get(clause.title.partition(" ")[0]),
        "errors": estimate.error_share,
        "deadline": estimate.longest_job_s,
        "budget": Figure(value=answer.cost_usd_per_month.value, error=estimate.usage_error),
    }
    figure = figures.get(clause.key)
    return figure.error if figure is not None and figure.value else None  # relative errors of 0 mean nothing


def close(answer: Answer, clause: Clause) -> bool:
    """Whether an estimated number is within its error of the limit, so that only the exact run can tell."""
    error = clause_error(answer, clause)
    return error is not None and clause.margin is not None and abs(clause.margin - 1) <= error


def doubt(answer: Answer) -> str:
    """Why not to build upon an estimate, as a sentence; empty when there is no reason, or it is no estimate."""
    doubts = []
    if answer.estimate is not None and not answer.sure:
        lead = "not sure" if answer.estimate.stable else "not stable"
        doubts.append(f"{lead}: {'; '.join(_bare(answer.estimate.reasons))}")
    doubts += [
        f"{clause.title[:1].lower()}{clause.title[1:]} {clause.value} is too close to its limit to tell"
        for clause in answer.clauses
        if close(answer, clause)
    ]
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in doubts)


def may_meet(answer: Answer) -> bool:
    """Whether the exact run may find that it meets although the estimate does not: each miss is within its doubt."""
    times = 1.0 if answer.sure else UNSURE_TIMES
    missed = [clause for clause in answer.clauses if not clause.met]
    return answer.estimated and all(
        clause.margin is not None and clause.margin - 1 <= times * (clause_error(answer, clause) or 0.0)
        for clause in missed
    )


def sentence(scenario: Scenario, answers: Sequence[Answer], best: int | None) -> str:
    """The verdict as far as it is known, open about what may still turn it."""
    number = words.counted(len(answers), "deployment")
    if best is None:
        maybe = [answer.deployment.name for answer in answers if may_meet(answer)]
        rest = f"; {words.joined(maybe)} may do so after all" if maybe else ""
        return f"By the preview none of {number} meets the requirement{rest}."
    winner = answers[best]
    if sum(answer.meets for answer in answers) == 1:
        priced = " and has a price" if any(answer.unranked for answer in answers) else ""
        lead = f"By the preview only {winner.deployment.name}, of {number}, meets the requirement{priced}"
    else:
        lead = f"By the preview {winner.deployment.name} is {explain.superlative(scenario, answers, best)} of {number}"
        lead += " that meets the requirement"
    rivals = "" if scenario.search.goal == "latency" else _rivals(answers, best)
    return f"{lead}: {_facts(scenario, winner)}.{rivals}{_caveat(scenario, answers, best)}"


def first_look(screen: Screen) -> str:
    """The first recommendation of a search, which rests on the fast answer alone, in one sentence or two."""
    looked = f"{words.counted(screen.screened, 'candidate')} looked at by the fast answer"
    best = None if screen.best is None else screen.patterns[screen.best].best
    if best is None:
        return f"none of {looked} meets the requirement; exact runs decide."
    unsure = " Its preview is not sure." if doubt(best) else ""
    return f"{best.deployment.name}, {_facts(screen.scenario, best)}. The best of {looked}; exact runs decide.{unsure}"


def _bare(reasons: Sequence[str]) -> list[str]:
    return [reason.removeprefix("not stable: ").removeprefix("not sure: ") for reason in reasons] or ["no reason given"]


def _facts(scenario: Scenario, winner: Answer) -> str:
    """Cost and latency of the winner, each with its error or interval."""
    name = words.percentile(scenario.requirement.latency_percentile)
    latency = f", {name} latency {_fact(winner.latency_s[name], words.seconds)}" if name in winner.latency_s else ""
    cost = "unknown" if winner.cost_usd_per_month is None else _fact(winner.cost_usd_per_month, words.dollars)
    return f"{cost} a month{latency}"


def _fact(figure: Uncertain, form: words.Format) -> str:
    if figure.provenance == "estimated":
        return f"about {words.precise(figure, form)}"
    return words.estimate(figure, form)


def _ends_usd(answer: Answer) -> tuple[float, float]:
    """Between what the cost lies, as far as is known."""
    cost = answer.cost_usd_per_month
    if cost is None:
        return math.inf, math.inf
    return (cost.value if cost.low is None else cost.low, cost.value if cost.high is None else cost.high)


def _rivals(answers: Sequence[Answer], best: int) -> str:
    """Those that meet and could as well be cheaper."""
    high = _ends_usd(answers[best])[1]
    rivals = [
        answer.deployment.name
        for place, answer in enumerate(answers)
        if place != best and answer.meets and _ends_usd(answer)[0] <= high
    ]
    return f" Too close for a preview: {words.joined(rivals)} may cost no more." if rivals else ""


def _caveat(scenario: Scenario, answers: Sequence[Answer], best: int) -> str:
    winner = answers[best]
    cheaper = [
        answer.deployment.name
        for answer in answers
        if scenario.search.goal == "cost"
        and not answer.meets
        and may_meet(answer)
        and _ends_usd(answer)[0] < _ends_usd(winner)[1]
    ]
    rest = f" Cheaper, and may meet it after all: {words.joined(cheaper)}." if cheaper else ""
    return f"{' Its preview is not sure.' if doubt(winner) else ''}{rest}"
