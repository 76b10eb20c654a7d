"""What the fast answer says of the whole space: the best candidate of every pattern, the first recommendation."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from advisor import verdict
from advisor.check import check_shared
from advisor.evaluate import Progress, make_case, no_progress
from advisor.fast import Preview, judge
from advisor.search.executor import Executor
from advisor.search.found import PatternPlan, Point, Screen
from advisor.world import World
from errors import InvalidScenario
from simulator import simulate as simulator
from simulator.fast.answer import reckon
from simulator.fast.quick import Figure
from simulator.patterns import PATTERNS
from simulator.patterns.asynchronous import AsynchronousDeployment
from simulator.patterns.batch import BatchDeployment
from simulator.patterns.realtime import RealtimeDeployment
from simulator.patterns.serverless import MEMORY_SIZES_IN_MB, ServerlessDeployment
from simulator.pool import percentile_name
from simulator.scenario import Deployment, Scenario


class Effort(Enum):
    """How fine the screen is: FULL for a plan, COARSE for curves of many plans."""

    COARSE = "coarse"
    FULL = "full"


def screen(
    scenario: Scenario,
    world: World,
    effort: Effort = Effort.FULL,
    executor: Executor | None = None,
    progress: Progress = no_progress,
) -> Screen:
    """Look at the whole space with the fast answer. Raises InvalidScenario with every problem of the shared part."""
    problems = check_shared(scenario, world)
    if problems:
        raise InvalidScenario(problems)
    previews = [_preview(scenario, one, world) for one in _first(scenario)]
    plans = []
    for pattern in PATTERNS:
        mine = [one for one in previews if one.deployment.pattern == pattern.key]
        if mine:
            plans.append(_pattern(pattern.key, mine))
    meeting = [at for at, one in enumerate(plans) if one.best is not None and one.best.meets]
    points = tuple(_point(scenario, one) for one in previews if not one.ruled_out)
    progress(1.0)
    return Screen(
        scenario=scenario,
        patterns=tuple(plans),
        points=points,
        best=min(meeting, key=lambda at: _cost(plans[at].best), default=None),
    )


def _first(scenario: Scenario) -> Iterator[Deployment]:
    allowed = scenario.search.patterns
    kind = scenario.workload.reference_instance_type
    everything: list[Deployment] = [
        *(RealtimeDeployment(instance_type=kind, initial_instance_count=n) for n in (1, 2, 4, 8, 16, 32)),
        *(ServerlessDeployment(memory_size_in_mb=size, max_concurrency=200) for size in MEMORY_SIZES_IN_MB),
        *(AsynchronousDeployment(instance_type=kind, initial_instance_count=0, max_capacity=n) for n in (1, 2, 4, 8)),
        *(BatchDeployment(instance_type=kind, instance_count=n) for n in (1, 2, 4, 8)),
    ]
    yield from (one for one in everything if not allowed or one.pattern in allowed)


def _preview(scenario: Scenario, deployment: Deployment, world: World) -> Preview:
    case = make_case(scenario, world)
    broken = simulator.limits(case, deployment)
    if broken:
        return Preview(
            deployment=deployment,
            ruled_out=broken,
            quick=None,
            bill=None,
            cost_usd_per_month=None,
            clauses=tuple(map(verdict.hard_limit, broken)),
            sure=True,
            reasons=(),
        )
    return judge(scenario, deployment, reckon(case, deployment), world)


def _pattern(key: str, previews: list[Preview]) -> PatternPlan:
    able = [one for one in previews if not one.ruled_out]
    if not able:
        return PatternPlan(pattern=key, best=None, forbidden=previews[0].ruled_out, screened=len(previews))
    best = min(able, key=lambda one: (not one.meets, sum(not clause.met for clause in one.clauses), _cost(one)))
    return PatternPlan(pattern=key, best=best, forbidden=(), screened=len(previews))


def _cost(preview: Preview | None) -> float:
    return float("inf") if preview is None or preview.cost_usd_per_month is None else preview.cost_usd_per_month.value


def _point(scenario: Scenario, preview: Preview) -> Point:
    assert preview.quick is not None
    name = percentile_name(scenario.requirement.latency_percentile)
    return Point(
        deployment=preview.deployment,
        cost_usd_per_month=preview.cost_usd_per_month or Figure(value=0.0, error=0.0),
        latency_s=preview.quick.latency_s.get(name),
        meets=preview.meets,
        meets_rest=all(clause.met for clause in preview.clauses if clause.key != "latency"),
        exact=False,
    )
