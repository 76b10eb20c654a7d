from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.compare import conclude
from headroom.advisor.evaluate import rule_out
from headroom.advisor.tell import words
from headroom.codec import from_json, to_json
from simulator.model.limits import BrokenLimit
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Jobs
from tests.headroom.advisor.outcomes import instances, judged, outcome, world

LIMIT = Requirement(latency_limit_s=0.5, latency_percentile=99, max_error_share=0.01, min_zones=1)
PAYLOAD = (BrokenLimit(what="payload in", given="80 MB", allowed="at most 25 MB", whose="aws", row="1.1"),)


def named(name: str) -> RealtimeDeployment:
    return RealtimeDeployment(name=name)


def compared(*evaluations: Answer, requirement: Requirement = LIMIT) -> Comparison:
    asked = Scenario(requirement=requirement, deployments=tuple(one.deployment for one in evaluations))
    return conclude(asked, evaluations)


def run(
    deployment: Deployment, counts: tuple[float, ...] = (1, 1), left_out: tuple[str, ...] = (), **made: Any
) -> Answer:
    asked = Scenario(requirement=LIMIT, simulation=Simulation(replications=len(counts)))
    return judged(asked, deployment, outcome(usages=[instances(n) for n in counts], **made), world(left_out))


def test_the_cheapest_that_meets_wins_and_says_by_how_much() -> None:
    found = compared(run(named("Dear"), (2, 2)), run(named("Cheap")), run(named("Slow"), (0.5, 0.5), latency_s=[0.9]))
    assert found.best == 1
    assert found.sentence == (
        "Cheap is the cheapest of the 2 deployments that meet the requirement: $167.90 a month, p99 latency 100 ms"
        " (at most 500 ms), errors 0 % (at most 1 %); it costs $167.90 a month less than Dear."
    )
    assert found.reasons == (
        "Dear meets every clause, and it costs $167.90 a month more than Cheap.",
        "Cheap meets every clause and is the cheapest that does: $167.90 a month; it costs $167.90 a month less than"
        " Dear.",
        "Slow does not meet the requirement: p99 latency is 902 ms, at most 500 ms is allowed; on average 80 % of the"
        " time is the model at work; it costs $83.95 a month less than Cheap.",
    )


def test_where_latency_is_the_goal_the_sentences_speak_of_the_fastest() -> None:
    quick, slow = run(named("Quick"), (2, 2), latency_s=[0.1]), run(named("Slow"), latency_s=[0.4])
    asked = Scenario(
        requirement=LIMIT, search=SearchSpace(goal="latency"), deployments=(quick.deployment, slow.deployment)
    )
    found = conclude(asked, [quick, slow])
    assert found.sentence == (
        "Quick is the fastest of the 2 deployments that meet the requirement: $335.80 a month, p99 latency 100 ms (at"
        " most 500 ms), errors 0 % (at most 1 %); p99 latency is 100 ms instead of 400 ms, and it costs $167.90 a month"
        " more than Slow."
    )
    assert found.reasons[0].startswith("Quick meets every clause and is the fastest that does: $335.80 a month;")
    assert "cheapest" not in f"{found.sentence} {found.reasons}"


def test_a_lead_within_the_intervals_is_not_called_sure() -> None:
    found = compared(run(named("A"), (1.0, 2.0)), run(named("B"), (1.1, 2.1)))
    assert found.best == 0
    assert "it costs $16.79 a month less than B, but the intervals overlap." in found.sentence
    assert found.reasons[1] == (
        "B meets every clause, and it costs $16.79 a month more than A, but the intervals overlap."
    )


def test_the_first_of_equals_wins() -> None:
    found = compared(run(named("A")), run(named("B")))
    assert found.best == 0
    assert "it costs the same as B" in found.sentence


def test_the_only_one_that_meets() -> None:
    found = compared(run(named("Slow"), latency_s=[0.9]), run(named("Good")))
    assert found.sentence.startswith(
        "Good is the only one of 2 deployments that meets the requirement: $167.90 a month,"
    )
    assert found.reasons[1] == "Good meets every clause and is the only one that does: $167.90 a month."


