"""A small value of every type that can be exported, made by hand. The names in it are the user's."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from headroom.advisor.answer import Comparison
from headroom.advisor.compare import conclude
from headroom.advisor.evaluate import rule_out
from headroom.advisor.portfolio.conclude import conclude as conclude_portfolio
from headroom.advisor.portfolio.description import Member, Portfolio, Quotas, SavingsPlan
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.prepared import prepare
from headroom.advisor.replica import ReplicaAnswer, ask
from headroom.advisor.search.types import Plan
from headroom.advisor.tell.argument import argue_plan
from headroom.deploy.form import make_form
from headroom.sharing.exports.export import DefendedPlan, PlacedDeployment, SimulatedDeployment
from simulator.model.limits import BrokenLimit
from simulator.model.requirement import Requirement
from simulator.model.workload import Workload
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from tests.headroom.advisor import outcomes
from tests.headroom.advisor.portfolio import made
from tests.headroom.advisor.search.small import WORLD as PLACED_IN
from tests.headroom.advisor.test_replica import LIBRARY, WORLD, question
from tests.headroom.deploy.placements import FULL

REQUIRED = Requirement(latency_percentile=99.5, latency_limit_s=1, max_error_share=0.5, min_zones=1)


def compared(name: str = "Always on", requirement: Requirement = REQUIRED) -> Comparison:
    """A deployment of that name, simulated, and one that is ruled out."""
    always, ruled_out = RealtimeDeployment(name=name), ServerlessDeployment()
    scenario = Scenario(workload=Workload(name=name), requirement=requirement, deployments=(always, ruled_out))
    world = outcomes.world()
    outcome = outcomes.outcome(latency_s=[0.1] * 98 + [0.5], fates={"rejected": 2}, cold_starts=3)
    limit = BrokenLimit(what="payload in", given="80 MB", allowed="at most 4 MB", whose="aws", row="1.1")
    judged = outcomes.judged(scenario, always, outcome, world)
    return conclude(scenario, [judged, rule_out(scenario, ruled_out, (limit,))])


def placed(name: str = "Always on") -> PlacedDeployment:
    """The deployment of that name with its place in AWS, beside the one that is ruled out."""
    comparison = compared(name)
    chosen, other = comparison.evaluations
    form = make_form(prepare(comparison.scenario, PLACED_IN), chosen.deployment, FULL)
    return PlacedDeployment(scenario=comparison.scenario, answer=chosen, form=form, others=(chosen, other))


def planned(name: str = "Always on") -> Plan:
    return Plan(comparison=compared(name), points=(), decided=True, screened=9, simulated=4, efficient=(), ties=())


def portfolio_plan(name: str = "Steady") -> PortfolioPlan:
    """Two workloads, one of that name, with a quota and a savings plan."""
    steady, daily = made.scenario(name), made.scenario("Daily")
    answers = [made.answered(one, made.by_hour(one, [2.0] * 24)) for one in (steady, daily)]
    return conclude_portfolio(
        Portfolio(
            name=name,
            workloads=(Member(scenario=steady), Member(scenario=daily)),
            quotas=Quotas(endpoint_instances=12),
            savings_plans=(SavingsPlan(name=name, discount_percent=20),),
        ),
        answers,
    )


@cache
def replica(name: str) -> ReplicaAnswer:
    """A replica of a language model whose user calls it so."""
    asked = question(concurrency=(2,))
    return ask(replace(asked, model=replace(asked.model, name=name)), WORLD, LIBRARY)


def every(name: str = "Always on") -> dict[type[Any], Any]:
    """Type -> value; everything that a user can name has that name."""
    comparison, plan, portfolio = compared(name), planned(name), portfolio_plan(name)
    return {
        Scenario: comparison.scenario,
        Comparison: comparison,
        DefendedPlan: DefendedPlan(plan=plan, argument=argue_plan(plan)),
        SimulatedDeployment: SimulatedDeployment(scenario=comparison.scenario, evaluation=comparison.evaluations[0]),
        Portfolio: portfolio.portfolio,
        PortfolioPlan: portfolio,
        ReplicaAnswer: replica(name),
        PlacedDeployment: placed(name),
    }
