"""What a search has found.

A `Screen` is what the fast answer alone says: the first recommendation. A `Plan` is decided by exact runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.search.learned import Learned
from simulator.estimate.figures import Figure
from simulator.model.limits import BrokenLimit
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
    best: Answer | None
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
        """Number of candidates that the screen has looked at."""
        return sum(pattern.screened for pattern in self.patterns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What exact runs have decided.

    evaluations: the simulated answers of each pattern, best first. open: whether a candidate that may be better was not
    simulated, or not often enough. left: those that were not simulated and promise to be better, best first. learned:
    what the runs have shown of the fast answer.
    """

    evaluations: list[list[Answer]]
    open: bool
    left: list[Answer]
    learned: Learned


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The decided answer.

    comparison: exact evaluations of the winner (or nearest miss) of every pattern and of runners-up, the scenario
    being the given one with these deployments. points: screened and exact. efficient: indices into points, from cheap
    to fast: nothing else that meets the rest of the requirement is both cheaper and faster. ties: indices into the
    evaluations of what cannot be told from the best at 95 %. decided: the best is better than all else with 95 %
    confidence. simulated: replications of exact runs spent. left: what was not simulated though it promises to be
    better than the best, best first. burstable: the cheapest fleet of a burstable type that meets by the fast answer
    and costs less than the best, where such types were not looked at.
    in_one_zone: the best by the fast answer if one zone were enough; None where the requirement spares none, or nothing
    would meet it.
    """

    comparison: Comparison
    points: tuple[Point, ...]
    decided: bool
    screened: int
    simulated: int
    efficient: tuple[int, ...]
    ties: tuple[int, ...]
    left: tuple[Point, ...] = ()
    burstable: Point | None = None
    in_one_zone: Point | None = None
