"""Finalists where one exact run is very large: few runs and the most telling ones, as many as an amount of work allows.

First the most promising candidate and the most promising one that the fast answer is sure of, side by side. Then, while
something promises to be better than the best so far, one at a time. A pattern that is surely ruled out or dearer is
not simulated: its answer is the estimate, and says so. Work is counted in requests and not by a
clock, so the same scenario gives the same plan on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from headroom.advisor.answer import Answer
from headroom.advisor.order import Merit
from headroom.advisor.search.bounds import best_first, may_win, meeting, most_promising_first
from headroom.advisor.search.learned import Learned
from headroom.advisor.search.naming import same_hardware
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.runs import Runs
from headroom.advisor.search.types import Decision
from headroom.advisor.tell import words
from simulator.patterns.registry import BY_KEY, Deployment

LARGE_REQUESTS = 100e6
"""Of one replication: from so many on every run is weighed."""

ALLOWED_REQUESTS = 2e9
"""Of all runs together, as requests of a real-time endpoint; one run is always made."""

_CHEAP = 0.2
"""Patterns of at most this weight are always simulated."""


def is_large(runs: Runs) -> bool:
    """Whether one replication is so large that only few can be made."""
    return runs.requests > LARGE_REQUESTS


def decide(lines: Sequence[Sequence[Answer]], runs: Runs, ranking: Ranking) -> Decision:
    """Simulate the most promising of all lines; the rest stays with the fast answer."""
    lines = [_one_of_a_kind(line) for line in lines]
    answers = most_promising_first(ranking, (answer for line in lines for answer in line))
    cheap = [line[0] for line in lines if line and BY_KEY[line[0].deployment.pattern].request_work <= _CHEAP]
    simulated: list[Deployment] = []
    deployments = list(dict.fromkeys(answer.deployment for answer in [*_bracket(answers, ranking), *cheap]))
    while deployments:
        simulated += deployments
        runs.run(deployments, 1)
        deployments = [
            answer.deployment
            for answer in answers
            if answer.deployment not in simulated and may_win(ranking, answer, _meeting(simulated, runs, ranking))
        ][:1]
        if sum(map(runs.work, (*simulated, *deployments))) > ALLOWED_REQUESTS:
            break
    meeting_merits = _meeting(simulated, runs, ranking)
    left = [
        answer for answer in answers if answer.deployment not in simulated and may_win(ranking, answer, meeting_merits)
    ]
    return Decision(
        evaluations=[_known(line, simulated, runs, ranking) for line in lines],
        open=bool(left),
        left=left,
        learned=Learned(runs.prepared),
    )


def _one_of_a_kind(line: Sequence[Answer]) -> list[Answer]:
    """Without those that differ from an earlier one in fine settings only: they would fail with it."""
    first: dict[object, Answer] = {}
    for answer in line:
        first.setdefault(same_hardware(answer.deployment), answer)
    return list(first.values())


def _bracket(answers: Sequence[Answer], ranking: Ranking) -> list[Answer]:
    """The most promising, and the most promising of which the fast answer is sure."""
    sure = [answer for answer in answers if answer.sure and answer.meets]
    return list({id(answer): answer for answer in (*answers[:1], *sure[:1])}.values())


def _meeting(deployments: Sequence[Deployment], runs: Runs, ranking: Ranking) -> list[Merit]:
    return meeting(ranking, (runs.evaluation(deployment) for deployment in deployments if deployment in runs.results))


def _known(line: Sequence[Answer], deployments: Sequence[Deployment], runs: Runs, ranking: Ranking) -> list[Answer]:
    """The exact evaluations of a line, best first; without any, what the fast answer says of its first.

    Nothing is said of a line that may hold the winner and was not simulated: that would be shown as the best.
    """
    finished = [runs.evaluation(answer.deployment) for answer in line if answer.deployment in deployments]
    if finished:
        return best_first(ranking, finished)
    if not line or may_win(ranking, line[0], _meeting(deployments, runs, ranking)):
        return []
    if line[0].ruled_out:
        return [runs.evaluation(line[0].deployment)]
    return [_not_simulated(line[0], runs)]


def _not_simulated(answer: Answer, runs: Runs) -> Answer:
    warning = (
        f"Not simulated: a run would be {words.count(runs.requests)} requests, and by the fast answer it cannot be the"
        " best. All its figures are those of the fast answer."
    )
    return replace(answer, warnings=(warning,))
