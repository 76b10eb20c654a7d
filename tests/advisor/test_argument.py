"""The sentences of an argument against the numbers they quote."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from advisor.argument import argue, argue_plan, argument_from_json, argument_to_json, runner_up
from advisor.compare import conclude
from advisor.evaluate import judge, rule_out
from advisor.evaluation import Comparison, Evaluation
from advisor.search.found import Plan
from simulator.case import BrokenLimit
from simulator.patterns.asynchronous import AsynchronousDeployment
from simulator.patterns.realtime import RealtimeDeployment
from simulator.patterns.serverless import ServerlessDeployment
from simulator.requirement import Requirement
from simulator.scenario import Deployment, Scenario
from simulator.search_space import SearchSpace
from simulator.simulation import Simulation
from tests.advisor.outcomes import instances, outcome, world

LIMIT = Requirement(latency_limit_s=0.5, latency_percentile=99, max_error_share=0.01)


def named(name: str) -> RealtimeDeployment:
    return RealtimeDeployment(name=name)


def compared(*evaluations: Evaluation, goal: str = "cost", **requirement: Any) -> Comparison:
    asked = Scenario(
        requirement=LIMIT.model_copy(update=requirement),
        deployments=tuple(one.deployment for one in evaluations),
        search=SearchSpace.model_validate({"goal": goal}),
    )
    return conclude(asked, evaluations)


def run(deployment: Deployment, counts: tuple[float, ...] = (1, 1), requirement: Requirement = LIMIT, **made: Any):
    asked = Scenario(requirement=requirement, simulation=Simulation(replications=len(counts)))
    return judge(asked, deployment, outcome(usages=[instances(n) for n in counts], **made), world())


def dollars(text: str) -> list[float]:
    return [float(one.replace(",", "")) for one in re.findall(r"\$([\d,]+\.?\d*)", text)]


def number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found is not None, text
    return float(found[1].replace(",", ""))


def test_the_choice_quotes_cost_interval_and_what_binds() -> None:
    best = run(named("A"), (1.0, 1.1), latency_s=[0.4])
    choice = argue(compared(best, run(named("B"), (2, 2)))).choice
    assert best.cost_usd_per_month is not None
    cost = best.cost_usd_per_month
    assert dollars(choice) == pytest.approx([cost.value, cost.low, cost.high], abs=0.5)
    assert choice.startswith("A is chosen: ")
    assert "the least of the 2 that meet every clause" in choice
    latency_ms = number(r"What binds is p99 latency: ([\d.]+) ms of 500 ms allowed", choice)
    assert latency_ms == pytest.approx(1000 * best.latency_s["p99"].value, rel=0.005)
    assert number(r"([\d.]+) % to spare", choice) == pytest.approx(100 - latency_ms / 5, abs=0.2)


def test_errors_bind_when_they_are_nearer_to_their_limit() -> None:
    best = run(named("A"), latency_s=[0.1] * 199, fates={"lost": 2})
    choice = argue(compared(best)).choice
    assert "the only one that serves" in choice
    assert number(r"What binds is errors: ([\d.]+) %", choice) == pytest.approx(0.5)
    assert number(r"of 1 % allowed, ([\d.]+) % to spare", choice) == pytest.approx(50)


def test_nothing_binds_where_nothing_is_limited() -> None:
    asked = LIMIT.model_copy(update={"latency_limit_s": 0.0})
    assert argue(compared(run(named("A"), requirement=asked), latency_limit_s=0.0)).choice.endswith(
        "No limit of the requirement is near."
    )


def test_the_next_best_says_what_it_costs_and_buys() -> None:
    cheap = run(named("Cheap"), latency_s=[0.4] * 199, fates={"lost": 2})
    dear = run(named("Dear"), (1.5, 1.5), latency_s=[0.1])
    text = argue(compared(cheap, dear)).next_best
    assert text.startswith("The next best, Dear, costs ")
    assert dollars(text) == [83.95]
    assert number(r"\(([\d.]+) %\)", text) == 50
    better, worse = dear.latency_s["p99"].value, cheap.latency_s["p99"].value
    assert number(r"a p99 latency of ([\d.]+) ms", text) == pytest.approx(1000 * better, rel=0.005)
    assert number(r"instead of ([\d.]+) ms", text) == pytest.approx(1000 * worse, rel=0.005)
    assert text.endswith("and errors of 0 % instead of 0.5 %.")
    assert argue(compared(cheap)).next_best == ""


def test_a_next_best_that_is_worse_buys_nothing() -> None:
    text = argue(compared(run(named("A")), run(named("B"), (3, 3), latency_s=[0.2]))).next_best
    assert text.endswith(
        "costs $335.80 a month more, 3 times as much; it would buy nothing that the requirement measures."
    )


def test_a_pattern_lost_by_a_price() -> None:
    (lost,) = argue(compared(run(named("A")), run(ServerlessDeployment(), (1.2, 1.2)))).lost
    assert (lost.pattern, lost.deployment, lost.kind) == ("serverless", 1, "price")
    assert lost.sentence == "Serverless endpoint: meets every clause, but costs $33.58 (20 %) a month more."


def test_a_pattern_lost_although_it_is_cheaper() -> None:
    asked = LIMIT.model_copy(
        update={"answer_may_be_deferred": True, "latency_limit_s": 0.1, "latency_percentile": 95.0}
    )
    fast, slow = (
        run(named("A"), (2, 2), asked, latency_s=[0.05]),
        run(AsynchronousDeployment(), (1, 1), asked, latency_s=[250]),
    )
    (lost,) = argue(
        compared(
            fast, slow, **asked.model_dump(include={"answer_may_be_deferred", "latency_limit_s", "latency_percentile"})
        )
    ).lost
    assert lost.kind == "miss"
    assert dollars(lost.sentence) == [167.90]
    assert re.fullmatch(
        r"Asynchronous endpoint: costs \$167\.90 \(50 %\) a month less, but p95 latency is 4\.1\d min, at most 100 ms"
        r" is allowed; on average 80 % of the time is the model at work\.",
        lost.sentence,
    )


def test_a_pattern_lost_by_a_hard_limit_with_its_moment() -> None:
    limit = BrokenLimit("concurrency", "312 requests in work at the peak", "at most 200", "1.6", 45_600.0)
    ruled = rule_out(Scenario(requirement=LIMIT), ServerlessDeployment(), (limit,))
    (lost,) = argue(compared(run(named("A")), ruled)).lost
    assert lost.kind == "limit"
    assert lost.sentence == (
        "Serverless endpoint: concurrency: 312 requests in work at the peak, 12:40 (allowed: at most 200;"
        " facts row 1.6)."
    )


def throttled(in_flight: float) -> Evaluation:
    """200 of 1,000 requests of an hour are refused, all from noon to one."""
    found = run(ServerlessDeployment(max_concurrency=10), latency_s=[0.1] * 900, fates={"throttled": 200}, peak_hour=12)
    assert found.outcome is not None
    series = found.outcome.series
    offered, flying = np.zeros(24), np.zeros(24)
    offered[12], flying[12] = 200.0, in_flight
    series = replace(series, counts=series.counts | {"offered": offered}, means={"in_flight": flying})
    return replace(found, outcome=replace(found.outcome, series=series))


def test_throttling_says_what_would_be_needed_when() -> None:
    """100 of 200 are let in with 9 in flight: all of them would need 18."""
    found = throttled(9.0)
    (lost,) = argue(compared(run(named("A")), found)).lost
    assert lost.kind == "limit"
    assert lost.sentence == (
        "Serverless endpoint: needs about 18 environments at once at 12:00, its limit is 10: 10 % of requests are"
        " answered 429."
    )
    assert found.error_share is not None
    assert found.error_share.value == pytest.approx(0.1)


def test_a_short_peak_says_that_the_limit_was_reached() -> None:
    (lost,) = argue(compared(run(named("A")), throttled(2.0))).lost
    assert "reaches its limit of 10 environments at 12:00: 10 % of requests are answered 429" in lost.sentence


def test_confidence_quotes_the_intervals_and_the_lead() -> None:
    best = run(named("A"), (1.0, 1.1), latency_s=[0.4])
    confidence = argue(compared(best, run(named("B"), (2, 2))), "It hangs on nothing.").confidence
    assert best.cost_usd_per_month is not None
    assert dollars(confidence[0])[0] == pytest.approx(best.cost_usd_per_month.value, abs=0.5)
    assert confidence[0].startswith("At 95 % over 2 replications: cost $")
    assert confidence[1:] == ("The intervals of its cost and of B's do not overlap.", "It hangs on nothing.")
    close = argue(compared(run(named("A"), (1.0, 2.0)), run(named("B"), (1.1, 2.1)))).confidence
    assert close[-1] == "The intervals of its cost and of B's overlap: the order may be chance."
    assert argue(compared(run(named("A"), (1,)))).confidence == (
        "One replication was made: neither the cost nor the latency has an interval.",
    )


def test_the_fastest_is_chosen_when_that_is_the_goal() -> None:
    found = compared(run(named("Slow"), latency_s=[0.4]), run(named("Quick"), (2, 2), latency_s=[0.1]), goal="latency")
    assert not any("its cost" in sentence for sentence in argue(found).confidence)
    assert runner_up(replace(found, best=1)) == 0
    assert "Quick is chosen: $335.80 a month, the fastest of the 2" in argue(replace(found, best=1)).choice


def test_a_plan_says_whether_it_is_decided() -> None:
    found = compared(run(named("A")), run(named("B"), (2, 2)))
    plan = Plan(comparison=found, points=(), efficient=(), ties=(), decided=True, screened=100, simulated=12)
    said = argue_plan(plan).confidence[-1]
    assert said == "It is better than everything else that was simulated with 95 % confidence, after 12 exact runs."
    tied = replace(plan, ties=(0, 1), decided=False)
    assert argue_plan(tied).confidence[-1] == "By 12 exact runs it cannot be told from B at 95 %."
    early = replace(plan, decided=False)
    assert argue_plan(early, "More.").confidence[-2:] == (
        "Not decided: 12 exact runs were made, too few to be sure at 95 %.",
        "More.",
    )


def test_where_nothing_meets_every_pattern_says_why() -> None:
    found = argue(compared(run(named("A"), latency_s=[0.9]), run(ServerlessDeployment(), latency_s=[0.7])))
    assert found.choice.startswith("None of the 2 deployments meets the requirement")
    assert [one.pattern for one in found.lost] == ["realtime", "serverless"]
    assert (found.next_best, found.confidence) == ("", ())


def test_json_keeps_it() -> None:
    found = argue(compared(run(named("A")), run(ServerlessDeployment(), (2, 2))))
    assert argument_from_json(json.loads(json.dumps(argument_to_json(found)))) == found
