"""What a candidate may turn out to be when its figures err to its good, and what it has turned out to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headroom.advisor import order
from headroom.advisor.answer import Answer
from headroom.advisor.order import Merit
from headroom.advisor.search.ranking import Ranking

MOST_ERROR = 0.02
"""Of a cost: the error of an answer that is sure is less (docs/fast-answer.md)."""


def promised(ranking: Ranking, said: Answer) -> Merit:
    """The merit that a candidate may have when its figures err to its good."""
    clauses = [
        one for one in said.clauses if not (one.key in ("latency", "errors") and may_be_met(ranking, said, one.key))
    ]
    meets = not said.ruled_out and all(one.met for one in clauses)
    return order.make_merit(meets, bool(said.ruled_out), clauses, order.cost_usd(said), ranking.latency_s(said))


def may_be_met(ranking: Ranking, said: Answer, key: str) -> bool:
    """Whether a clause may be met when its figure errs as far as it says, but at most by a third."""
    assert said.estimate is not None
    requirement = ranking.scenario.requirement
    if key == "errors":
        return said.estimate.error_share.value * 0.5 <= requirement.max_error_share
    figure = said.estimate.latency_s.get(ranking.percentile)
    return figure is not None and figure.value * (1 - min(figure.error, 0.33)) <= requirement.latency_limit_s


def least_usd(said: Answer) -> float:
    """A month's cost when it errs to its good."""
    error = MOST_ERROR if said.estimate is None else min(said.estimate.usage_error, MOST_ERROR)
    return order.cost_usd(said) * (1 - error)


def most_promising_first(ranking: Ranking, candidates: Iterable[Answer]) -> list[Answer]:
    """The candidates by what they may turn out to be."""
    return order.best_first(ranking.goal, candidates, lambda one: promised(ranking, one))


def best_first(ranking: Ranking, evaluations: Iterable[Answer]) -> list[Answer]:
    """Exact evaluations by what they have turned out to be."""
    return order.best_first(ranking.goal, evaluations, lambda one: order.merit(ranking.scenario, one))


def meeting(ranking: Ranking, evaluations: Iterable[Answer]) -> list[Merit]:
    """The merits of those that meet."""
    return [order.merit(ranking.scenario, one) for one in evaluations if one.meets]


def may_win(ranking: Ranking, said: Answer, others: Sequence[Merit]) -> bool:
    """Whether a candidate promises to meet, and to be better than these."""
    return order.would_win(ranking.goal, promised(ranking, said), others)
