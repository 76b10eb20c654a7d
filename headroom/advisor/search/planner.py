"""The decided answer: the candidates that the screen found, simulated exactly, until one is surely the best.

First the screen, whose recommendation is told at once. Then every pattern is looked at more deeply with the fast
answer, and the finalists are simulated. With an executor both are done side by side; the result is the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from headroom.advisor import order
from headroom.advisor.answer import Answer
from headroom.advisor.compare import conclude
from headroom.advisor.evaluate import Progress, no_progress
from headroom.advisor.executor import Executor, Future
from headroom.advisor.prepared import PreparedScenario, prepare
from headroom.advisor.search import significance
from headroom.advisor.search.bounds import best_first, most_promising_first
from headroom.advisor.search.branch_and_bound import descend
from headroom.advisor.search.learned import Learned
from headroom.advisor.search.naming import same_hardware
from headroom.advisor.search.one_zone import best_in_one_zone
from headroom.advisor.search.racing import decide, surely_out, ties
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.runs import Runs
from headroom.advisor.search.screen import MOST_POINTS, Effort, efficient, look, point, screen, screen_prepared, thinned
from headroom.advisor.search.spaces import spaces
from headroom.advisor.search.surrogate import SurrogateMemo
from headroom.advisor.search.types import Decision, PatternPlan, Plan, Point, Screen
from headroom.advisor.search.unasked import cheapest_burstable
from headroom.advisor.world import World
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario

__all__ = ["Effort", "PatternPlan", "Plan", "Point", "Screen", "plan", "screen"]

_SCREENED, _DEEP = 0.05, 0.35
"""Shares of the progress bar."""

_NEARBY_MS = 800.0
"""Work of the fast answer around one deployment, in about milliseconds of one core."""

_WAITING = 48
_ALIKE = 8
_RUNNERS_UP = 2
_EXPECTED_RUNS = 40

Deep = tuple[PatternPlan, list[Point], list[Answer]]


def plan(
    scenario: Scenario,
    world: World,
    executor: Executor | None = None,
    progress: Progress = no_progress,
    on_screen: Callable[[Screen], None] = lambda _screen: None,
) -> Plan:
    """Find and decide. on_screen is handed the first recommendation as soon as it is there.

    Raises InvalidScenario with every problem of the scenario's shared part before anything runs.
    """
    return plan_prepared(prepare(scenario, world), executor, progress, on_screen)


def plan_prepared(
    prepared: PreparedScenario,
    executor: Executor | None = None,
    progress: Progress = no_progress,
    on_screen: Callable[[Screen], None] = lambda _screen: None,
    on_able: Callable[[Screen], None] = lambda _screen: None,
) -> Plan:
    """Find and decide for a prepared scenario.

    on_able is handed what on_screen is, but of the patterns that may meet the requirement alone: no other can be the
    best. The deeper look begins then, on the executor.
    """
    scenario = prepared.scenario
    begun: list[Callable[[], list[Deep]]] = []

    def begin(screen: Screen) -> None:
        on_able(screen)
        begun.append(_deep(prepared, executor))

    first = screen_prepared(prepared, on_able=begin)
    on_screen(first)
    progress(_SCREENED)
    in_one_zone = _in_one_zone(prepared, executor)
    deep = begun[0]()
    progress(_DEEP)
    ranking = Ranking(scenario)
    runs = Runs(prepared, executor, lambda replications: progress(_share(replications)))
    decision = decide(
        [waiting for _, _, waiting in deep],
        runs,
        ranking,
        lambda deployment, learned: look_nearby(prepared, deployment, learned),
    )
    plan = replace(_plan(first, deep, decision, runs), in_one_zone=in_one_zone())
    if plan.comparison.best is not None:
        unasked = cheapest_burstable(prepared, plan.comparison.evaluations[plan.comparison.best])
        plan = replace(plan, burstable=None if unasked is None else point(ranking, unasked))
    progress(1.0)
    return plan


def look_deeply(prepared: PreparedScenario, pattern: str) -> Deep:
    """Search one pattern with the surrogate at its finest; it runs in another process where there is an executor.

    Its plan, the points, and the candidates for the exact runs, the most promising first.
    """
    scenario = prepared.scenario
    surrogate = SurrogateMemo(_of_one_pattern(prepared, pattern), replications=3, rough=False)
    ranking = Ranking(scenario)
    space = next(spaces(surrogate))
    plan, points = look(space, surrogate, Effort.DEEP)
    able = most_promising_first(ranking, (answer for answer in surrogate.answers.values() if not answer.ruled_out))
    first = [] if plan.best is None else [plan.best]
    waiting = _varied([*first, *(answer for answer in able if answer not in first)])
    if not waiting and space.forbidden:  # what a limit stands in the way of is compared as well, and says so
        waiting = [surrogate.ask(min(space.forbidden, key=lambda deployment: len(surrogate.limits(deployment))))]
    return plan, list(thinned(points, MOST_POINTS // 4)), waiting


def look_nearby(prepared: PreparedScenario, deployment: Deployment, learned: Learned) -> list[Answer]:
    """Small changes of a deployment, one after the other as long as each is better by corrected figures.

    All that were looked at on the way, by the fast answer as it is without corrections.
    """
    one_pattern = _of_one_pattern(prepared, deployment.pattern)
    surrogate = SurrogateMemo(one_pattern, replications=3, rough=False, learned=learned)
    descend(surrogate, Ranking(prepared.scenario), deployment, _NEARBY_MS)
    return [answer for answer in surrogate.plain.values() if not answer.ruled_out]


def _of_one_pattern(prepared: PreparedScenario, pattern: str) -> PreparedScenario:
    scenario = prepared.scenario
    search = scenario.search.model_copy(update={"patterns": (pattern,)})
    return replace(prepared, scenario=scenario.model_copy(update={"search": search}))


def _varied(able: Sequence[Answer]) -> list[Answer]:
    """The first of these, not too many of them alike, and of those with the same figures the first."""
    counts: Counter[object] = Counter()
    figures: set[object] = set()
    finalists = []
    for answer in able:
        hardware = same_hardware(answer.deployment)
        key = hardware, order.cost_usd(answer), tuple(latency.value for latency in answer.latency_s.values())
        counts[hardware] += key not in figures
        if key not in figures and counts[hardware] <= _ALIKE:
            finalists.append(answer)
        figures.add(key)
    return finalists[:_WAITING]


def _deep(prepared: PreparedScenario, executor: Executor | None) -> Callable[[], list[Deep]]:
    """Look deeply at every pattern that the search allows; what was found is there when it is called for."""
    wanted = prepared.scenario.search.patterns
    patterns = [pattern for pattern in BY_KEY if not wanted or pattern in wanted]
    if executor is None:
        return lambda: [look_deeply(prepared, pattern) for pattern in patterns]
    one_pattern = prepared.to_send()
    futures = [executor.submit(look_deeply, one_pattern, pattern) for pattern in patterns]
    return lambda: [future.result() for future in futures]


def _in_one_zone(prepared: PreparedScenario, executor: Executor | None) -> Callable[[], Point | None]:
    """Ask for the best if one zone were enough; the answer is there when it is called for."""
    if prepared.scenario.requirement.zones < 2:
        return lambda: None
    if executor is None:
        return lambda: best_in_one_zone(prepared)
    future: Future = executor.submit(best_in_one_zone, prepared.to_send())
    return future.result


def _share(replications: int) -> float:
    """How far the exact runs are; nobody knows how many there will be."""
    return _DEEP + (1 - _DEEP) * replications / (replications + _EXPECTED_RUNS / 4)


def _plan(first: Screen, deep: Sequence[Deep], decision: Decision, runs: Runs) -> Plan:
    evaluations = _shown(decision, runs)
    scenario = first.scenario.model_copy(update={"deployments": tuple(answer.deployment for answer in evaluations)})
    comparison = conclude(scenario, evaluations)
    tied = () if comparison.best is None else ties(evaluations, comparison.best, runs)
    sure = comparison.best is not None and significance.meets(scenario, evaluations[comparison.best]) is True
    ranking = Ranking(scenario)
    exact = [point(ranking, answer) for line in decision.evaluations for answer in line if answer.simulated]
    simulated = {point.deployment for point in exact}
    screened = [point for _, points, _ in deep for point in points] + list(first.points)
    estimated = {
        point.deployment: _corrected(point, scenario, decision.learned)
        for point in screened
        if point.deployment not in simulated
    }
    points = thinned([*exact, *estimated.values()], MOST_POINTS)
    return Plan(
        comparison=comparison,
        points=points,
        efficient=efficient(points),
        ties=tied,
        decided=sure and not tied and not decision.open and _none_beside(evaluations, comparison.best, decision, runs),
        screened=first.screened + sum(plan.screened for plan, _, _ in deep),
        simulated=runs.made,
        left=tuple(point(ranking, answer) for answer in decision.left),
    )


def _corrected(point: Point, scenario: Scenario, learned: Learned) -> Point:
    """A point with the figures that exact runs of the same way let expect."""
    cost, latency = learned.figures(point.deployment, point.cost_usd_per_month, point.latency_s)
    limit_s = scenario.requirement.latency_limit_s
    if latency is None or not limit_s:
        return replace(point, cost_usd_per_month=cost, latency_s=latency)
    meets = point.meets_rest and latency.value <= limit_s
    return replace(point, cost_usd_per_month=cost, latency_s=latency, meets=meets)


def _none_beside(evaluations: Sequence[Answer], best: int | None, decision: Decision, runs: Runs) -> bool:
    """Whether all that was simulated and is not shown surely is no better than the best either."""
    deployments = {answer.deployment for answer in evaluations}
    alternatives = [answer for line in decision.evaluations for answer in line if answer.deployment not in deployments]
    return best is not None and all(surely_out(answer, evaluations[best], runs) for answer in alternatives)


def _shown(decision: Decision, runs: Runs) -> list[Answer]:
    """The best of every pattern, in their order, and after each of them those that come next of all."""
    ranking = Ranking(runs.scenario)
    first = {same_hardware(line[0].deployment) for line in decision.evaluations if line}
    alternatives = [
        answer for line in decision.evaluations for answer in line[1:] if same_hardware(answer.deployment) not in first
    ]
    runners_up = best_first(ranking, alternatives)[:_RUNNERS_UP]
    return [
        answer
        for line in decision.evaluations
        for index, answer in enumerate(line)
        if index == 0 or answer in runners_up
    ]
