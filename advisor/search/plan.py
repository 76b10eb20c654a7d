"""The decided answer: the candidates that the screen found, simulated exactly, until one is surely the best."""

from __future__ import annotations

from collections.abc import Callable

from advisor.compare import conclude
from advisor.evaluate import Progress, evaluate, no_progress
from advisor.search.executor import Executor
from advisor.search.found import PatternPlan, Plan, Point, Screen, plan_from_json, plan_to_json
from advisor.search.screen import Effort, screen
from advisor.world import World
from simulator.scenario import Scenario

__all__ = ["Effort", "PatternPlan", "Plan", "Point", "Screen", "plan", "plan_from_json", "plan_to_json", "screen"]


def plan(
    scenario: Scenario,
    world: World,
    executor: Executor | None = None,
    progress: Progress = no_progress,
    on_screen: Callable[[Screen], None] = lambda _screen: None,
) -> Plan:
    """Find and decide. on_screen is handed the first recommendation as soon as it is there."""
    found = screen(scenario, world)
    on_screen(found)
    deployments = tuple(one.best.deployment for one in found.patterns if one.best is not None)
    scenario = scenario.model_copy(update={"deployments": deployments})
    evaluations = [evaluate(scenario, one, world, progress) for one in deployments]
    return Plan(
        comparison=conclude(scenario, evaluations),
        points=found.points,
        efficient=(),
        ties=(),
        decided=False,
        screened=found.screened,
        simulated=sum(one.outcome.replications for one in evaluations if one.outcome),
    )
