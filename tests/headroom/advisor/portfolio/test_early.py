"""What is said before a workload is simulated: the screen's recommendation, marked as a draft, with its demand."""

from __future__ import annotations

import pytest

from headroom.advisor.baseline import always_on
from headroom.advisor.portfolio.conclude import MemberAnswer, conclude
from headroom.advisor.portfolio.description import Member, Portfolio, SavingsPlan
from headroom.advisor.portfolio.early import early
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.search.screen import screen
from headroom.codec import from_json, to_json
from headroom.sharing.library import load_world
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Constant

WORLD = load_world()


def asked(pattern: str) -> Scenario:
    return Scenario(
        workload=Workload(name=pattern, traffic=Constant(rate_per_s=20)),
        simulation=Simulation(duration_s=3600, replications=2),
        search=SearchSpace(patterns=(pattern,)),
    )


@pytest.fixture(scope="module")
def found() -> PortfolioPlan:
    scenarios = [asked("realtime"), asked("serverless")]
    screens = [screen(one, WORLD) for one in scenarios]
    answers = [
        MemberAnswer(plan=early(seen), fixed=None, always_on=always_on(one, WORLD))
        for one, seen in zip(scenarios, screens, strict=True)
    ]
    portfolio = Portfolio(
        workloads=tuple(Member(scenario=one) for one in scenarios), savings_plans=(SavingsPlan(discount_percent=20),)
    )
    return conclude(portfolio, answers)


def test_the_best_of_the_screen_stands_as_a_draft(found):
    assert [choice.deployment.pattern for choice in found.best.choices] == ["realtime", "serverless"]
    assert all(choice.cost_usd_per_month.n == 0 and not choice.decided for choice in found.best.choices)
    assert found.best.total.cost_usd_per_month.n == 0
    assert all("exact runs decide" in choice.why for choice in found.best.choices)


def test_instances_of_a_preview_count_for_quotas_and_savings_and_serverless_waits_for_its_run(found):
    assert [one.workload for one in found.best.demands] == ["realtime"]
    demand, choice = found.best.demands[0], found.best.choices[0]
    assert max(demand.peaks) <= demand.configured
    on_demand = sum(demand.costs[0].usd) / len(demand.costs[0].usd) * 730
    assert 0 < on_demand <= choice.cost_usd_per_month.value
    assert found.best.savings[0].eligible_usd_per_month == pytest.approx(on_demand)


def test_a_preliminary_answer_is_json_both_ways(found):
    assert from_json(PortfolioPlan, to_json(found)) == found
