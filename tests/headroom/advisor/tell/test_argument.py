"""The sentences of an argument against the numbers they quote."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from headroom.advisor.answer import Answer, Comparison, Uncertain
from headroom.advisor.compare import conclude
from headroom.advisor.evaluate import rule_out
from headroom.advisor.order import runner_up
from headroom.advisor.search.types import Plan, Point
from headroom.advisor.tell.argument import Argument, argue, argue_plan
from headroom.codec import from_json, to_json
from simulator.estimate.figures import Figure
from simulator.model.assumptions import Assumptions
from simulator.model.limits import BrokenLimit
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.usage import Usage
from simulator.model.workload import Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Jobs
from tests.headroom.advisor.outcomes import instances, judged, outcome, world

LIMIT = Requirement(latency_limit_s=0.5, latency_percentile=99, max_error_share=0.01, min_zones=1)


def named(name: str) -> RealtimeDeployment:
    return RealtimeDeployment(name=name)


def compared(*evaluations: Answer, goal: str = "cost", **requirement: Any) -> Comparison:
    asked = Scenario(
        requirement=LIMIT.model_copy(update=requirement),
        deployments=tuple(one.deployment for one in evaluations),
        search=SearchSpace.model_validate({"goal": goal}),
    )
    return conclude(asked, evaluations)


def run(deployment: Deployment, counts: tuple[float, ...] = (1, 1), requirement: Requirement = LIMIT, **made: Any):
    asked = Scenario(requirement=requirement, simulation=Simulation(replications=len(counts)))
    return judged(asked, deployment, outcome(usages=[instances(n) for n in counts], **made), world())


def dollars(text: str) -> list[float]:
    return [float(one.replace(",", "")) for one in re.findall(r"\$([\d,]+\.?\d*)", text)]


def number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found is not None, text
    return float(found[1].replace(",", ""))


def test_the_choice_quotes_cost_interval_and_what_binds() -> None:
    best = run(named("A"), (1.0, 1.1), latency_s=[0.48])
    choice = argue(compared(best, run(named("B"), (2, 2)))).choice
    assert best.cost_usd_per_month is not None
    cost = best.cost_usd_per_month
    assert dollars(choice) == pytest.approx([cost.value, cost.low, cost.high], abs=0.5)
    assert choice.startswith("A is chosen: ")
    assert "the least of the 2 that meet every clause" in choice
    latency_ms = number(r"What binds is the p99 latency: ([\d.]+) ms of 500 ms allowed", choice)
    assert latency_ms == pytest.approx(1000 * best.latency_s["p99"].value, rel=0.005)
    assert number(r"([\d.]+) % to spare", choice) == pytest.approx(100 - latency_ms / 5, abs=0.2)


def test_errors_bind_when_they_are_nearer_to_their_limit() -> None:
    best = run(named("A"), latency_s=[0.1] * 951, fates={"lost": 18})
    choice = argue(compared(best)).choice
    assert choice.startswith("A is chosen: $167.90 a month. ")
    assert number(r"What binds is the share of errors: ([\d.]+) %", choice) == pytest.approx(0.937, abs=0.001)
    assert number(r"of 1 % allowed, ([\d.]+) % to spare", choice) == pytest.approx(6.25, abs=0.01)


def test_what_has_a_third_to_spare_does_not_bind() -> None:
    choice = argue(compared(run(named("A"), latency_s=[0.32]))).choice
    assert "binds" not in choice
    assert number(r"Nearest to its limit is the p99 latency: [\d.]+ ms of 500 ms allowed, ([\d.]+) %", choice) > 35


def test_what_chance_alone_may_break_binds() -> None:
    best = run(named("A"), latency_s=[0.32])
    wide = replace(best, latency_s={**best.latency_s, "p99": Uncertain(value=0.32, low=0.2, high=0.55, n=3)})
    assert "What binds is the p99 latency" in argue(compared(wide)).choice


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
    limit = BrokenLimit("concurrency", "312 requests in work at the peak", "at most 200", "aws", "1.6", 45_600.0)
    ruled = rule_out(Scenario(requirement=LIMIT), ServerlessDeployment(), (limit,))
    (lost,) = argue(compared(run(named("A")), ruled)).lost
    assert lost.kind == "limit"
    assert lost.sentence == (
        "Serverless endpoint: concurrency: 312 requests in work at the peak, 12:40 (allowed: at most 200;"
        " facts row 1.6)."
    )


def throttled(in_flight: float, pool: Assumptions | None = None, peak: float | None = None) -> Answer:
    """200 of 1,000 requests of an hour are refused, all from noon to one."""
    usages = [instances(1)] * 2
    made = outcome(usages=usages, latency_s=[0.1] * 900, fates={"throttled": 200}, peak_hour=12)
    offered, flying = np.zeros(24), np.zeros(24)
    offered[12], flying[12] = 200.0, in_flight
    series = replace(made.series, counts=made.series.counts | {"offered": offered}, means={"in_flight": flying})
    if peak is not None:
        series = replace(series, peaks={"in_flight": np.full(24, peak)})
    asked = Scenario(
        requirement=LIMIT, simulation=Simulation(replications=2), assumptions=pool or Scenario().assumptions
    )
    return judged(asked, ServerlessDeployment(max_concurrency=10), replace(made, series=series), world())


REFUSED = (
    "Serverless endpoint: 10 % of requests end without an answer, at most 1 % may; all of them: throttled (429), most"
    " at 12:00."
)


def test_throttling_says_what_would_be_needed_when() -> None:
    """100 of 200 are let in with 9 in flight: all of them would need 18."""
    found = throttled(9.0)
    (lost,) = argue(compared(run(named("A")), found)).lost
    assert lost.kind == "limit"
    assert lost.sentence == f"{REFUSED} It needs about 18 environments at once at 12:00, its limit is 10."
    assert found.error_share is not None
    assert found.error_share.value == pytest.approx(0.1)


def test_a_short_peak_says_that_the_limit_was_reached() -> None:
    (lost,) = argue(compared(run(named("A")), throttled(2.0))).lost
    assert lost.sentence == f"{REFUSED} All its 10 environments are at work at 12:00, its limit is 10."


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
    assert said == (
        "After 12 exact runs it is cheaper, at 95 % confidence, than all else that was simulated and may meet the"
        " requirement."
    )
    tied = replace(plan, ties=(0, 1), decided=False)
    assert argue_plan(tied).confidence[-1] == "It is a toss-up: by 12 exact runs it cannot be told from B at 95 %."
    early = replace(plan, decided=False)
    assert argue_plan(early, "More.").confidence[-2:] == (
        "Not decided: after 12 exact runs, some that were simulated may be as good: more replications would tell.",
        "More.",
    )


def test_what_was_not_looked_at_is_named() -> None:
    found = compared(run(named("A")), run(named("B"), (2, 2)))
    cheaper = Point(
        deployment=named("C"),
        cost_usd_per_month=Figure(value=100.0, error=0.01),
        latency_s=Figure(value=0.1, error=0.1),
        meets=True,
        meets_rest=True,
        exact=False,
    )
    plan = plan_of(found, left=(cheaper, replace(cheaper, deployment=named("D"))))
    assert argue_plan(plan).confidence[-1] == (
        "Not decided: after 12 exact runs, the amount of work was spent before C ($100.00 by the fast answer) and 1"
        " more, which may be cheaper, could be simulated."
    )
    assert "is too slow" not in argue_plan(plan).choice


def test_a_burstable_fleet_that_was_not_looked_at_is_named_beside_a_decided_choice() -> None:
    cheaper = Point(
        deployment=named("1 x ml.t2.medium"),
        cost_usd_per_month=Figure(value=41.39, error=0.0),
        latency_s=Figure(value=0.1, error=0.1),
        meets=True,
        meets_rest=True,
        exact=False,
    )
    plan = plan_of(compared(run(named("A"))), decided=True, burstable=cheaper)
    assert argue_plan(plan).confidence[-1] == (
        "Burstable types (ml.t2) were not looked at, because their CPU credits are not simulated. By the fast answer"
        " 1 x ml.t2.medium meets for $41.39 a month while its credits last, as they do under the expected load: name"
        " the family in search.families to have it simulated."
    )
    assert not any("Burstable" in text for text in argue_plan(replace(plan, burstable=None)).confidence)


def plan_of(found: Comparison, **known: Any) -> Plan:
    usual: dict[str, Any] = {
        "points": (),
        "efficient": (),
        "ties": (),
        "decided": False,
        "screened": 100,
        "simulated": 12,
    }
    return Plan(comparison=found, **usual | known)


def test_a_plan_that_may_not_meet_says_so() -> None:
    best = run(named("A"), latency_s=[0.4])
    assert best.error_share is not None
    unsure = replace(best, error_share=replace(best.error_share, low=0.0, high=0.02))
    said = argue_plan(plan_of(compared(unsure))).confidence[-1]
    assert said == "Not decided: 12 exact runs leave open whether it meets the requirement, at 95 %."


def test_a_plan_of_single_runs_says_what_its_confidence_rests_on() -> None:
    found = compared(run(named("A"), (1,)), run(named("B"), (2,)))
    said = argue_plan(plan_of(found, decided=True)).confidence[-1]
    assert said.endswith("; with one run of each, that is less sure than by replications.")


def test_a_latency_without_an_interval_says_why() -> None:
    best = run(named("A"), (1.0, 1.1), latency_s=[0.4])
    bare = replace(best.latency_s["p99"], low=None, high=None, n=1, why="too few moments of the run decide it")
    said = argue(compared(replace(best, latency_s={**best.latency_s, "p99": bare}))).confidence
    assert "latency" not in said[0]
    assert re.fullmatch(r"The p99 latency, [\d.]+ ms, has no interval: too few moments of the run decide it\.", said[1])


def point(name: str, usd: float, latency_s: float, *, exact: bool = False) -> Point:
    return Point(
        deployment=named(name),
        cost_usd_per_month=Figure(value=usd, error=0.01),
        latency_s=Figure(value=latency_s, error=0.01),
        meets=latency_s <= LIMIT.latency_limit_s,
        meets_rest=True,
        exact=exact,
    )


def test_a_plan_says_why_nothing_cheaper_is_chosen() -> None:
    found = compared(run(named("A"), latency_s=[0.4]))
    points = (point("Far", 50, 3.0), point("Near", 120, 0.75), point("Meets", 110, 0.45), point("Dear", 300, 0.9))
    said = argue_plan(plan_of(found, points=points)).choice
    assert said.endswith(
        " Of what is cheaper, the nearest to it in cost, Near ($120.00), is too slow: p99 latency 750 ms, limit 500 ms,"
        " by the fast answer."
    )
    exact = argue_plan(plan_of(found, points=(point("Near", 120, 0.75, exact=True),))).choice
    assert exact.endswith("limit 500 ms.")
    assert argue_plan(plan_of(found, points=points[2:])).choice == argue(found).choice


def test_a_plan_in_which_nothing_meets_says_how_much_was_looked_at() -> None:
    found = compared(run(named("A"), latency_s=[0.9]))
    assert argue_plan(plan_of(found)).choice == f"{found.sentence} 100 candidates were looked at."


def test_a_pattern_with_nothing_to_try_says_so() -> None:
    found = compared(run(named("A")))
    asked = found.scenario.model_copy(
        update={"search": SearchSpace(patterns=("realtime", "batch"), families=("ml.p5",)), "region": "eu-west-3"}
    )
    (lost,) = argue_plan(plan_of(replace(found, scenario=asked))).lost
    assert (lost.pattern, lost.deployment, lost.kind) == ("batch", None, "limit")
    seen = replace(point("Seen", 500, 0.1), deployment=BatchDeployment())
    assert argue_plan(plan_of(replace(found, scenario=asked), points=(seen,))).lost == ()
    assert lost.sentence == (
        "Batch transform: no instance type of ml.p5 is both accepted for it and priced in eu-west-3."
    )


def test_a_limit_that_is_far_does_not_bind() -> None:
    choice = argue(compared(run(named("A"), latency_s=[0.1]))).choice
    assert "No limit of the requirement is near; the nearest is the p99 latency, 100 ms of 500 ms allowed" in choice


def of_data_sets(*evaluations: Answer) -> Comparison:
    asked = Scenario(
        workload=Workload(traffic=Jobs(submit_over_s=3600)),
        requirement=JOBS,
        deployments=tuple(one.deployment for one in evaluations),
    )
    return conclude(asked, evaluations)


JOBS = Requirement(deadline_s=7200, latency_limit_s=0, answer_may_be_deferred=True)


def test_for_data_sets_the_next_best_buys_an_earlier_end_and_no_latency() -> None:
    """A client sends them for an hour, so the slowest is done after that and the slowest answer."""
    asked = Scenario(workload=Workload(traffic=Jobs(submit_over_s=3600)), requirement=JOBS)
    slow, quick = (
        judged(asked, named(name), outcome(usages=[instances(n)] * 2, latency_s=[late_s]), world())
        for name, n, late_s in (("Slow", 1, 3000.0), ("Quick", 2, 0.1))
    )
    said = argue(of_data_sets(slow, quick))
    assert said.next_best.endswith("it would buy the slowest data set in 60 min instead of 110 min.")
    assert "What binds is the slowest data set: 110 min of 120 min allowed" in said.choice.replace("2 h", "120 min")


def test_a_high_price_says_what_it_is_for_unless_it_is_the_compute() -> None:
    usage = (*instances(1, "async_instance_s"), Usage(key="internet_out_gb", quantity=1900.0))
    asked = Scenario(requirement=LIMIT, simulation=Simulation(replications=2))
    dear = judged(asked, AsynchronousDeployment(), outcome(usages=[usage] * 2, latency_s=[0.1]), world())
    (lost,) = argue(compared(run(named("A")), dear)).lost
    assert re.fullmatch(
        r"Asynchronous endpoint: costs \$5,\d+ a month more, 3[\d.]+ times as much, and the answer is in S3, later,"
        r" instead of on the connection\. 96\.\d % of its cost, \$5,\d+, is for data out to the internet\.",
        lost.sentence,
    ), lost.sentence


def test_429_from_elsewhere_is_not_blamed_on_the_endpoints_limit() -> None:
    """The pool of the account leaves 4 of 10; with only 3 in flight something else refused."""
    pool = Assumptions(serverless_account_concurrency=10, serverless_others_in_use=6)
    (lost,) = argue(compared(run(named("A")), throttled(3.5, pool))).lost
    assert lost.sentence == (
        f"{REFUSED} It needs about 7 environments at once at 12:00, the account's pool leaves it 4 of its 10."
    )
    (lost,) = argue(compared(run(named("A")), throttled(3.5, pool, peak=3.0))).lost
    assert lost.sentence == REFUSED


def test_where_nothing_meets_every_pattern_says_why() -> None:
    found = argue(compared(run(named("A"), latency_s=[0.9]), run(ServerlessDeployment(), latency_s=[0.7])))
    assert found.choice.startswith("None of the 2 deployments meets the requirement")
    assert [one.pattern for one in found.lost] == ["realtime", "serverless"]
    assert (found.next_best, found.confidence) == ("", ())


def test_json_keeps_it() -> None:
    found = argue(compared(run(named("A")), run(ServerlessDeployment(), (2, 2))))
    assert from_json(Argument, json.loads(json.dumps(to_json(found)))) == found
