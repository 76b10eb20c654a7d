"""What the fast answer says of the whole space: the best candidate of every pattern, the first recommendation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum

from headroom.advisor import order
from headroom.advisor.answer import Answer, Uncertain
from headroom.advisor.evaluate import Progress, no_progress
from headroom.advisor.prepared import PreparedScenario, prepare
from headroom.advisor.search.branch_and_bound import branch_and_bound
from headroom.advisor.search.ranking import Ranking
from headroom.advisor.search.spaces import Space, spaces
from headroom.advisor.search.surrogate import SurrogateMemo
from headroom.advisor.search.types import PatternPlan, Point, Screen
from headroom.advisor.world import World
from simulator.estimate.figures import Figure
from simulator.patterns.registry import BY_KEY
from simulator.scenario import Scenario

MOST_POINTS = 400

_NO_CHANCE = 0.2
"""Share of the work for a pattern that cannot answer as the requirement wants: only its nearest miss is wanted."""


class Effort(Enum):
    """How fine the screen is: work for each pattern, in about milliseconds of one core."""

    COARSE = 30.0
    FULL = 220.0
    DEEP = 3000.0


def screen(
    scenario: Scenario,
    world: World,
    effort: Effort = Effort.FULL,
    progress: Progress = no_progress,
) -> Screen:
    """Look at the space with the fast answer. Raises InvalidScenario with every problem of the shared part."""
    screened = screen_prepared(prepare(scenario, world), effort)
    progress(1.0)
    return screened


def screen_prepared(
    prepared: PreparedScenario, effort: Effort = Effort.FULL, on_able: Callable[[Screen], None] = lambda _screen: None
) -> Screen:
    """Look at the space of a prepared scenario.

    on_able is handed the screen of the patterns that may meet the requirement, before the others are looked at.
    """
    surrogate = SurrogateMemo(prepared)
    searched: dict[str, tuple[PatternPlan, list[Point]]] = {}

    def screened() -> Screen:
        return gathered(prepared.scenario, [searched[key] for key in BY_KEY if key in searched])

    is_told = False
    for space in spaces(surrogate):
        if searched and not space.may_meet and not is_told:
            is_told = True
            on_able(screened())
        searched[space.pattern] = look(space, surrogate, effort)
    if not is_told:
        on_able(screened())
    return screened()


def gathered(scenario: Scenario, searched: Iterable[tuple[PatternPlan, Sequence[Point]]]) -> Screen:
    """Join the results of single patterns into one screen."""
    searched = tuple(searched)
    plans = tuple(plan for plan, _ in searched)
    able = [index for index, plan in enumerate(plans) if plan.best is not None]
    best = order.best_answer(scenario, [plan.best for plan in plans if plan.best is not None])
    return Screen(
        scenario=scenario,
        patterns=plans,
        points=thinned([point for _, points in searched for point in points], MOST_POINTS),
        best=None if best is None else able[best],
    )


def look(space: Space, surrogate: SurrogateMemo, effort: Effort) -> tuple[PatternPlan, list[Point]]:
    """Search one pattern with the surrogate: its plan, and a point for each candidate estimated on the way."""
    before = len(surrogate.answers)
    best = branch_and_bound(
        space, surrogate, Ranking(surrogate.scenario), effort.value * (1.0 if space.may_meet else _NO_CHANCE)
    )
    answers = list(surrogate.answers.values())[before:]
    limits = [surrogate.limits(deployment) for deployment in space.forbidden] if best is None else []
    forbidden = min(limits, key=len, default=())
    screened = len(answers) + len(space.forbidden)
    plan = PatternPlan(pattern=space.pattern, best=best, forbidden=forbidden, screened=screened)
    return plan, [point(Ranking(surrogate.scenario), answer) for answer in answers if not answer.ruled_out]


def point(ranking: Ranking, answer: Answer) -> Point:
    """Place an answer on the plane of monthly cost and latency."""
    cost, latency = answer.cost_usd_per_month, answer.latency_s.get(ranking.percentile)
    if answer.estimate is not None:
        cost_error, figure = answer.estimate.usage_error, answer.estimate.latency_s.get(ranking.percentile)
    else:
        cost_error = _error(cost)
        figure = None if latency is None else Figure(value=latency.value, error=_error(latency))
    return Point(
        deployment=answer.deployment,
        cost_usd_per_month=Figure(value=cost.value if cost else 0.0, error=cost_error if cost else 0.0),
        latency_s=figure,
        meets=answer.meets,
        meets_rest=not answer.unpriced and all(clause.met for clause in answer.clauses if clause.key != "latency"),
        exact=not answer.estimated,
    )


def _error(figure: Uncertain | None) -> float:
    """Half the width of the interval over replications, over the value; 0 where there is one run."""
    if figure is None or figure.provenance == "simulated once" or not figure.value:
        return 0.0
    return 0.0 if figure.low is None or figure.high is None else (figure.high - figure.low) / 2 / figure.value


def thinned(points: Sequence[Point], max_points: int) -> tuple[Point, ...]:
    """Keep at most max_points: the efficient ones first, then others spread evenly over their costs."""
    if len(points) <= max_points:
        return tuple(points)
    keep = set(efficient(points))
    dominated = sorted(
        (index for index in range(len(points)) if index not in keep),
        key=lambda index: points[index].cost_usd_per_month.value,
    )
    room = max(1, max_points - len(keep))
    keep.update(dominated[:: max(1, -(-len(dominated) // room))])
    return tuple(points[index] for index in sorted(keep)[:max_points])


def efficient(points: Sequence[Point]) -> tuple[int, ...]:
    """Indices of the efficient points, from cheap to fast.

    No other point that meets the rest of the requirement is both cheaper and faster than one of these.
    """
    able = [index for index, point in enumerate(points) if point.meets_rest and point.latency_s is not None]
    efficient_indices: list[int] = []
    fastest_s = float("inf")
    for index in sorted(able, key=lambda index: (points[index].cost_usd_per_month.value, _latency_s(points[index]))):
        if _latency_s(points[index]) < fastest_s:
            efficient_indices.append(index)
            fastest_s = _latency_s(points[index])
    return tuple(efficient_indices)


def _latency_s(point: Point) -> float:
    return float("inf") if point.latency_s is None else point.latency_s.value
