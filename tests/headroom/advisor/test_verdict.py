from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.answer import Answer, Clause
from headroom.advisor.evaluate import rule_out
from headroom.codec import from_json, to_json
from simulator.engine.outcome import JobRun
from simulator.model.limits import BrokenLimit
from simulator.model.requirement import Requirement
from simulator.model.usage import Usage
from simulator.model.workload import Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from simulator.traffic.kinds import Jobs
from tests.headroom.advisor.outcomes import instances, outcome, world
from tests.headroom.advisor.outcomes import judged as answer_for

ANYTHING = {"latency_limit_s": 0, "max_error_share": 1, "answer_may_be_deferred": True}
NIGHTLY = Workload(traffic=Jobs(records=100))
DATA = Usage(key="realtime_data_in_gb", quantity=1.0)
HOUR_S = 3600.0


def scenario(workload: Workload | None = None, **requirement: Any) -> Scenario:
    return Scenario(workload=workload or Workload(), requirement=Requirement(**ANYTHING | requirement))


def judged(
    asked: Scenario, deployment: Deployment | None = None, left_out: tuple[str, ...] = (), **made: Any
) -> Answer:
    return answer_for(asked, deployment or RealtimeDeployment(), outcome(**made), world(left_out))


def clause(evaluation: Answer, key: str) -> Clause:
    (found,) = [one for one in evaluation.clauses if one.key == key]
    return found


def test_only_errors_are_always_a_clause() -> None:
    assert [one.key for one in judged(scenario()).clauses] == ["errors"]


def test_latency_is_the_percentile_that_the_client_sees() -> None:
    made = [0.1] * 97 + [0.5] * 3
    kept = clause(judged(scenario(latency_percentile=95, latency_limit_s=0.2), latency_s=made), "latency")
    assert (kept.title, kept.met, kept.limit) == ("p95 latency", True, "at most 200 ms")
    broken = clause(judged(scenario(latency_percentile=99, latency_limit_s=0.2), latency_s=made), "latency")
    assert not broken.met
    assert broken.margin == pytest.approx(2.5, rel=0.01)


def test_a_broken_clause_never_reads_like_its_limit() -> None:
    found = judged(
        scenario(max_error_share=0.1), latency_s=[0.1] * 9, fates={"throttled": 2, "lost": 1}, usages=[instances(1)] * 3
    )
    assert clause(found, "errors").met
    found = judged(
        scenario(max_error_share=0.01), latency_s=[0.1] * 9899, fates={"throttled": 101}, usages=[instances(1)]
    )
    errors = clause(found, "errors")
    assert (errors.met, errors.value, errors.limit) == (False, "1.01 %", "at most 1 %")
    found = judged(
        scenario(max_error_share=0.01), latency_s=[0.1] * 98999, fates={"throttled": 1001}, usages=[instances(1)]
    )
    errors = clause(found, "errors")
    assert (errors.met, errors.value, errors.limit) == (False, "1.001 %", "at most 1 %")


def test_no_error_may_be_required() -> None:
    found = clause(judged(scenario(max_error_share=0), fates={"lost": 1}), "errors")
    assert (found.met, found.margin, found.limit) == (False, None, "at most 0 %")
    assert clause(judged(scenario(max_error_share=0)), "errors").met


def test_nothing_answered_breaks_a_latency_limit() -> None:
    found = judged(scenario(latency_limit_s=1), latency_s=[], fates={"throttled": 5})
    assert clause(found, "latency").value == "nothing answered"
    assert not clause(found, "latency").met
    assert found.cost_usd_per_million is None
    assert found.latency_s == {}


def test_no_requests_break_nothing() -> None:
    found = judged(scenario(latency_limit_s=1), latency_s=[])
    assert (clause(found, "latency").value, found.meets) == ("no requests", True)


