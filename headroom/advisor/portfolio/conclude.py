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
    """The answers for one workload of a portfolio. fixed: the answer for what the user fixed, if anything."""

    plan: Plan
    fixed: Answer | None
    always_on: AlwaysOn


def conclude(portfolio: Portfolio, answers: Sequence[MemberAnswer]) -> PortfolioPlan:
    """Join the answers, in the order of the workloads."""
    scenarios = [member.scenario for member in portfolio.workloads]
    simulations = [scenario.simulation for scenario in scenarios]
    axis = common_axis(simulations, [bin_length_s(simulation.duration_s) for simulation in simulations])
    choices_found = [_best(scenario, answer.plan) for scenario, answer in zip(scenarios, answers, strict=True)]
    best = _mix(portfolio, choices_found, axis)
    fixed = None
    if any(answer.fixed for answer in answers):
        fixed_answers = [
            choice if answer.fixed is None else (_own(scenario, answer.fixed), answer.fixed)
            for scenario, answer, choice in zip(scenarios, answers, choices_found, strict=True)
        ]
        fixed = _mix(portfolio, fixed_answers, axis)
    usual = _baseline(portfolio, [answer.always_on for answer in answers], axis)
    return PortfolioPlan(
        portfolio=portfolio,
        axis=axis,
        best=best,
        fixed=fixed,
        always_on=usual,
        sentence=finding(best, fixed, usual.total),
        notes=tuple(notes(scenarios, axis)),
    )


def _best(scenario: Scenario, plan: Plan) -> tuple[Choice, Answer | None]:
    """The best that meets, or the nearest miss."""
    comparison = plan.comparison
    if not comparison.evaluations:
        return _nothing(scenario, comparison.sentence), None
    first, *rest = ranking(scenario, comparison.evaluations)
    chosen = comparison.evaluations[first]
    others = tuple(_other(scenario, comparison, index) for index in rest)
    return _choice(scenario, chosen, comparison.sentence, plan.decided, others), chosen


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


def _choice(scenario: Scenario, answer: Answer, why: str, decided: bool, others: tuple[Other, ...]) -> Choice:
    requirement = scenario.requirement
    name = words.percentile(requirement.latency_percentile)
    return Choice(
        workload=scenario.workload.name,
        region=scenario.region,
        deployment=answer.deployment,
        meets=answer.meets,
        ruled_out=answer.ruled_out,
        clauses=answer.clauses,
        cost_usd_per_month=_cost(answer),
        at_least=answer.at_least,
        price_estimated=answer.price_estimated,
        oldest_price=answer.bill.oldest if answer.bill else None,
        latency_name=name,
        latency_s=answer.latency_s.get(name),
        latency_limit_s=requirement.latency_limit_s,
        error_share=answer.error_share,
        why=why,
        decided=decided,
        others=others,
    )


def _other(scenario: Scenario, comparison: Comparison, index: int) -> Other:
    answer = comparison.evaluations[index]
    return Other(
        deployment=answer.deployment,
        meets=answer.meets,
        cost_usd_per_month=_cost(answer),
        latency_s=answer.latency_s.get(words.percentile(scenario.requirement.latency_percentile)),
        reason=comparison.reasons[index],
    )


def _cost(answer: Answer) -> Uncertain | None:
    return None if answer.unpriced else answer.cost_usd_per_month


def _mix(
    portfolio: Portfolio,
    chosen: Sequence[tuple[Choice, Answer | None]],
    axis: Axis,
) -> Mix:
    scenarios = [member.scenario for member in portfolio.workloads]
    taken_demands = [
        demand(scenario, answer, axis)
        for scenario, (_, answer) in zip(scenarios, chosen, strict=True)
        if answer is not None
    ]
    demands = tuple(taken_demand for taken_demand in taken_demands if taken_demand is not None)
    choices = tuple(choice for choice, _ in chosen)
    return Mix(
        choices=choices,
        total=total(choices),
        demands=demands,
        limits=shared_limits(demands, portfolio.quotas, axis),
        savings=_savings(portfolio, demands),
    )


def total(choices: Sequence[Choice]) -> Total:
    """Sum the monthly costs of these choices.

    Its interval runs from the sum of the low ends to that of the high ends: workloads may share seeds, so their errors
    may go the same way, and an interval of independent ones would be too narrow.
    """
    costs = [(choice.workload, cost) for choice in choices if (cost := choice.cost_usd_per_month) is not None]
    sure = [cost for _, cost in costs if cost.low is not None]
    return Total(
        cost_usd_per_month=Uncertain(
            value=math.fsum(cost.value for _, cost in costs),
            low=math.fsum(_end(cost.low, cost) for _, cost in costs) if sure else None,
            high=math.fsum(_end(cost.high, cost) for _, cost in costs) if sure else None,
            n=min((cost.n for cost in sure), default=1),
        ),
        at_least=len(costs) < len(choices) or any(choice.at_least for choice in choices),
        price_estimated=any(choice.price_estimated for choice in choices),
        missing=tuple(choice.workload for choice in choices if choice.cost_usd_per_month is None),
        without_interval=tuple(name for name, cost in costs if cost.low is None),
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
