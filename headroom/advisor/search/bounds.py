"""What a candidate may turn out to be when its figures err to its good, and what it has turned out to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headroom.advisor import order
from headroom.advisor.answer import Answer
from headroom.advisor.order import Merit
from headroom.advisor.search.ranking import Ranking

MOST_ERROR = 0.02
"""Relative error of a monthly cost that bounds allow for; sure answers err by less (docs/fast-answer.md)."""


def promised(ranking: Ranking, answer: Answer) -> Merit:
    """An optimistic bound on the merit of a candidate: that of figures better than estimated by their errors."""
    clauses = [
        clause
        for clause in answer.clauses
        if not (clause.key in ("latency", "errors") and may_be_met(ranking, answer, clause.key))
    ]
    meets = not answer.ruled_out and all(clause.met for clause in clauses)
    return order.make_merit(ranking.scenario, answer, meets, clauses)


def may_be_met(ranking: Ranking, answer: Answer, key: str) -> bool:
    """Whether a clause may be met when its figure errs as far as it says, but at most by a third."""
    assert answer.estimate is not None
    requirement = ranking.scenario.requirement
    if key == "errors":
        return answer.estimate.error_share.value * 0.5 <= requirement.max_error_share
    figure = answer.estimate.latency_s.get(ranking.percentile)
    return figure is not None and figure.value * (1 - min(figure.error, 0.33)) <= requirement.latency_limit_s


def least_usd(answer: Answer) -> float:
    """A lower bound on the monthly cost of a candidate, USD: its estimate less the error."""
    error = MOST_ERROR if answer.estimate is None else min(answer.estimate.usage_error, MOST_ERROR)
    return order.cost_usd(answer) * (1 - error)


def most_promising_first(ranking: Ranking, candidates: Iterable[Answer]) -> list[Answer]:
    """Order candidates by their optimistic bounds, best first."""
    return order.best_first(ranking.goal, candidates, lambda answer: promised(ranking, answer))


def best_first(ranking: Ranking, evaluations: Iterable[Answer]) -> list[Answer]:
    """Order simulated answers by their merits, best first."""
    return order.best_first(ranking.goal, evaluations, lambda answer: order.merit(ranking.scenario, answer))


def meeting(ranking: Ranking, evaluations: Iterable[Answer]) -> list[Merit]:
    """The merits of the answers that meet the requirement."""
    return [order.merit(ranking.scenario, answer) for answer in evaluations if answer.meets]


def may_win(ranking: Ranking, answer: Answer, merits: Sequence[Merit]) -> bool:
    """Whether the optimistic bound of a candidate meets the requirement and beats all these merits."""
    return order.would_win(ranking.goal, promised(ranking, answer), merits)
