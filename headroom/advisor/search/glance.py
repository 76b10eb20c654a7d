"""The quickest look: how a few candidates that are known already stand under a scenario that has just changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headroom.advisor import order
from headroom.advisor.answer import Answer
from headroom.advisor.prepared import prepare
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.screen import gathered, point
from headroom.advisor.search.surrogate import SurrogateMemo
from headroom.advisor.search.types import PatternPlan, Plan, Point, Screen
from headroom.advisor.world import World
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario

MOST = 8
"""Candidates of one glance: more would take longer than a hand waits for a picture to move."""


def glance(scenario: Scenario, world: World, deployments: Sequence[Deployment]) -> Screen:
    """What the fast answer says of these candidates alone.

    Raises InvalidScenario with every problem of the scenario's shared part.
    """
    surrogate = SurrogateMemo(prepare(scenario, world))
    answers = [surrogate.ask(deployment) for deployment in deployments]
    return gathered(scenario, [_of_pattern(surrogate, key, answers) for key in BY_KEY if _any(key, answers)])


def worth_a_glance(known: Screen | Plan) -> tuple[Deployment, ...]:
    """Of what a search has found, the best of every pattern, and of the efficient set those spread over its length."""
    if isinstance(known, Plan):
        bests = [answer.deployment for answer in known.comparison.evaluations]
    else:
        bests = [pattern.best.deployment for pattern in known.patterns if pattern.best is not None]
    steps = [point.deployment for point in _efficient(known) if point.deployment not in bests]
    room = max(0, MOST - len(bests))
    spread = [steps[place * len(steps) // room] for place in range(min(room, len(steps)))] if room else []
    return tuple(dict.fromkeys([*bests, *spread]))[:MOST]


def _efficient(known: Screen | Plan) -> list[Point]:
    if isinstance(known, Plan):
        return [known.points[index] for index in known.efficient]
    return [point for point in known.points if point.meets_rest]


def _any(pattern: str, answers: Iterable[Answer]) -> bool:
    return any(answer.deployment.pattern == pattern for answer in answers)


def _of_pattern(surrogate: SurrogateMemo, key: str, answers: Sequence[Answer]) -> tuple[PatternPlan, list[Point]]:
    own = [answer for answer in answers if answer.deployment.pattern == key]
    able = [answer for answer in own if not answer.ruled_out]
    best = able[order.ranking(surrogate.scenario, able)[0]] if able else None
    forbidden = () if able else min((answer.ruled_out for answer in own), key=len, default=())
    ranking = Ranking(surrogate.scenario)
    plan = PatternPlan(pattern=key, best=best, forbidden=forbidden, screened=len(own))
    return plan, [point(ranking, answer) for answer in able]
