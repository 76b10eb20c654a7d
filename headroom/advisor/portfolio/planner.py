"""A portfolio planned: each workload mapped to its best deployment, then everything that they share, counted once."""

from __future__ import annotations

import math
from dataclasses import replace

from headroom.advisor.baseline import always_on_prepared
from headroom.advisor.evaluate import Progress, no_progress, simulate
from headroom.advisor.executor import Executor
from headroom.advisor.portfolio.conclude import MemberAnswer, conclude
from headroom.advisor.portfolio.description import Portfolio, Quotas
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.portfolio.validity import prepare_portfolio
from headroom.advisor.prepared import PreparedScenario
from headroom.advisor.search.planner import plan_prepared
from headroom.advisor.world import World
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
    members = prepare_portfolio(portfolio, world)
    meters = _meters(progress, len(members))
    orders = [
        (_quotas_kept(prepared, portfolio.quotas), workload.fixed, executor, meter)
        for workload, prepared, meter in zip(portfolio.workloads, members, meters, strict=True)
    ]
    if aside is None:
        return conclude(portfolio, [answer(*order) for order in orders])
    return conclude(portfolio, [future.result() for future in [aside.submit(answer, *order) for order in orders]])


def _quotas_kept(prepared: PreparedScenario, quotas: Quotas) -> PreparedScenario:
    return replace(prepared, scenario=within_quotas(prepared.scenario, quotas))


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
    prepared: PreparedScenario, fixed: Deployment | None, executor: Executor | None, progress: Progress
) -> MemberAnswer:
    """Plan one workload, and simulate the deployment that the user fixed for it, if any."""
    submitted = None
    if executor is not None and fixed is not None:
        submitted = executor.submit(simulate, prepared.to_send(), fixed)
    planned = plan_prepared(prepared, executor, progress)
    fixed_answer = None if fixed is None else submitted.result() if submitted else simulate(prepared, fixed)
    progress(1.0)
    return MemberAnswer(plan=planned, fixed=fixed_answer, always_on=always_on_prepared(prepared))


def _meters(progress: Progress, number: int) -> list[Progress]:
    """The progress of each of so many equal parts, told as progress of the whole."""
    shares = [0.0] * number

    def meter(index: int) -> Progress:
        def tell(share: float) -> None:
            shares[index] = max(shares[index], share)
            progress(math.fsum(shares) / number)

        return tell

    return [meter(index) for index in range(number)]
