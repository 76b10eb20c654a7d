"""All deployments of a scenario side by side: the cheapest that meets the requirement wins."""

from __future__ import annotations

from collections.abc import Sequence

from advisor import explain
from advisor.check import check
from advisor.evaluate import Progress, evaluate, no_progress
from advisor.evaluation import Comparison, Evaluation
from advisor.world import World
from errors import InvalidScenario
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
    """Join evaluations, in the order of the scenario's deployments. Of equally cheap ones that meet, the first wins."""
    meeting = sorted(
        (at for at, evaluation in enumerate(evaluations) if evaluation.meets),
        key=lambda at: explain.cost_usd(evaluations[at]),
    )
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
