"""A portfolio planned: each workload mapped to its best deployment, then everything that they share, counted once."""

from __future__ import annotations

import math

from headroom.advisor.baseline import always_on
from headroom.advisor.evaluate import Progress, evaluate, no_progress
from headroom.advisor.executor import Executor
from headroom.advisor.portfolio.conclude import MemberAnswer, conclude
from headroom.advisor.portfolio.description import Portfolio, Quotas
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.portfolio.validity import check_portfolio
from headroom.advisor.search.planner import plan
from headroom.advisor.world import World
from simulator.errors import InvalidScenario
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario


def plan_portfolio(
    portfolio: Portfolio,
    world: World,
    executor: Executor | None = None,
    progress: Progress = no_progress,
    aside: Executor | None = None,
) -> PortfolioPlan:
    """Plan every workload, and conclude. Raises InvalidScenario with every problem before anything runs.

    executor: does the exact runs, as in `planner`. aside: plans workloads side by side, in threads of this
    process, since they only wait for the runs; None plans one after the other. The result is the same.
    """
    problems = check_portfolio(portfolio, world)
    if problems:
        raise InvalidScenario(problems)
    meters = _meters(progress, len(portfolio.workloads))
    orders = [
        (within_quotas(one.scenario, portfolio.quotas), one.fixed, world, executor, meter)
        for one, meter in zip(portfolio.workloads, meters, strict=True)
    ]
    if aside is None:
        return conclude(portfolio, [answer(*order) for order in orders])
    return conclude(portfolio, [one.result() for one in [aside.submit(answer, *order) for order in orders]])


def within_quotas(scenario: Scenario, quotas: Quotas) -> Scenario:
    """The scenario, searched within what the account has: no workload alone is given more than all may use."""
    search = scenario.search
    limits = {
        "serverless_concurrency_quota": _least(search.serverless_concurrency_quota, quotas.serverless_concurrency),
        "transform_instances_quota": _least(search.transform_instances_quota, quotas.transform_instances),
    }
    return scenario.model_copy(update={"search": search.model_copy(update=limits)})


def _least(a: int, b: int) -> int:
    """The smaller of two limits, of which 0 is none."""
    return min(a, b) if a and b else a or b


def answer(
    scenario: Scenario, fixed: Deployment | None, world: World, executor: Executor | None, progress: Progress
) -> MemberAnswer:
    """Everything that has to be run for one workload."""
    submitted = None if executor is None or fixed is None else executor.submit(evaluate, scenario, fixed, world)
    planned = plan(scenario, world, executor, progress)
    own = None if fixed is None else submitted.result() if submitted else evaluate(scenario, fixed, world)
    progress(1.0)
    return MemberAnswer(plan=planned, fixed=own, always_on=always_on(scenario, world))


def _meters(progress: Progress, number: int) -> list[Progress]:
    """The progress of each of so many equal parts, told as progress of the whole."""
    shares = [0.0] * number

    def meter(at: int) -> Progress:
        def tell(share: float) -> None:
            shares[at] = max(shares[at], share)
            progress(math.fsum(shares) / number)

        return tell

    return [meter(at) for at in range(number)]
