"""The finalists of every pattern, simulated exactly: fewer replications first, all of them for those that remain.

Candidates are taken in the order of the fast answer. One that breaks the requirement in the exact run makes room for
the next; so does the best, while something that promised to be cheaper has not been looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from advisor.evaluation import Evaluation
from advisor.fast import Preview
from advisor.search import surely
from advisor.search.ranking import Key, Ranking, rank
from advisor.search.runs import Runs
from simulator.scenario import Deployment

ROUND_S = 12.0
"""CPU time of exact runs that a round of finalists may take, about; one run each is always made."""

TRIES = 4
"""Rounds of new finalists."""

AT_ONCE = 3
_FEW = 2
_CLEARLY = 1.15
"""A clause that the first replications miss by so much is not met by more of them."""


@dataclass(slots=True)
class Line:
    """The candidates of one pattern, the most promising first; those that were simulated, and the best of them."""

    waiting: list[Preview]
    tried: list[Deployment] = field(default_factory=list)


@dataclass(slots=True)
class Decision:
    """evaluations: of each pattern's line, best first. open: something that may be better was not simulated."""

    evaluations: list[list[Evaluation]]
    open: bool


def decide(lines: Sequence[Sequence[Preview]], runs: Runs, ranking: Ranking) -> Decision:
    """Simulate the first of every line, and more of the lines that may hold the best."""
    state = [Line(list(line)) for line in lines]
    _round([_take(line, 1) for line in state], runs, ranking)
    for _ in range(TRIES):
        best = _best(state, runs, ranking)
        wanted = [_take(line, AT_ONCE) if _may_win(line, best, ranking) else [] for line in state]
        if not any(wanted):
            break
        _round(wanted, runs, ranking)
    _finish(state, runs, ranking)
    best = _best(state, runs, ranking)
    return Decision(
        evaluations=[_in_order(line, runs, ranking) for line in state],
        open=any(_may_win(line, best, ranking) for line in state),
    )


def _take(line: Line, number: int) -> list[Deployment]:
    """The next of a line, now tried."""
    taken = [said.deployment for said in line.waiting[:number]]
    del line.waiting[:number]
    line.tried += taken
    return taken


def _round(wanted: Sequence[Sequence[Deployment]], runs: Runs, ranking: Ranking) -> None:
    """The first replications of all; the others of those that may still be the best of their line."""
    together = [one for line in wanted for one in line]
    runs.run(together, _FEW if runs.planned > _FEW else 1)
    survivors = []
    for line in wanted:
        alive = [one for one in line if not _hopeless(runs.evaluation(one))] or list(line[:1])
        survivors += sorted(alive, key=lambda one: exact_key(ranking, runs.evaluation(one)))[:_FEW]
    runs.run(survivors, runs.planned)


def _hopeless(one: Evaluation) -> bool:
    return any(not clause.met and clause.margin is not None and clause.margin > _CLEARLY for clause in one.clauses)


def _finish(state: Sequence[Line], runs: Runs, ranking: Ranking) -> None:
    """All replications of the best two of every line, so that their figures are those of `evaluate`."""
    for line in state:
        able = [one for one in line.tried if one in runs.results]
        runs.run(sorted(able, key=lambda one: exact_key(ranking, runs.evaluation(one)))[:_FEW], runs.planned)


def _in_order(line: Line, runs: Runs, ranking: Ranking) -> list[Evaluation]:
    """Those that have all replications, best first."""
    done = [one for one in line.tried if len(runs.results.get(one, ())) == runs.planned or one not in runs.results]
    return sorted((runs.evaluation(one) for one in done), key=lambda one: exact_key(ranking, one))


def _best(state: Sequence[Line], runs: Runs, ranking: Ranking) -> Key | None:
    """The key of the best that meets, so far."""
    keys = [exact_key(ranking, runs.evaluation(one)) for line in state for one in line.tried if one in runs.results]
    return min((key for key in keys if key[0] == 0.0), default=None)


def _may_win(line: Line, best: Key | None, ranking: Ranking) -> bool:
    """Whether the next of a line promises to be better than the best so far."""
    if not line.waiting:
        return False
    key = promised(ranking, line.waiting[0])
    return key[0] == 0.0 and (best is None or key < best)


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


def exact_key(ranking: Ranking, one: Evaluation) -> Key:
    """The key of an exact evaluation."""
    latency = one.latency_s.get(ranking.percentile)
    usd = one.cost_usd_per_month.value if one.cost_usd_per_month else float("inf")
    return rank(ranking, one.meets, one.clauses, usd, latency.value if latency else float("inf"))


def ties(evaluations: Sequence[Evaluation], best: int, runs: Runs) -> tuple[int, ...]:
    """What cannot be told from the best: it may meet, and is not surely worse."""
    scenario = runs.scenario
    return tuple(
        at
        for at, one in enumerate(evaluations)
        if at != best
        and surely.meets(scenario, one) is not False
        and not surely.dearer(scenario, one, evaluations[best], runs.world)
    )
