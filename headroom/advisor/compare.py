"""All deployments of a scenario side by side: the cheapest that meets the requirement wins, or the fastest where the
search of the scenario wants that.
"""

from __future__ import annotations

from collections.abc import Sequence

from headroom.advisor import order
from headroom.advisor.check import check
from headroom.advisor.evaluate import Progress, evaluate, no_progress
from headroom.advisor.evaluation import Comparison, Evaluation
from headroom.advisor.tell import explain
from headroom.advisor.world import World
from simulator.errors import InvalidScenario
from simulator.scenario import Scenario


def compare(scenario: Scenario, world: World, progress: Progress = no_progress) -> Comparison:
    """Evaluate every deployment and conclude. Raises InvalidScenario with every problem before anything runs."""
    problems = check(scenario, world)
    if problems:
        raise InvalidScenario(problems)
    number = len(scenario.deployments)
    evaluations = [
        evaluate(scenario, deployment, world, _part(progress, at, number))
        for at, deployment in enumerate(scenario.deployments)
    ]
    return conclude(scenario, evaluations)


def conclude(scenario: Scenario, evaluations: Sequence[Evaluation]) -> Comparison:
    """Join evaluations, in the order of the scenario's deployments. Of equally good ones that meet, the first wins."""
    meeting = [at for at in order.ranking(scenario, evaluations) if evaluations[at].meets]
    best, runner_up = (*meeting[:2], None, None)[:2]
    contest = explain.Contest(scenario, tuple(evaluations), best, runner_up)
    return Comparison(
        scenario=scenario,
        evaluations=contest.evaluations,
        best=best,
        sentence=explain.sentence(contest),
        reasons=explain.reasons(contest),
    )


def _part(progress: Progress, at: int, number: int) -> Progress:
    """The progress of one of `number` equal parts, told as progress of the whole."""
    return lambda share: progress((at + share) / number)