def test_the_slowest_data_set_of_all_replications_has_the_deadline() -> None:
    jobs = (JobRun(ready_s=0, began_s=60, finished_s=4 * HOUR_S, records=100),)
    asked = scenario(NIGHTLY, deadline_s=5 * HOUR_S)
    found = clause(judged(asked, jobs=jobs, longest_job_s=[4 * HOUR_S, 4.21 * HOUR_S]), "deadline")
    assert (found.met, found.value, found.limit) == (True, "4.21 h", "at most 5 h")
    late = clause(judged(asked, jobs=jobs, longest_job_s=[4 * HOUR_S, 6 * HOUR_S]), "deadline")
    assert not late.met
    assert late.margin == pytest.approx(1.2)


def test_a_data_set_that_is_not_finished_says_so() -> None:
    jobs = (JobRun(ready_s=0, began_s=60, finished_s=None, records=100),)
    asked = scenario(NIGHTLY, deadline_s=5 * HOUR_S)
    never = clause(judged(asked, jobs=jobs, longest_job_s=[None, None]), "deadline")
    assert (never.met, never.value, never.margin) == (False, "not finished", None)
    once = clause(judged(asked, jobs=jobs, longest_job_s=[HOUR_S, None]), "deadline")
    assert once.value == "not finished in 1 of 2 replications"


def test_an_endpoint_is_done_with_a_data_set_when_the_last_record_that_was_sent_is_answered() -> None:
    sent = Workload(traffic=Jobs(records=100, submit_over_s=4 * HOUR_S))
    asked = scenario(sent, deadline_s=5 * HOUR_S)
    done = clause(judged(asked, latency_s=[0.1, 30 * 60]), "deadline")
    assert (done.met, done.value) == (True, "4.5 h")
    late = clause(judged(asked, latency_s=[0.1, 2 * HOUR_S]), "deadline")
    assert (late.met, late.value) == (False, "6 h")
    stuck = clause(judged(asked, fates={"unfinished": 1}), "deadline")
    assert (stuck.met, stuck.value) == (False, "not finished")


def test_a_deadline_is_for_data_sets_only() -> None:
    found = judged(scenario(deadline_s=60))
    assert [one.key for one in found.clauses] == ["errors"]
    assert any("deadline was not used" in warning for warning in found.warnings)


def test_the_budget_holds_the_bill_of_a_month() -> None:
    kept = clause(judged(scenario(monthly_budget_usd=168)), "budget")
    assert (kept.met, kept.value, kept.limit) == (True, "$167.90", "at most $168.00")
    assert not clause(judged(scenario(monthly_budget_usd=167)), "budget").met


def test_a_missing_price_cannot_keep_a_budget_but_can_break_it() -> None:
    compute = Usage(key="serverless_duration_s", quantity=1.0, dimension="2048")
    usage = (*instances(1), compute)
    cheap = judged(scenario(monthly_budget_usd=1000), left_out=(compute.key,), usages=[usage, usage])
    budget = clause(cheap, "budget")
    assert (budget.met, budget.value, budget.margin) == (False, "at least $167.90, a price is missing", None)
    dear = judged(scenario(monthly_budget_usd=100), left_out=(compute.key,), usages=[usage, usage])
    assert clause(dear, "budget").margin == pytest.approx(1.679)


def test_an_estimated_price_is_held_against_the_budget_and_said_to_be_one() -> None:
    queued = instances(1, "async_instance_s")
    found = judged(scenario(monthly_budget_usd=100), left_out=("async_instance_s",), usages=[queued, queued])
    budget = clause(found, "budget")
    assert (budget.met, budget.value) == (False, "$167.90, a price is an estimate")


def test_without_a_budget_a_missing_price_still_keeps_a_deployment_from_meeting() -> None:
    found = judged(scenario(), left_out=("hosting_instance_s",))
    assert all(one.met for one in found.clauses)
    assert found.unpriced
    assert not found.meets
    assert "lower bound" in found.warnings[0]


def test_a_missing_price_beside_the_compute_makes_the_cost_a_lower_bound_only() -> None:
    usage = (*instances(1), DATA)
    found = judged(scenario(monthly_budget_usd=1000), left_out=("realtime_data_in_gb",), usages=[usage, usage])
    assert found.at_least
    assert not found.unpriced
    assert found.meets
    assert clause(found, "budget").value == "at least $167.90, a price is missing"