def test_a_single_deployment() -> None:
    assert compared(run(named("A"))).sentence.startswith("A meets the requirement: $167.90 a month")
    slow = compared(run(named("A"), latency_s=[0.9]))
    assert slow.sentence.startswith("A does not meet the requirement: p99 latency is 902 ms")
    gone = compared(rule_out(Scenario(requirement=LIMIT), named("A"), PAYLOAD))
    assert gone.sentence == ("A cannot run this workload: payload in: 80 MB (allowed: at most 25 MB; facts row 1.1).")


def test_no_deployment_at_all() -> None:
    assert compared().sentence == "There is no deployment to compare."


def test_an_overload_names_its_fate_and_its_hour() -> None:
    throttled = run(ServerlessDeployment(), latency_s=[0.1] * 919, fates={"throttled": 152, "lost": 10}, peak_hour=12)
    found = compared(throttled)
    assert found.sentence == (
        "Serverless does not meet the requirement: 8.1 % of requests end without an answer, at most 1 % may;"
        " throttled (429): 7.6 %, most at 12:00. All its 20 environments are at work at 12:00, its limit is 20."
    )


def test_the_clause_missed_by_most_is_the_reason_and_the_others_are_named() -> None:
    bad = run(named("Bad"), latency_s=[0.6] * 5, fates={"rejected": 10})
    assert "50 % of requests end without an answer" in compared(bad).sentence
    assert compared(bad).sentence.endswith(
        "; all of them: refused, queue full, most at 00:00; also broken: p99 latency. An instance works on 4 requests"
        " at a time (one per vCPU), lets 100 wait (Queue per instance) and refuses what comes beyond."
    )


def test_data_sets_are_made_of_records() -> None:
    asked = Scenario(requirement=LIMIT, workload=Workload(traffic=Jobs()))
    assert "of records end without an answer" in conclude(asked, [run(named("A"), fates={"lost": 1})]).sentence


def test_an_answer_through_s3_is_the_reason_even_when_it_is_quick_and_cheap() -> None:
    later = run(AsynchronousDeployment(), (0.1, 0.1))
    found = compared(run(named("Now")), later)
    assert found.best == 0
    assert found.reasons[1] == (
        "Asynchronous does not meet the requirement: the answer is in S3, later, instead of on the connection;"
        " every other clause is met; it costs $151.11 a month less than Now."
    )


def test_when_none_meets_the_closest_is_named() -> None:
    found = compared(
        run(named("Far"), latency_s=[5.0]),
        run(named("Near"), latency_s=[0.6]),
        rule_out(Scenario(requirement=LIMIT), named("Out"), PAYLOAD),
    )
    assert found.best is None
    assert found.sentence.startswith(
        "None of the 3 deployments meets the requirement; Near comes closest: p99 latency is 598 ms, at most 500 ms is"
        " allowed"
    )
    assert found.reasons[2] == (
        "Out is ruled out by a hard limit of AWS: payload in: 80 MB (allowed: at most 25 MB; facts row 1.1)."
    )


def test_when_all_are_ruled_out() -> None:
    out = [rule_out(Scenario(requirement=LIMIT), named(name), PAYLOAD) for name in "AB"]
    assert compared(*out).sentence == (
        "None of the 2 deployments can run this workload: hard limits of AWS rule all of them out."
    )


def test_a_missing_price_keeps_the_cheapest_from_winning() -> None:
    found = compared(run(named("Known")), run(named("Unknown"), left_out=("hosting_instance_s",)))
    assert found.best == 0
    assert found.sentence.startswith(
        "Known is the only one of 2 deployments that meets the requirement and has a price: "
    )
    assert found.sentence.endswith(
        ". Unknown meets every clause too, and cannot be ranked: no price is known for Real-time instances"
        " (ml.m5.xlarge)."
    )
    assert found.reasons[0].startswith("Known meets every clause and is the only one that does and has a price")
    assert found.reasons[1] == (
        "Unknown cannot be ranked: it meets every clause, but a price is missing for Real-time instances"
        " (ml.m5.xlarge)."
    )


def test_where_nothing_that_meets_has_a_price_it_is_not_said_that_none_meets() -> None:
    unknown = run(named("Unknown"), left_out=("hosting_instance_s",))
    found = compared(unknown, run(named("Slow"), latency_s=[0.9]))
    assert found.best is None
    assert found.sentence == (
        "Unknown meets every clause, and cannot be ranked: no price is known for Real-time instances (ml.m5.xlarge) in"
        " us-east-1, nor one to estimate it from."
    )


