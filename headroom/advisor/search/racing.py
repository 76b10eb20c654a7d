"""The finalists of every pattern, simulated exactly: fewer replications first, all of them for those that remain.

Candidates are taken in the order of the fast answer. One that breaks the requirement in the exact run makes room for
the next; so does the best, while something that promised to be cheaper has not been looked at. Where one run is very
large, `large` decides with few.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from headroom.advisor.answer import Answer
from headroom.advisor.order import Merit
from headroom.advisor.search import racing_one_run, significance
from headroom.advisor.search.bounds import best_first, least_usd, may_win, meeting
from headroom.advisor.search.naming import named, same_hardware
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.runs import Runs
from headroom.advisor.search.types import Decision
from simulator.patterns.candidates import FreePlaces
from simulator.patterns.registry import BY_KEY, Deployment

TRIES = 4
"""Rounds of new finalists."""

AT_ONCE = 3
_FEW = 2
RIVALS = 3
"""Other machines that are simulated because they may cost less than the best, though not by their figures."""

SETTLED = 4
"""Of those that were dropped after few replications, how many are brought to all of them in each of two rounds."""

INDIFFERENT = 0.01
"""What two settings of the same machine may differ by and count as one choice."""

_CLEARLY = 1.15
"""A clause that the first replications miss by so much is not met by more of them."""


@dataclass(slots=True)
class Line:
    """The candidates of one pattern, the most promising first; those that were simulated, and the best of them."""

    waiting: list[Answer]
    tried: list[Deployment] = field(default_factory=list)


def decide(lines: Sequence[Sequence[Answer]], runs: Runs, ranking: Ranking) -> Decision:
    """Simulate the first of every line, and more of the lines that may hold the best."""
    if racing_one_run.is_large(runs):
        return racing_one_run.decide(lines, runs, ranking)
    state = [Line(list(line)) for line in lines]
    _round([_take(line, 1) for line in state], runs, ranking)
    for _ in range(TRIES):
        meeting_merits = _meeting(state, runs, ranking)
        deployments_by_line = [
            _take(line, AT_ONCE) if _goes_on(line, meeting_merits, ranking) else [] for line in state
        ]
        if not any(deployments_by_line):
            break
        _round(deployments_by_line, runs, ranking)
    _finish(state, runs, ranking)
    _meet_rivals(state, runs, ranking)
    settled = settle(state, runs, ranking)
    meeting_merits = _meeting(state, runs, ranking)
    return Decision(
        evaluations=[_in_order(line, runs, ranking) for line in state],
        open=not settled or any(_goes_on(line, meeting_merits, ranking) for line in state),
    )


def _take(line: Line, number: int) -> list[Deployment]:
    """The next of a line, now tried."""
    deployments = [answer.deployment for answer in line.waiting[:number]]
    del line.waiting[:number]
    line.tried += deployments
    return deployments


def _round(deployments_by_line: Sequence[Sequence[Deployment]], runs: Runs, ranking: Ranking) -> None:
    """The first replications of all; the others of those that may still be the best of their line."""
    together = [deployment for line in deployments_by_line for deployment in line]
    runs.run(together, _FEW if runs.planned > _FEW else 1)
    survivors = []
    for line in deployments_by_line:
        alive = [deployment for deployment in line if not _hopeless(runs.evaluation(deployment))] or list(line[:1])
        survivors += _best_first(alive, runs, ranking)[:_FEW]
    runs.run(survivors, runs.planned)


def _hopeless(answer: Answer) -> bool:
    return any(not clause.met and clause.margin is not None and clause.margin > _CLEARLY for clause in answer.clauses)


def _finish(state: Sequence[Line], runs: Runs, ranking: Ranking) -> None:
    """All replications of the best two of every line, so that their figures are those of `evaluate`."""
    for line in state:
        runs.run(_best_of(line, runs, ranking)[:_FEW], runs.planned)
        _make_room(line, runs, ranking)


def _meet_rivals(state: Sequence[Line], runs: Runs, ranking: Ranking) -> None:
    """Simulate other machines that may cost less than the best when the fast answer's cost errs to their good."""
    best = _winner(state, runs, ranking)
    if best is None or best.cost_usd_per_month is None or ranking.fast_wanted:
        return
    kinds = {same_hardware(deployment) for line in state for deployment in line.tried}
    usd = best.cost_usd_per_month.value
    able = [
        (line, answer)
        for line in state
        for answer in line.waiting
        if same_hardware(answer.deployment) not in kinds and may_win(ranking, answer, ()) and least_usd(answer) < usd
    ]
    first = {same_hardware(answer.deployment): (line, answer) for line, answer in reversed(able)}
    rivals = sorted(first.values(), key=lambda rival: least_usd(rival[1]))[:RIVALS]
    for line, answer in rivals:
        line.waiting.remove(answer)
        line.tried.append(answer.deployment)
    runs.run([answer.deployment for _, answer in rivals], runs.planned)


