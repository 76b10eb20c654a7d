"""A cause is named where both the settings and what happened show it, and nowhere else."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import preview
from headroom.advisor.tell import clause_text
from headroom.advisor.tell.causes import MANY_ATTEMPTS
from headroom.codec import from_json, to_json
from simulator.engine.outcome import Outcome
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.usage import Usage
from simulator.model.workload import Client, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogTracking
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import PriceOverride, Scenario
from tests.headroom.advisor.outcomes import instances, judged, outcome, world

LIMIT = Requirement(latency_limit_s=0.5, latency_percentile=95, max_error_share=0.01)
WAITING = {"retry": 0.0, "queue": 5.0, "setup": 0.0, "service": 0.05, "overhead": 0.01}
SCALED = RealtimeDeployment(scaling=InvocationsTracking())
SLOW: dict[str, Any] = {"latency_s": [60.0] * 100, "parts_s": WAITING}


def fleet(made: Outcome, *counts: float) -> Outcome:
    """The outcome with so many instances in service, in equal parts of the day."""
    levels = np.repeat(np.array(counts), 24 // len(counts))
    gauges = {"instances_in_service": levels}
    return replace(made, series=replace(made.series, means=gauges, peaks=gauges))  # type: ignore[arg-type]


def answer(deployment: Deployment, made: Outcome, **workload: Any) -> Answer:
    asked = Scenario(requirement=LIMIT, simulation=Simulation(replications=2), workload=Workload(**workload))
    return judged(asked, deployment, made, world())


def causes(deployment: Deployment, made: Outcome, **workload: Any) -> dict[str, str]:
    return {cause.key: cause.sentence for cause in answer(deployment, made, **workload).causes}


def test_nothing_is_named_where_nothing_is_wrong() -> None:
    assert causes(RealtimeDeployment(), outcome()) == {}
    assert causes(AsynchronousDeployment(), fleet(outcome(pattern="asynchronous"), 0, 1)) == {}


def test_an_estimate_has_no_causes() -> None:
    scenario = Scenario(requirement=Requirement(latency_limit_s=0.001))
    assert preview(scenario, RealtimeDeployment(), world()).causes == ()


@pytest.mark.parametrize(("wakes", "key"), [(True, "from zero"), (False, "no wake policy")])
def test_what_waits_at_zero_instances_is_told_why(wakes: bool, key: str) -> None:
    asleep = AsynchronousDeployment(scaling=BacklogTracking(target_value=7, wake_from_zero=wakes))
    made = outcome(pattern="asynchronous", **SLOW)
    assert list(causes(asleep, fleet(made, 0, 1))) == [key]
    assert list(causes(asleep, fleet(made, 1, 2))) == ["few workers"], "it never came to zero"
    assert ("more than 7 waits" in causes(asleep, fleet(made, 0, 1))[key]) is not wakes


def test_time_outs_are_named_by_what_comes_first() -> None:
    made = outcome(latency_s=[0.1] * 90, fates={"timed_out": 20})
    plain = causes(RealtimeDeployment(), made)["time limit"]
    assert plain.startswith(
        "AWS's limit for InvokeEndpoint ends a request after 60 s (a quota of the account, facts row 1.3)"
    )
    reads = causes(RealtimeDeployment(), made, client=Client(read_timeout_s=30))["time limit"]
    assert reads == "the client's read timeout ends a call after 30 s (facts row 8.8)"
    gateway = causes(RealtimeDeployment(), made, client=Client(read_timeout_s=40, gateway_timeout_s=29))["time limit"]
    assert gateway == "the gateway in front ends a call after 29 s (facts row 8.13)"
    later = causes(AsynchronousDeployment(), replace(made, pattern="asynchronous"), client=Client(read_timeout_s=30))
    assert later["time limit"].startswith("InvocationTimeoutSeconds ends a request after 900 s (its own setting,")
    batch = causes(BatchDeployment(invocations_timeout_s=600), replace(made, pattern="batch"))["time limit"]
    assert batch.startswith("InvocationsTimeoutInSeconds ends a call of the container after 600 s (its own setting,")


def test_a_rare_way_to_fail_is_not_the_cause() -> None:
    made = outcome(latency_s=[0.1] * 90, fates={"timed_out": 1, "rejected": 19})
    assert list(causes(RealtimeDeployment(), made)) == ["queue full"]


def test_a_full_queue_explains_the_waiting() -> None:
    made = outcome(fates={"rejected": 20}, **SLOW)
    assert list(causes(RealtimeDeployment(), made)) == ["queue full"]


@pytest.mark.parametrize(("every_s", "named"), [(3600.0, True), (900.0, False)])
def test_the_schedule_of_jobs_is_named_where_it_is_most_of_the_limit(every_s: float, named: bool) -> None:
    slow = outcome(pattern="batch", **{**SLOW, "latency_s": [4000.0] * 100})
    asked = Scenario(requirement=Requirement(latency_limit_s=3000.0), simulation=Simulation(replications=2))
    found = judged(asked, BatchDeployment(schedule_every_s=every_s), slow, world()).causes
    assert [cause.sentence for cause in found] == [
        "a job starts every 60 min, and what arrives waits for the next"
    ] * named


def test_the_full_queue_is_told_with_workers_and_places() -> None:
    made = outcome(latency_s=[0.1] * 90, fates={"rejected": 20})
    own = causes(RealtimeDeployment(job_queue_size=7), made, container_workers=1)
    assert own["queue full"] == (
        "an instance works on 1 request at a time (Workers in the container), lets 7 wait (Queue per instance) and"
        " refuses what comes beyond"
    )
    assert "4 requests at a time (one per vCPU)" in causes(RealtimeDeployment(), made)["queue full"]


def test_retries_are_a_storm_from_a_third_more_attempts_on() -> None:
    made = outcome(latency_s=[0.1] * 90, fates={"rejected": 20})
    storm = math.ceil(MANY_ATTEMPTS * made.offered)
    assert "retry storm" not in causes(RealtimeDeployment(), replace(made, attempts=storm - 1))
    stormy = replace(made, attempts=storm)
    assert "retry storm" in causes(RealtimeDeployment(), stormy)
    assert "retry storm" not in causes(RealtimeDeployment(), replace(outcome(), attempts=400)), "all is answered"
    throttled = outcome(pattern="serverless", latency_s=[0.1] * 90, fates={"throttled": 20})
    refused = replace(throttled, attempts=400)
    assert "retry storm" not in causes(ServerlessDeployment(), refused), "what is refused costs nothing"
    assert "retry storm" in causes(ServerlessDeployment(), refused, client=Client(read_timeout_s=1))


def test_cold_starts_are_named_where_clients_do_not_wait_for_them() -> None:
    made = outcome(pattern="serverless", latency_s=[0.1] * 90, fates={"timed_out": 60}, cold_starts=60)
    impatient = causes(ServerlessDeployment(), made, client=Client(read_timeout_s=29))
    assert impatient["cold starts"] == "25 % of requests meet a cold start, which takes a part of that time"
    assert "cold starts" not in causes(ServerlessDeployment(), made), "the endpoint's own limit is on the work alone"
    rare = replace(made, cold_starts=20)
    assert "cold starts" not in causes(ServerlessDeployment(), rare, client=Client(read_timeout_s=29))


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ((1, 4), "at 10:00, when it was worst, only 1 instance was in service, where scaling came to 4 later"),
        (
            (4, 4, 2, 2),
            "at 12:00, when it was worst, only 2 instances were in service, where scaling had come to 4 before",
        ),
        ((4, 1), ""),
        ((2, 2), ""),
    ],
)
def test_instances_that_come_too_late_are_named(counts: tuple[float, ...], text: str) -> None:
    hour = 12 if len(counts) == 4 else 10
    made = outcome(latency_s=[0.1] * 90, fates={"rejected": 20}, peak_hour=hour)
    assert causes(SCALED, fleet(made, *counts)).get("late scaling", "") == text
    assert "late scaling" not in causes(RealtimeDeployment(), fleet(made, *counts)), "a fleet that lost instances"


def test_the_slowest_hour_is_the_worst_where_all_is_answered() -> None:
    made = fleet(outcome(**SLOW), 1, 3)
    slow = replace(made, series=replace(made.series, latency_s={"p95": np.where(np.arange(24) == 8, 60.0, 0.1)}))
    assert list(causes(SCALED, slow)) == ["late scaling"]


def test_cold_starts_are_named_where_more_meet_them_than_may_be_slow() -> None:
    parts = {"retry": 0.0, "queue": 0.0, "setup": 1.0, "service": 0.05, "overhead": 0.01}
    many = outcome(pattern="serverless", latency_s=[8.0] * 100, parts_s=parts, cold_starts=20)
    assert causes(ServerlessDeployment(), many)["cold starts"] == (
        "10 % of requests meet a cold start, on average 10 s long, and only 5 % may be slower than the limit"
    )
    assert "cold starts" not in causes(ServerlessDeployment(), replace(many, cold_starts=2))
    short = replace(many, parts_s={**parts, "setup": 0.01})
    assert "cold starts" not in causes(ServerlessDeployment(), short)


def test_a_low_target_is_named_where_scaling_followed_it() -> None:
    tracked = RealtimeDeployment(scaling=InvocationsTracking(target_value=480))
    assert causes(tracked, fleet(outcome(), 1, 3))["low target"] == (
        "its target, 480 requests a minute and instance, is 10 % of the 4,800 that an instance can answer: instances"
        " are added while those that are there have little to do"
    )
    assert causes(tracked, fleet(outcome(), 1, 1)) == {}
    high = RealtimeDeployment(scaling=InvocationsTracking(target_value=2400))
    assert causes(high, fleet(outcome(), 1, 3)) == {}


@pytest.mark.parametrize(("gigabytes", "named"), [(1000.0, True), (1.0, False)])
def test_a_charge_beside_the_compute_is_named_where_it_is_most_of_the_cost(gigabytes: float, named: bool) -> None:
    """0.016 USD a GB: 487 or 0.49 USD a month, beside 1.68 USD for the hundredth part of an instance."""
    usage = (*instances(0.01), Usage(key="realtime_data_in_gb", quantity=gigabytes))
    price = PriceOverride(usage="realtime_data_in_gb", dimension="", usd=Decimal("0.016"))
    asked = Scenario(requirement=LIMIT, simulation=Simulation(replications=2), prices=(price,))
    found = judged(asked, RealtimeDeployment(), outcome(usages=[usage, usage]), world())
    assert [cause.key for cause in found.causes] == ["other charges"] * named
    assert clause_text.causes(found) == (" 99.7 % of its cost, $486.67, is for real-time data in." if named else "")


def test_causes_are_told_as_sentences() -> None:
    made = outcome(latency_s=[0.1] * 90, fates={"timed_out": 20})
    found = answer(BatchDeployment(instance_count=4, input_objects=1), replace(made, pattern="batch"))
    assert [cause.explains for cause in found.causes] == [("errors",), ("cost",)]
    first, second = found.causes
    assert clause_text.causes(found) == (
        f" {first.sentence[:1].upper()}{first.sentence[1:]}. {second.sentence[:1].upper()}{second.sentence[1:]}."
    )
    assert clause_text.causes(replace(found, causes=())) == ""


def test_causes_turn_into_json_and_back() -> None:
    found = answer(RealtimeDeployment(), outcome(latency_s=[0.1] * 90, fates={"timed_out": 20}))
    assert from_json(Answer, to_json(found)).causes == found.causes != ()
