"""What is worth knowing of several deployments is said once, what concerns the best first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from headroom.advisor.answer import Answer
from headroom.advisor.compare import conclude
from headroom.advisor.tell.notes import Note, folded, notes
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from tests.headroom.advisor.outcomes import instances, judged, outcome, world

TWICE = Scenario(
    workload=Workload(container_workers=4),
    requirement=Requirement(latency_limit_s=10, min_zones=1),
    simulation=Simulation(replications=2),
)


def answer(deployment: Deployment, *warnings: str, **made: Any) -> Answer:
    found = judged(TWICE, deployment, outcome(pattern=deployment.pattern, **made), world())
    return replace(found, warnings=(*warnings, *found.warnings))


def fleet(name: str, count: int) -> RealtimeDeployment:
    return RealtimeDeployment(name=name, initial_instance_count=count)


def test_quotas_are_one_note_with_the_most_that_is_asked_of_each() -> None:
    found = folded([answer(fleet(name, count)) for name, count in (("A", 2), ("B", 9), ("C", 5))])
    assert [note.text for note in found] == [
        "A new account may have a quota of 0 for ml.m5.xlarge: ask for 9 (facts row 10.6); 4 instances per endpoint:"
        " ask for 9 (facts row 10.1)."
    ]


def test_the_same_sentence_is_one_note_with_those_that_it_concerns() -> None:
    one, two = answer(fleet("A", 1), "It is so.", "Only A."), answer(fleet("B", 1), "It is so.")
    found = folded([one, two])
    assert found[:2] == (Note("It is so."), Note("Only A.", ("A",)))
    assert found[1].text == "Only A. (A)"


def test_sentences_that_end_alike_after_a_colon_are_one() -> None:
    one, two = answer(fleet("A", 1), "2 workers on A: an assumption."), answer(fleet("B", 1), "4 on B: an assumption.")
    other = answer(ServerlessDeployment(), "Something else.")
    found = folded([one, two, other])
    assert [note.text for note in found[:2]] == [
        "2 workers on A; 4 on B: an assumption. (A; B)",
        "Something else. (Serverless)",
    ]


def test_many_deployments_are_counted() -> None:
    many = [answer(fleet(f"No. {place}", 1), "It is so.") for place in range(4)]
    assert folded([*many, answer(ServerlessDeployment())])[0].text == "It is so. (4 deployments)"


def test_what_concerns_the_best_stands_first_and_where_prices_come_from_last() -> None:
    dear = answer(fleet("Dear", 3), "Of the dear one.", usages=[instances(3)] * 2)
    best = answer(fleet("Best", 1), "Of the best.")
    queued = answer(AsynchronousDeployment(name="Queued"), usages=[instances(2, "async_instance_s")] * 2)
    texts = [note.text for note in notes(conclude(TWICE, [dear, best, queued]))]
    assert texts[:2] == ["Of the best. (Best)", "Of the dear one. (Dear)"]
    assert len(texts) == 4
    assert texts[-2] == "A new account may have a quota of 0 for ml.m5.xlarge: ask for 1 (facts row 10.6). (Best)"
    assert texts[-1] == (
        "1 price is derived from another price, not read from a list: Asynchronous instances (ml.m5.xlarge). (Queued)"
    )


def test_shares_of_cold_starts_are_told_from_the_least_to_the_most() -> None:
    few = answer(ServerlessDeployment(name="Few"), latency_s=[0.1] * 100, cold_starts=10)
    many = answer(ServerlessDeployment(name="Many"), latency_s=[0.1] * 100, cold_starts=50)
    [note] = [note for note in folded([few, many, answer(fleet("A", 1))]) if "cold start" in note.sentence]
    assert note.sentence.startswith("5 % to 25 % of requests meet a cold start.")
    assert note.about == ("Few", "Many")


def test_faults_are_told_from_the_least_to_the_most() -> None:
    costs = [replace(answer(fleet("A", 1)), faults_usd=usd) for usd in (2.0, 5.0)]
    told = [
        replace(one, warnings=(f"The faults are billed once a month: they add ${usd:.2f}.",))
        for one, usd in zip(costs, (2.0, 5.0), strict=True)
    ]
    assert folded(told) == (Note("The faults are billed once a month: they add $2.00 to $5.00."),)