def settle(state: Sequence[Line], runs: Runs, ranking: Ranking) -> bool:
    """Complete the replications of dropped candidates that are not surely worse; return whether none is left."""
    for settled_at in (SETTLED, SETTLED, 0):
        best = _winner(state, runs, ranking)
        if best is None:
            return True
        unfinished = [
            deployment
            for line in state
            for deployment in line.tried
            if 0 < len(runs.results.get(deployment, ())) < runs.planned
        ]
        open_ = [deployment for deployment in unfinished if not surely_out(runs.evaluation(deployment), best, runs)]
        if not open_:
            return True
        runs.run(_best_first(open_, runs, ranking)[:settled_at], runs.planned)
    return False


def _winner(state: Sequence[Line], runs: Runs, ranking: Ranking) -> Answer | None:
    """The best of all that have all replications and meet."""
    finished = [answer for line in state for answer in _in_order(line, runs, ranking) if answer.meets]
    return next(iter(best_first(ranking, finished)), None)


def surely_out(answer: Answer, best: Answer, runs: Runs) -> bool:
    """Whether a candidate surely does not meet, or surely is no better than the best: by more than INDIFFERENT where
    the two differ in fine settings only.
    """
    tolerance = INDIFFERENT if same_hardware(answer.deployment) == same_hardware(best.deployment) else 0.0
    return significance.meets(runs.scenario, answer) is False or significance.dearer(
        answer, best, runs.prepared, tolerance
    )


def _best_of(line: Line, runs: Runs, ranking: Ranking) -> list[Deployment]:
    return _best_first([deployment for deployment in line.tried if deployment in runs.results], runs, ranking)


def _best_first(deployments: Sequence[Deployment], runs: Runs, ranking: Ranking) -> list[Deployment]:
    return [
        deployment.deployment
        for deployment in best_first(ranking, (runs.evaluation(deployment) for deployment in deployments))
    ]


def _make_room(line: Line, runs: Runs, ranking: Ranking) -> None:
    """Places that cost nothing: twice the most that was in flight, as far as that is allowed."""
    for deployment in _best_of(line, runs, ranking)[:_FEW]:
        free = BY_KEY[deployment.pattern].searching.free_places
        roomier: Deployment = deployment
        while free and (places := _places(roomier, free, runs)) > free.places(roomier):
            roomier = named(free.with_places(roomier, places))
            runs.run([roomier], runs.planned)  # in which more may be in flight
        line.tried = list(dict.fromkeys(roomier if tried == deployment else tried for tried in line.tried))


def _places(deployment: Deployment, free: FreePlaces, runs: Runs) -> int:
    outcome, scenario = runs.evaluation(deployment).outcome, runs.scenario
    max_places = free.most(scenario.assumptions, scenario.search.serverless_concurrency_quota)
    in_flight = 0.0 if outcome is None else float(outcome.series.peaks[free.gauge].max(initial=0.0))
    return free.roomy(math.ceil(in_flight), max_places)


def _in_order(line: Line, runs: Runs, ranking: Ranking) -> list[Answer]:
    """Those that have all replications, best first."""
    finished = [
        deployment
        for deployment in line.tried
        if len(runs.results.get(deployment, ())) == runs.planned or deployment not in runs.results
    ]
    return best_first(ranking, (runs.evaluation(deployment) for deployment in finished))


def _meeting(state: Sequence[Line], runs: Runs, ranking: Ranking) -> list[Merit]:
    """The merits of all that meet, so far."""
    return meeting(
        ranking,
        (runs.evaluation(deployment) for line in state for deployment in line.tried if deployment in runs.results),
    )


def _goes_on(line: Line, merits: Sequence[Merit], ranking: Ranking) -> bool:
    """Whether the next of a line promises to be better than those that meet so far."""
    return bool(line.waiting) and may_win(ranking, line.waiting[0], merits)


def ties(evaluations: Sequence[Answer], best: int, runs: Runs) -> tuple[int, ...]:
    """Indices of answers that are tied with the best: they may meet the requirement and are not surely worse."""
    scenario = runs.scenario
    return tuple(
        index
        for index, answer in enumerate(evaluations)
        if index != best
        and significance.meets(scenario, answer) is not False
        and not significance.dearer(answer, evaluations[best], runs.prepared)
    )