def test_an_estimated_price_is_ranked_and_said_to_be_one() -> None:
    usages = [instances(1, "async_instance_s"), instances(1, "async_instance_s")]
    late = LIMIT.model_copy(update={"answer_may_be_deferred": True})
    asked = Scenario(requirement=late, simulation=Simulation(replications=2))
    queued = judged(asked, AsynchronousDeployment(name="Queued"), outcome(usages=usages), world(("async_instance_s",)))
    found = compared(run(named("Dear"), (2, 2)), queued, requirement=late)
    assert found.best == 1
    assert queued.price_estimated
    assert (
        "Queued is the cheapest of the 2 deployments that meet the requirement: about $167.90 a month" in found.sentence
    )
    estimate = (
        "No price is known for Asynchronous instances (ml.m5.xlarge) in us-east-1: $0.23 per instance-hour is an"
        " estimate, what real-time instances of this type cost here."
    )
    assert found.sentence.endswith(estimate)
    assert estimate in queued.warnings


def test_two_of_one_name_are_told_apart() -> None:
    found = compared(run(named("A")), run(named("A"), (2, 2)))
    assert found.sentence.startswith("A (no. 1) is the cheapest")
    assert found.reasons[1].startswith("A (no. 2) meets")


def test_names_stand_as_they_were_written() -> None:
    name = "![x](http://example.org/a.png) <b>"
    assert compared(run(named(name))).sentence.startswith(name)


evaluations = st.builds(
    lambda out, count, latency, throttled, priced: (
        rule_out(Scenario(requirement=LIMIT), named("Out"), PAYLOAD)
        if out
        else run(
            named("One"),
            (count, count * 1.1),
            () if priced else ("hosting_instance_s",),
            latency_s=[latency],
            fates={"throttled": throttled},
        )
    ),
    st.booleans(),
    st.sampled_from([0.3, 1.0, 1.05, 2.0]),
    st.sampled_from([0.1, 0.4, 0.6]),
    st.sampled_from([0, 0, 1]),
    st.sampled_from([True, True, False]),
)


@given(st.lists(evaluations, max_size=5))
def test_best_is_the_cheapest_among_those_that_meet_and_json_keeps_it(made: list[Answer]) -> None:
    found = compared(*made)
    meeting = [one.cost_usd_per_month.value for one in made if one.meets and one.cost_usd_per_month is not None]
    if meeting:
        assert found.best is not None
        best = found.evaluations[found.best]
        assert best.meets
        assert best.cost_usd_per_month is not None
        assert best.cost_usd_per_month.value == min(meeting)
    else:
        assert found.best is None
    assert len(found.reasons) == len(made)
    data = json.loads(json.dumps(to_json(found), allow_nan=False))
    assert to_json(from_json(Comparison, data)) == data


@given(st.lists(evaluations, min_size=1, max_size=5))
def test_every_number_in_a_sentence_is_a_fact_of_the_evaluations(made: list[Answer]) -> None:
    found = compared(*made)
    known = _facts(found)
    for text in (found.sentence, *found.reasons):
        numbers = re.findall(r"\$[\d,.]*\d|[\d,.]*\d (?:ms|s|%|MB)", text)
        assert set(numbers) <= known, text


def _facts(found: Comparison) -> set[str]:
    """The texts of all amounts, differences, clauses and shares in a comparison."""
    costs = [one.cost_usd_per_month.value for one in found.evaluations if one.cost_usd_per_month is not None]
    texts = [words.dollars(one) for one in costs] + [words.dollars(abs(a - b)) for a in costs for b in costs]
    for one in found.evaluations:
        texts += [text for clause in one.clauses for text in (clause.limit, clause.value)]
        if one.outcome is not None:
            total = sum(one.outcome.parts_s.values())
            texts += [words.share(part / total) for part in one.outcome.parts_s.values()]
            texts += [words.share(number / one.outcome.offered) for number in one.outcome.fates.values()]
    return {text.removeprefix("at most ") for text in texts}


def test_a_number_that_is_no_fact_would_be_noticed() -> None:
    found = compared(run(named("A")))
    assert "$167.90" in _facts(found)
    assert "$167.91" not in _facts(found)
    with pytest.raises(KeyError):
        from_json(Comparison, {})
