"""Keys to sort by: what a candidate may turn out to be when its figures err to its good, and what it has turned out."""

from __future__ import annotations

from collections.abc import Iterable

from headroom.advisor.evaluation import Evaluation
from headroom.advisor.fast import Preview
from headroom.advisor.search.ranking import Key, Ranking, rank

MOST_ERROR = 0.02
"""Of a cost: the error of an answer that is sure is less (docs/fast-answer.md)."""


def promised(ranking: Ranking, said: Preview) -> Key:
    """The key that a candidate may have when its figures err to its good."""
    clauses = [
        one for one in said.clauses if not (one.key in ("latency", "errors") and may_be_met(ranking, said, one.key))
    ]
    usd = said.cost_usd_per_month.value if said.cost_usd_per_month else float("inf")
    meets = not said.ruled_out and all(one.met for one in clauses)
    return rank(ranking, meets, clauses, usd, ranking.latency_s(said))


def may_be_met(ranking: Ranking, said: Preview, key: str) -> bool:
    """Whether a clause may be met when its figure errs as far as it says, but at most by a third."""
    assert said.quick is not None
    requirement = ranking.scenario.requirement
    if key == "errors":
        return said.quick.error_share.value * 0.5 <= requirement.max_error_share
    figure = said.quick.latency_s.get(ranking.percentile)
    return figure is not None and figure.value * (1 - min(figure.error, 0.33)) <= requirement.latency_limit_s


def least_usd(said: Preview) -> float:
    """A month's cost when it errs to its good."""
    cost = said.cost_usd_per_month
    return float("inf") if cost is None else cost.value * (1 - min(cost.error, MOST_ERROR))


def exact_key(ranking: Ranking, one: Evaluation) -> Key:
    """The key of an exact evaluation."""
    latency = one.latency_s.get(ranking.percentile)
    usd = one.cost_usd_per_month.value if one.cost_usd_per_month else float("inf")
    return rank(ranking, one.meets, one.clauses, usd, latency.value if latency else float("inf"))


def best_that_meets(ranking: Ranking, evaluations: Iterable[Evaluation]) -> Key | None:
    """The least exact key of those that meet; None when nothing does."""
    keys = [exact_key(ranking, one) for one in evaluations]
    return min((key for key in keys if key[0] == 0.0), default=None)


def may_win(ranking: Ranking, said: Preview, best: Key | None) -> bool:
    """Whether a candidate promises to meet, and to be better than the best so far."""
    key = promised(ranking, said)
    return key[0] == 0.0 and (best is None or key < best)
