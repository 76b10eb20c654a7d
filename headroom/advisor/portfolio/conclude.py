"""The answers of single workloads joined: rows, totals, what is shared, and the always-on baseline beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from headroom.advisor.answer import Answer, Comparison, Uncertain
from headroom.advisor.baseline import AlwaysOn, together
from headroom.advisor.order import ranking
from headroom.advisor.portfolio.common_clock import Axis, common_axis, notes
from headroom.advisor.portfolio.demand import Demand, constant_demand, demand
from headroom.advisor.portfolio.description import Portfolio
from headroom.advisor.portfolio.savings import Savings, savings
from headroom.advisor.portfolio.shared import shared_limits
from headroom.advisor.portfolio.totals import Baseline, Choice, Mix, Other, PortfolioPlan, Total
from headroom.advisor.search.types import Plan
from headroom.advisor.tell import words
from headroom.advisor.tell.portfolio import finding
from simulator.engine.accumulators import bin_length_s
from simulator.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAnswer:
    """What is known of one workload. fixed: the answer for what the user fixed, if anything."""

    plan: Plan
    fixed: Answer | None
    always_on: AlwaysOn


def conclude(portfolio: Portfolio, answers: Sequence[MemberAnswer]) -> PortfolioPlan:
    """Join the answers, in the order of the workloads."""
    scenarios = [member.scenario for member in portfolio.workloads]
    simulations = [scenario.simulation for scenario in scenarios]
    axis = common_axis(simulations, [bin_length_s(one.duration_s) for one in simulations])
    found = [_best(scenario, one.plan) for scenario, one in zip(scenarios, answers, strict=True)]
    best = _mix(portfolio, found, axis)
    fixed = None
    if any(one.fixed for one in answers):
        own = [
            mine if one.fixed is None else (_own(scenario, one.fixed), one.fixed)
            for scenario, one, mine in zip(scenarios, answers, found, strict=True)
        ]
        fixed = _mix(portfolio, own, axis)
    usual = _baseline(portfolio, [one.always_on for one in answers], axis)
    return PortfolioPlan(
        portfolio=portfolio,
        axis=axis,
        best=best,
        fixed=fixed,
        always_on=usual,
        sentence=finding(best, fixed, usual.total),
        notes=tuple(notes(scenarios, axis)),
    )


def _best(scenario: Scenario, found: Plan) -> tuple[Choice, Answer | None]:
    """The best that meets, or the nearest miss."""
    comparison = found.comparison
    if not comparison.evaluations:
        return _nothing(scenario, comparison.sentence), None
    first, *rest = ranking(scenario, comparison.evaluations)
    chosen = comparison.evaluations[first]
    others = tuple(_other(scenario, comparison, at) for at in rest)
    return _choice(scenario, chosen, comparison.sentence, found.decided, others), chosen


def _nothing(scenario: Scenario, why: str) -> Choice:
    """The row of a workload for which AWS's limits leave nothing."""
    return Choice(
        workload=scenario.workload.name,
        region=scenario.region,
        deployment=None,
        meets=False,
        ruled_out=(),
        clauses=(),
        cost_usd_per_month=None,
        at_least=False,
        latency_name=words.percentile(scenario.requirement.latency_percentile),
        latency_s=None,
        latency_limit_s=scenario.requirement.latency_limit_s,
        error_share=None,
        why=why,
        decided=True,
        others=(),
    )


def _own(scenario: Scenario, evaluation: Answer) -> Choice:
    broken = [f"{clause.title}: {clause.value}, {clause.limit}" for clause in evaluation.clauses if not clause.met]
    why = f"Chosen by you; it breaks {words.joined(broken)}." if broken else "Chosen by you; it meets the requirement."
    return _choice(scenario, evaluation, why, True, ())


def _choice(scenario: Scenario, one: Answer, why: str, decided: bool, others: tuple[Other, ...]) -> Choice:
    requirement = scenario.requirement
    name = words.percentile(requirement.latency_percentile)
    return Choice(
        workload=scenario.workload.name,
        region=scenario.region,
        deployment=one.deployment,
        meets=one.meets,
        ruled_out=one.ruled_out,
        clauses=one.clauses,
        cost_usd_per_month=_cost(one),
        at_least=one.at_least,
        latency_name=name,
        latency_s=one.latency_s.get(name),
        latency_limit_s=requirement.latency_limit_s,
        error_share=one.error_share,
        why=why,
        decided=decided,
        others=others,
    )


def _other(scenario: Scenario, comparison: Comparison, at: int) -> Other:
    one = comparison.evaluations[at]
    return Other(
        deployment=one.deployment,
        meets=one.meets,
        cost_usd_per_month=_cost(one),
        latency_s=one.latency_s.get(words.percentile(scenario.requirement.latency_percentile)),
        reason=comparison.reasons[at],
    )


def _cost(one: Answer) -> Uncertain | None:
    return None if one.unpriced else one.cost_usd_per_month


def _mix(
    portfolio: Portfolio,
    found: Sequence[tuple[Choice, Answer | None]],
    axis: Axis,
) -> Mix:
    scenarios = [member.scenario for member in portfolio.workloads]
    taken = [
        demand(scenario, one, axis) for scenario, (_, one) in zip(scenarios, found, strict=True) if one is not None
    ]
    demands = tuple(one for one in taken if one is not None)
    choices = tuple(choice for choice, _ in found)
    return Mix(
        choices=choices,
        total=total(choices),
        demands=demands,
        limits=shared_limits(demands, portfolio.quotas, axis),
        savings=_savings(portfolio, demands),
    )


def total(choices: Sequence[Choice]) -> Total:
    """The sum. Its interval runs from the sum of the low ends to that of the high ends: workloads may share seeds, so
    their errors may go the same way, and an interval of independent ones would be too narrow.
    """
    known = [(choice.workload, cost) for choice in choices if (cost := choice.cost_usd_per_month) is not None]
    sure = [cost for _, cost in known if cost.low is not None]
    return Total(
        cost_usd_per_month=Uncertain(
            value=math.fsum(cost.value for _, cost in known),
            low=math.fsum(_end(cost.low, cost) for _, cost in known) if sure else None,
            high=math.fsum(_end(cost.high, cost) for _, cost in known) if sure else None,
            n=min((cost.n for cost in sure), default=1),
        ),
        at_least=len(known) < len(choices) or any(choice.at_least for choice in choices),
        missing=tuple(choice.workload for choice in choices if choice.cost_usd_per_month is None),
        without_interval=tuple(name for name, cost in known if cost.low is None),
        meets=sum(choice.meets for choice in choices),
        workloads=len(choices),
    )


def _end(end: float | None, cost: Uncertain) -> float:
    return cost.value if end is None else end


def _baseline(portfolio: Portfolio, parts: Sequence[AlwaysOn], axis: Axis) -> Baseline:
    scenarios = [member.scenario for member in portfolio.workloads]
    demands = tuple(constant_demand(scenario, part, axis) for scenario, part in zip(scenarios, parts, strict=True))
    return Baseline(
        total=together(parts),
        demands=demands,
        limits=shared_limits(demands, portfolio.quotas, axis),
        savings=_savings(portfolio, demands),
    )


def _savings(portfolio: Portfolio, demands: Sequence[Demand]) -> tuple[Savings, ...]:
    return tuple(savings(demands, plan) for plan in portfolio.savings_plans if plan.has_rate)
