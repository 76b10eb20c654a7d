"""What a search has found. Values that turn into JSON and back.

A `Screen` is what the fast answer alone says: the first recommendation. A `Plan` is decided by exact runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from headroom.advisor.evaluation import (
    Comparison,
    Evaluation,
    comparison_from_json,
    comparison_to_json,
    deployment_from_json,
)
from headroom.advisor.fast import Preview, preview_from_json, preview_to_json
from simulator.engine.replication import BrokenLimit
from simulator.estimate.figures import Figure
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One candidate on the plane of cost and latency.

    latency_s: of the required percentile; None when nothing is answered. meets: all clauses; meets_rest: all but the
    one on latency. exact: simulated, not only screened.
    """

    deployment: Deployment
    cost_usd_per_month: Figure
    latency_s: Figure | None
    meets: bool
    meets_rest: bool
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternPlan:
    """One pattern. best: its winner by the fast answer, or the nearest miss when nothing meets; None when hard limits
    rule out every candidate, and `forbidden` holds those of the least bad. screened: candidates looked at.
    """

    pattern: str
    best: Preview | None
    forbidden: tuple[BrokenLimit, ...]
    screened: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What the fast answer says of the whole space. best: index into patterns, None when nothing meets."""

    scenario: Scenario
    patterns: tuple[PatternPlan, ...]
    points: tuple[Point, ...]
    best: int | None

    @property
    def screened(self) -> int:
        """Candidates looked at."""
        return sum(one.screened for one in self.patterns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Of exact runs. evaluations: of each pattern, best first. open: something that may be better was not simulated."""

    evaluations: list[list[Evaluation]]
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The decided answer.

    comparison: exact evaluations of the winner (or nearest miss) of every pattern and of runners-up, the scenario
    being the given one with these deployments. points: screened and exact. efficient: indices into points, from cheap
    to fast: nothing else that meets the rest of the requirement is both cheaper and faster. ties: indices into the
    evaluations of what cannot be told from the best at 95 %. decided: the best is better than all else with 95 %
    confidence. simulated: replications of exact runs spent.
    """

    comparison: Comparison
    points: tuple[Point, ...]
    efficient: tuple[int, ...]
    ties: tuple[int, ...]
    decided: bool
    screened: int
    simulated: int


def screen_to_json(screen: Screen) -> dict[str, Any]:
    """Plain JSON values."""
    return {
        "scenario": screen.scenario.model_dump(mode="json", by_alias=True),
        "patterns": [_pattern_to_json(one) for one in screen.patterns],
        "points": [_point_to_json(one) for one in screen.points],
        "best": screen.best,
    }


def screen_from_json(data: Mapping[str, Any]) -> Screen:
    """The inverse of screen_to_json."""
    return Screen(
        scenario=Scenario.model_validate(data["scenario"]),
        patterns=tuple(_pattern_from_json(one) for one in data["patterns"]),
        points=tuple(_point_from_json(one) for one in data["points"]),
        best=data["best"],
    )


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """Plain JSON values."""
    return {
        "comparison": comparison_to_json(plan.comparison),
        "points": [_point_to_json(one) for one in plan.points],
        **{name: getattr(plan, name) for name in ("decided", "screened", "simulated")},
        "efficient": list(plan.efficient),
        "ties": list(plan.ties),
    }


def plan_from_json(data: Mapping[str, Any]) -> Plan:
    """The inverse of plan_to_json."""
    return Plan(
        comparison=comparison_from_json(data["comparison"]),
        points=tuple(_point_from_json(one) for one in data["points"]),
        efficient=tuple(data["efficient"]),
        ties=tuple(data["ties"]),
        **{name: data[name] for name in ("decided", "screened", "simulated")},
    )


def _pattern_to_json(one: PatternPlan) -> dict[str, Any]:
    return {
        "pattern": one.pattern,
        "best": None if one.best is None else preview_to_json(one.best),
        "forbidden": [asdict(limit) for limit in one.forbidden],
        "screened": one.screened,
    }


def _pattern_from_json(data: Mapping[str, Any]) -> PatternPlan:
    return PatternPlan(
        pattern=data["pattern"],
        best=None if data["best"] is None else preview_from_json(data["best"]),
        forbidden=tuple(BrokenLimit(**limit) for limit in data["forbidden"]),
        screened=data["screened"],
    )


def _point_to_json(point: Point) -> dict[str, Any]:
    return {
        "deployment": point.deployment.model_dump(mode="json"),
        "cost_usd_per_month": asdict(point.cost_usd_per_month),
        "latency_s": None if point.latency_s is None else asdict(point.latency_s),
        **{name: getattr(point, name) for name in ("meets", "meets_rest", "exact")},
    }


def _point_from_json(data: Mapping[str, Any]) -> Point:
    latency = data["latency_s"]
    return Point(
        deployment=deployment_from_json(data["deployment"]),
        cost_usd_per_month=Figure(**data["cost_usd_per_month"]),
        latency_s=None if latency is None else Figure(**latency),
        **{name: data[name] for name in ("meets", "meets_rest", "exact")},
    )
