"""All deployments of a scenario side by side: the cheapest that meets the requirement wins, or the fastest where the
search of the scenario wants that.
"""

from __future__ import annotations

from collections.abc import Sequence

from headroom.advisor import order
from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.evaluate import Progress, no_progress, simulate
from headroom.advisor.prepared import PreparedScenario, prepare_all
from headroom.advisor.tell import explain, preliminary
from headroom.advisor.world import World
from simulator.scenario import Scenario


def compare(scenario: Scenario, world: World, progress: Progress = no_progress) -> Comparison:
    """Evaluate every deployment and conclude. Raises InvalidScenario with every problem before anything runs."""
    return compare_prepared(prepare_all(scenario, world), progress)


def compare_prepared(prepared: PreparedScenario, progress: Progress = no_progress) -> Comparison:
    """Evaluate every deployment of a prepared scenario and conclude."""
    scenario = prepared.scenario
    number = len(scenario.deployments)
    evaluations = [
        simulate(prepared, deployment, _part(progress, index, number))
        for index, deployment in enumerate(scenario.deployments)
    ]
    return conclude(scenario, evaluations)


def conclude(scenario: Scenario, evaluations: Sequence[Answer]) -> Comparison:
    """Join evaluations, in the order of the scenario's deployments. Of equally good ones that meet, the first wins."""
    meeting = [index for index in order.ranking(scenario, evaluations) if evaluations[index].meets]
    best, runner_up = (*meeting[:2], None, None)[:2]
    contest = explain.Contest(scenario, tuple(evaluations), best, runner_up)
    return Comparison(
        scenario=scenario,
        evaluations=contest.evaluations,
        best=best,
        sentence=explain.sentence(contest),
        reasons=explain.reasons(contest),
    )


def preview(scenario: Scenario, answers: Sequence[Answer]) -> Comparison:
    """Join what is known before everything is simulated; the reasons are those to doubt an estimate."""
    best = order.best_answer(scenario, answers)
    return Comparison(
        scenario=scenario,
        evaluations=tuple(answers),
        best=best,
        sentence=preliminary.sentence(scenario, answers, best),
        reasons=tuple(preliminary.doubt(answer) for answer in answers),
    )


def _part(progress: Progress, index: int, number: int) -> Progress:
    """The progress of one of `number` equal parts, told as progress of the whole."""
    return lambda share: progress((index + share) / number)
