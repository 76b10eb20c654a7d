"""A portfolio as a whole: rows, totals, against always-on and the user's own mapping, in words and as JSON."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from headroom.advisor.answer import Answer
from headroom.advisor.portfolio.conclude import conclude
from headroom.advisor.portfolio.description import (
    MAX_WORKLOADS,
    InstanceQuota,
    Member,
    Portfolio,
    Quotas,
    SavingsPlan,
    UsageDiscount,
)
from headroom.advisor.portfolio.planner import plan_portfolio, within_quotas
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.portfolio.validity import check_portfolio
from headroom.codec import from_json, to_json
from simulator.errors import InvalidScenario
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Constant
from tests.headroom.advisor.outcomes import instances, judged, outcome, world
from tests.headroom.advisor.portfolio.made import answered, by_hour, ruled_out, scenario, usual, with_gauge

INSTANCE = 167.90  # USD a month of one ml.m5.xlarge
A, B = scenario("A"), scenario("B", days=7)
DAY, WEEK = (1.0,) * 24, (2.0,) * 168


def whole(**more: Any) -> Portfolio:
    return Portfolio(workloads=(Member(scenario=A), Member(scenario=B)), **more)


def both(portfolio: Portfolio | None = None) -> PortfolioPlan:
    answers = [answered(A, by_hour(A, DAY, (0.9, 1.1))), answered(B, by_hour(B, WEEK, (2, 2)))]
    return conclude(portfolio or whole(), answers)


def test_the_table_has_a_row_for_each_and_the_total_is_their_sum() -> None:
    found = both()
    assert [choice.workload for choice in found.best.choices] == ["A", "B"]
    total = found.best.total
    assert total.cost_usd_per_month.value == pytest.approx(3 * INSTANCE)
    costs = [choice.cost_usd_per_month for choice in found.best.choices]
    ends = [(one.low, one.high) for one in costs if one and one.low is not None and one.high is not None]
    assert total.cost_usd_per_month.low == pytest.approx(sum(low for low, _ in ends))
    assert total.cost_usd_per_month.high == pytest.approx(sum(high for _, high in ends))
    assert (total.meets, total.workloads, total.missing, total.at_least) == (2, 2, (), False)


def test_a_workload_simulated_once_counts_as_exact_and_is_named() -> None:
    answers = [answered(A, by_hour(A, DAY, (1,))), answered(B, by_hour(B, WEEK, (1.9, 2.1)))]
    total = conclude(whole(), answers).best.total
    half = 12.706 * 0.1 * 2**0.5 / 2**0.5
    assert total.without_interval == ("A",)
    cost = total.cost_usd_per_month
    assert (cost.low, cost.value, cost.high, cost.n) == pytest.approx(
        (INSTANCE * (3 - half), INSTANCE * 3, INSTANCE * (3 + half), 2)
    )


def test_against_always_on_with_what_forbids_it() -> None:
    answers = [answered(A, by_hour(A, DAY), count=5), answered(B, by_hour(B, WEEK), count=7)]
    found = conclude(whole(), answers)
    assert found.always_on.total.cost_usd_per_month == pytest.approx(12 * INSTANCE)
    assert "would cost $2,015: $1,511 are saved, 75 %." in found.sentence
    forbidden = type(answers[0])(plan=answers[0].plan, fixed=None, always_on=usual(A, 5, ruled_out(A).ruled_out))
    said = conclude(whole(), [forbidden, answers[1]]).sentence
    assert "Hard limits of AWS forbid it for A." in said


def test_against_what_the_user_fixed() -> None:
    own = by_hour(A, (4.0,) * 24, deployment=RealtimeDeployment(name="Mine", initial_instance_count=4))
    answers = [answered(A, by_hour(A, DAY), fixed=own), answered(B, by_hour(B, WEEK))]
    found = conclude(whole(), answers)
    assert found.fixed is not None
    assert [choice.deployment.name for choice in found.fixed.choices if choice.deployment] == ["Mine", "Real-time"]
    assert found.fixed.total.cost_usd_per_month.value == pytest.approx(6 * INSTANCE)
    assert "Your own mapping costs $1,007" in found.sentence
    assert ", $503.70 more, and meets every requirement." in found.sentence
    assert found.fixed.choices[0].why == "Chosen by you; it meets the requirement."


def test_a_fixed_mapping_that_breaks_something_says_what() -> None:
    strict = scenario("A", requirement=Requirement(latency_limit_s=0.01, max_error_share=0.01))
    portfolio = Portfolio(workloads=(Member(scenario=strict),))
    found = conclude(portfolio, [answered(strict, by_hour(strict, DAY), fixed=by_hour(strict, DAY))])
    assert found.fixed is not None
    assert found.fixed.choices[0].why.startswith("Chosen by you; it breaks p99 latency: 100 ms, at most 10 ms")
    assert "its requirement is not met by anything found" in found.sentence
    assert "and misses 1 requirement." in found.sentence


def test_a_fixed_deployment_that_aws_forbids_has_no_cost() -> None:
    answers = [answered(A, by_hour(A, DAY), fixed=ruled_out(A)), answered(B, by_hour(B, WEEK))]
    found = conclude(whole(), answers)
    assert found.fixed is not None
    assert found.fixed.total.missing == ("A",)
    assert found.fixed.total.at_least
    assert "Your own mapping costs at least $335.80" in found.sentence
    assert [one.workload for one in found.fixed.demands] == ["B"]


def test_the_others_stand_behind_the_best_with_their_reasons() -> None:
    dear = by_hour(A, (3.0,) * 24, deployment=RealtimeDeployment(name="Dear"))
    answers = [answered(A, dear, ruled_out(A), by_hour(A, DAY)), answered(B, by_hour(B, WEEK))]
    choice = conclude(whole(), answers).best.choices[0]
    assert choice.cost_usd_per_month is not None
    assert choice.cost_usd_per_month.value == pytest.approx(INSTANCE)
    assert [other.deployment.name for other in choice.others] == ["Dear", "Real-time"]
    assert choice.others[1].cost_usd_per_month is None
    assert "80 MB" in choice.others[1].reason


def test_when_nothing_meets_the_nearest_miss_is_shown() -> None:
    strict = scenario("A", requirement=Requirement(latency_limit_s=0.01, max_error_share=0.01))
    portfolio = Portfolio(workloads=(Member(scenario=strict),))
    found = conclude(portfolio, [answered(strict, ruled_out(strict), by_hour(strict, DAY))])
    assert not found.best.choices[0].meets
    assert found.best.choices[0].cost_usd_per_month is not None
    assert found.best.total.meets == 0


def test_the_nearest_miss_of_the_table_is_that_of_the_sentence() -> None:
    """The cheaper one misses by more."""
    strict = scenario("A", requirement=Requirement(latency_limit_s=0.01, max_error_share=0.01))
    cheap, near = (
        judged(strict, RealtimeDeployment(name=name), outcome(usages=[instances(n)] * 2, latency_s=[late_s]), world())
        for name, n, late_s in (("Cheap", 1, 0.3), ("Near", 2, 0.02))
    )
    near = with_gauge_of(near, (2.0,) * 24)
    cheap = with_gauge_of(cheap, (1.0,) * 24)
    found = conclude(Portfolio(workloads=(Member(scenario=strict),)), [answered(strict, cheap, near)])
    [choice] = found.best.choices
    assert "Near comes closest" in choice.why
    assert choice.deployment is not None
    assert choice.deployment.name == "Near"


def with_gauge_of(one: Answer, hourly: tuple[float, ...]) -> Answer:
    assert one.outcome is not None
    return replace(one, outcome=with_gauge(one.outcome, "instances_billed", hourly))


def test_when_aws_leaves_nothing_the_row_is_empty() -> None:
    answers = [answered(A), answered(B, by_hour(B, WEEK))]
    found = conclude(whole(), answers)
    assert found.best.choices[0].deployment is None
    assert found.best.total.missing == ("A",)
    assert from_json(PortfolioPlan, json.loads(json.dumps(to_json(found)))) == found


def test_hourly_costs_add_up_to_the_bill() -> None:
    hourly = [float(hour % 5) for hour in range(24)]
    answers = [answered(A, by_hour(A, hourly)), answered(B, by_hour(B, WEEK))]
    found = conclude(whole(), answers)
    for demand, choice in zip(found.best.demands, found.best.choices, strict=True):
        usd = demand.costs[0].usd
        assert len(usd) == 168
        assert choice.cost_usd_per_month is not None
        assert sum(usd) / 168 * 730 == pytest.approx(choice.cost_usd_per_month.value)
    assert found.best.demands[0].costs[0].usd[:5] == pytest.approx([0.23 * number for number in range(5)])


def test_savings_are_those_of_all_workloads_together_and_only_with_a_rate() -> None:
    hourly = [1.0] * 12 + [0.0] * 12
    portfolio = whole(savings_plans=(SavingsPlan(name="None"), SavingsPlan(name="Some", discount_percent=40)))
    answers = [answered(A, by_hour(A, hourly)), answered(B, by_hour(B, WEEK))]
    found = conclude(portfolio, answers)
    assert [one.plan for one in found.best.savings] == ["Some"]
    # Two instances all the time, a third in half of the hours: at 40 % the third does not pay.
    assert found.best.savings[0].commitment_usd_per_hour == pytest.approx(2 * 0.23 * 0.6)
    assert found.best.savings[0].saving_usd_per_month == pytest.approx(2 * INSTANCE * 0.4)
    assert "Some: commit $0.276 an hour and save $134.32 a month." in found.sentence
    assert found.always_on.savings[0].saving_usd_per_month == pytest.approx(10 * INSTANCE * 0.4)


def test_quotas_see_the_common_clock() -> None:
    quotas = Quotas(instance_types=(InstanceQuota(instance_type="ml.m5.xlarge", most=2),))
    night = [3.0] * 2 + [0.0] * 22
    answers = [answered(A, by_hour(A, night)), answered(B, by_hour(B, WEEK))]
    found = conclude(whole(quotas=quotas), answers)
    broken = next(one for one in found.best.limits if one.key == "endpoint_type")
    assert (broken.used, broken.used_at, broken.by, broken.state) == (5, "Mon 00:00", (("A", 3), ("B", 2)), "broken")
    assert "Together they need more than is allowed: ml.m5.xlarge for endpoints in us-east-1." in found.sentence
    assert next(one for one in found.always_on.limits if one.key == "endpoint_type").used == 10


def test_it_goes_through_json() -> None:
    own = by_hour(A, (4.0,) * 24)
    portfolio = whole(
        quotas=Quotas(endpoint_instances=2),
        savings_plans=(SavingsPlan(discount_percent=30, discounts=(UsageDiscount(instance="ml.m5"),)),),
    )
    found = conclude(portfolio, [answered(A, by_hour(A, DAY), fixed=own), answered(B, by_hour(B, WEEK))])
    text = json.dumps(to_json(found), allow_nan=False)
    assert from_json(PortfolioPlan, json.loads(text)) == found


def test_every_problem_is_named_before_anything_runs() -> None:
    wrong = A.model_copy(update={"region": "us-nowhere-1"})
    portfolio = Portfolio(
        workloads=(
            Member(scenario=wrong),
            Member(scenario=A, fixed=BatchDeployment(instance_type="ml.x1.large")),
        ),
        quotas=Quotas(instance_types=(InstanceQuota(), InstanceQuota(), InstanceQuota(instance_type="ml.x1.large"))),
        savings_plans=(SavingsPlan(discounts=(UsageDiscount(instance="ml.x1"), UsageDiscount(instance="ml.m5"))),),
    )
    with pytest.raises(InvalidScenario) as raised:
        plan_portfolio(portfolio, world())
    assert [problem.where for problem in raised.value.problems] == [
        "workloads[0].scenario.region",
        "workloads[1].scenario.workload.name",
        "workloads[1].fixed.instance_type",
        "quotas.instance_types[1]",
        "quotas.instance_types[2].instance_type",
        "savings_plans[0].discounts[0].instance",
    ]
    with pytest.raises(InvalidScenario, match="at least one workload"):
        plan_portfolio(Portfolio(), world())


def test_no_way_of_putting_it_together_gets_around_the_most_workloads() -> None:
    many = tuple(Member(scenario=scenario(f"W{at}")) for at in range(MAX_WORKLOADS + 1))
    full = Portfolio(workloads=many[:-1])
    assert check_portfolio(full, world()) == ()
    with pytest.raises(InvalidScenario, match=f"workloads: given 21; allowed: at most {MAX_WORKLOADS}"):
        plan_portfolio(full.model_copy(update={"workloads": many}), world())


def test_one_workload_is_told_of_in_the_singular() -> None:
    alone = conclude(Portfolio(workloads=(Member(scenario=A),)), [answered(A, by_hour(A, DAY, (1, 1)))])
    assert alone.sentence.startswith(
        "The workload costs $167.90 a month on its best deployment, and its requirement is"
    )
    slow = A.model_copy(update={"requirement": Requirement(latency_limit_s=1e-3)})
    missed = conclude(Portfolio(workloads=(Member(scenario=slow),)), [answered(slow, by_hour(slow, DAY, (1, 1)))])
    assert "a month on its best deployment; its requirement is not met by anything found." in missed.sentence


class Here:
    """Runs what is submitted at once, and counts it."""

    def __init__(self) -> None:
        self.calls = 0

    def submit(self, fn: Any, /, *args: Any) -> Future[Any]:
        self.calls += 1
        done: Future[Any] = Future()
        done.set_result(fn(*args))
        return done


def small(name: str, **more: Any) -> Scenario:
    return Scenario(
        workload=Workload(
            name=name, traffic=Constant(rate_per_s=0.5), service_time=ServiceTime(mean_ms=50), request_mb=0.001
        ),
        requirement=Requirement(min_zones=1),
        simulation=Simulation(duration_s=3600, warmup_s=600, replications=2),
        search=SearchSpace(patterns=("realtime",), max_instances=2, families=("ml.m5",)),
        **more,
    )


def test_it_runs_the_same_with_and_without_an_executor() -> None:
    fixed = RealtimeDeployment(initial_instance_count=2)
    portfolio = Portfolio(workloads=(Member(scenario=small("A"), fixed=fixed), Member(scenario=small("B"))))
    told: list[float] = []
    alone = plan_portfolio(portfolio, world(), progress=told.append)
    executor = Here()
    assert plan_portfolio(portfolio, world(), executor) == alone
    assert executor.calls
    with ThreadPoolExecutor(2) as aside:
        assert plan_portfolio(portfolio, world(), executor, aside=aside) == alone
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert alone.best.total.meets == 2
    assert alone.fixed is not None
    assert alone.fixed.total.cost_usd_per_month.value > alone.best.total.cost_usd_per_month.value


def test_no_workload_alone_is_given_more_than_the_account_has() -> None:
    own = A.model_copy(update={"search": SearchSpace(serverless_concurrency_quota=30)})
    quotas = Quotas(serverless_concurrency=50, transform_instances=4)
    assert within_quotas(A, quotas).search == SearchSpace(serverless_concurrency_quota=50, transform_instances_quota=4)
    assert within_quotas(own, quotas).search.serverless_concurrency_quota == 30
    assert within_quotas(own, Quotas()) == own