@pytest.mark.parametrize(
    ("deployment", "met"),
    [
        (RealtimeDeployment(), True),
        (ServerlessDeployment(), True),
        (AsynchronousDeployment(), False),
        (BatchDeployment(), False),
    ],
)
def test_patterns_that_answer_through_s3_break_a_requirement_for_an_answer_now(
    deployment: Deployment, met: bool
) -> None:
    now = judged(scenario(answer_may_be_deferred=False), deployment)
    assert clause(now, "deferred").met is met
    assert now.outcome is not None
    assert "deferred" not in [one.key for one in judged(scenario(), deployment).clauses]


def test_what_a_hard_limit_forbids_is_not_simulated_and_says_which() -> None:
    broken = (
        BrokenLimit("payload in", "80 MB", "at most 25 MB", "aws", "1.1"),
        BrokenLimit("GPU", "none", "one", "setting", "1.30"),
    )
    found = rule_out(scenario(latency_limit_s=1), RealtimeDeployment(), broken)
    assert not found.meets
    assert [(one.key, one.title, one.value, one.limit, one.whose, one.row) for one in found.clauses if not one.met] == [
        ("limit", "Payload in", "80 MB", "at most 25 MB", "aws", "1.1"),
        ("limit", "GPU", "none", "one", "setting", "1.30"),
    ]
    assert from_json(Answer, to_json(found)) == found


def test_costs_are_those_of_a_month_with_their_interval() -> None:
    found = judged(scenario(), usages=[instances(1), instances(2), instances(3)], latency_s=[0.1] * 1000)
    cost, million = found.cost_usd_per_month, found.cost_usd_per_million
    assert cost is not None
    assert million is not None
    assert cost.value == pytest.approx(335.80)
    half = 4.303 * 167.90 / 3**0.5
    assert cost.low == max(0, 335.80 - half)
    assert cost.high == pytest.approx(335.80 + half)
    # 1,000 answers a day are 30,416.7 in 730 h.
    assert million.value == pytest.approx(335.80 / 30_416.667 * 1e6, rel=1e-6)
    assert million.n == 3


requirements = st.builds(
    Requirement,
    latency_percentile=st.sampled_from([50.0, 95.0, 99.0, 99.9]),
    latency_limit_s=st.sampled_from([0.0, 0.05, 0.1, 1.0]),
    max_error_share=st.sampled_from([0.0, 0.001, 0.5, 1.0]),
    deadline_s=st.sampled_from([0.0, HOUR_S]),
    monthly_budget_usd=st.sampled_from([0.0, 100.0, 1000.0]),
    answer_may_be_deferred=st.booleans(),
)
deployments = st.sampled_from(
    [RealtimeDeployment(), ServerlessDeployment(), AsynchronousDeployment(), BatchDeployment()]
)
outcomes = st.builds(
    outcome,
    latency_s=st.lists(st.floats(0.001, 100), max_size=20),
    fates=st.dictionaries(st.sampled_from(["throttled", "rejected", "lost", "unfinished"]), st.integers(0, 50)),
    usages=st.lists(st.floats(0, 10).map(instances), min_size=1, max_size=4),
)


@given(requirements, deployments, outcomes, st.sampled_from([Workload(), NIGHTLY]), st.booleans())
def test_an_evaluation_meets_when_all_its_clauses_do_and_survives_json(
    requirement: Requirement, deployment: Deployment, made: Any, workload: Workload, priced: bool
) -> None:
    asked = Scenario(workload=workload, requirement=requirement)
    found = answer_for(asked, deployment, made, world(() if priced else ("hosting_instance_s",)))
    assert found.meets == (all(one.met for one in found.clauses) and not found.unpriced)
    assert all((one.margin is None) or ((one.margin <= 1) == one.met) for one in found.clauses)
    data = to_json(found)
    assert to_json(from_json(Answer, data)) == data
