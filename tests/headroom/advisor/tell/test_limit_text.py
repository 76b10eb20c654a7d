"""Every sentence on a limit says whose it is: on the page, on the command line and in the CSV."""

from __future__ import annotations

import csv
import io

import pytest

from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.compare import compare
from headroom.advisor.tell import limit_text
from headroom.advisor.tell.rejections import why_lost
from headroom.codec import from_json, to_json
from headroom.sharing.exports.comparison_csv import comparison_csv
from headroom.sharing.exports.text import comparison_text, evaluation_text
from headroom.ui.plan.cards import clause_line
from headroom.ui.plan.numbers import _broken_clauses
from simulator.model.assumptions import Assumptions
from simulator.model.limits import BrokenLimit, Whose
from simulator.model.workload import Batching, Client, Population, Slowdown, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario
from tests.headroom.advisor.outcomes import world

REALTIME = RealtimeDeployment(name="A")
SLOW = Workload(container_workers=1).model_copy(
    update={"service_time": Workload().service_time.model_copy(update={"mean_ms": 20_000.0})}
)
CASES: dict[str, tuple[Whose, Workload, Deployment, Assumptions, str, str]] = {
    "payload": (
        "aws",
        Workload(request_mb=80),
        REALTIME,
        Assumptions(),
        "A is ruled out by a hard limit of AWS: payload in: 80 MB (allowed: at most 25 MB; facts row 1.1).",
        "payload in: 80 MB, allowed at most 25 MB",
    ),
    "quota": (
        "account",
        Workload(),
        RealtimeDeployment(name="A", initial_instance_count=6),
        Assumptions(instances_per_endpoint_quota=4),
        "A is ruled out by a quota of the account: instances per endpoint: 6 at the start (allowed: at most 4, the"
        " quota; facts row 10.1).",
        "instances per endpoint: 6 at the start, allowed at most 4, the quota (a quota of the account)",
    ),
    "workers": (
        "container",
        Workload(memory_mb=5000, container_workers=8),
        REALTIME,
        Assumptions(),
        "A is ruled out by what its container needs: memory: 39.1 GB for all workers (allowed: 16 GB on ml.m5.xlarge;"
        " facts row 1.5).",
        "memory: 39.1 GB for all workers, allowed 16 GB on ml.m5.xlarge (what its container needs)",
    ),
    "timeout": (
        "setting",
        SLOW,
        AsynchronousDeployment(name="A", invocation_timeout_s=10),
        Assumptions(),
        "A is ruled out by its own setting: time per request: 20 s on average (allowed: at most 10 s,"
        " InvocationTimeoutSeconds, as configured; facts row 4.5).",
        "time per request: 20 s on average, allowed at most 10 s, InvocationTimeoutSeconds, as configured (its own"
        " setting)",
    ),
    "users": (
        "headroom",
        Workload(population=Population(users=50, think_time_s=5)),
        ServerlessDeployment(name="A"),
        Assumptions(),
        "Headroom cannot simulate A together with users who wait: 50 (allowed: no [workload.population]: they are"
        " simulated on real-time endpoints only).",
        "users who wait: 50, allowed no [workload.population]: they are simulated on real-time endpoints only"
        " (Headroom cannot simulate it)",
    ),
}  # fmt: skip


def compared(name: str) -> tuple[Whose, Comparison, str, str]:
    whose, workload, deployment, assumptions, sentence, cell = CASES[name]
    scenario = Scenario(workload=workload, deployments=(deployment,), assumptions=assumptions)
    return whose, compare(scenario, world()), sentence, cell


@pytest.mark.parametrize("name", CASES)
def test_page_command_line_and_csv_say_whose_limit_it_is(name: str) -> None:
    whose, comparison, sentence, cell = compared(name)
    (evaluation,) = comparison.evaluations
    (limit,) = evaluation.ruled_out
    assert limit.whose == whose
    assert comparison.reasons == (sentence,)
    assert sentence.replace(" ", "") in comparison_text(comparison).replace("\n", "").replace(" ", "")
    assert next(csv.DictReader(io.StringIO(comparison_csv(comparison))))["ruled_out_by"] == cell
    assert _broken_clauses(evaluation) == cell.replace(f"{limit.what}: ", f"{limit.what} ")
    owner = cell.rpartition("(")[2].rstrip(")") if whose != "aws" else ""
    for text in (clause_line(evaluation.clauses[0]), evaluation_text(evaluation, comparison.scenario)):
        assert owner in text
        assert ("AWS" in text) is False
    (lost,) = why_lost(comparison)
    assert owner in lost.sentence


@pytest.mark.parametrize("name", CASES)
def test_whose_it_is_goes_through_json(name: str) -> None:
    _, comparison, _, _ = compared(name)
    (evaluation,) = comparison.evaluations
    plain = to_json(evaluation)
    assert from_json(Answer, plain) == evaluation
    owners = [limit["whose"] for limit in plain["ruled_out"]]
    assert [clause["whose"] for clause in plain["clauses"] if clause["key"] == "limit"] == owners


def test_json_says_whose_it_is_of_limits_only() -> None:
    met = compare(Scenario(deployments=(REALTIME,)), world()).evaluations[0]
    assert met.clauses
    assert all("whose" not in clause for clause in to_json(met)["clauses"])


@pytest.mark.parametrize(
    "more",
    [
        {"client": Client(read_timeout_s=30)},
        {"client": Client(retry_mode="adaptive")},
        {"population": Population(users=50, think_time_s=5)},
        {"slowdown": (Slowdown(),)},
    ],
)
def test_server_side_batching_is_simulated_with_whatever_else_is_asked(more: dict[str, object]) -> None:
    workload = Workload(batching=Batching(max_batch_size=8)).model_copy(update=more)
    comparison = compare(Scenario(workload=workload, deployments=(REALTIME,)), world())
    assert not comparison.evaluations[0].ruled_out
    assert comparison.evaluations[0].outcome


def limit(whose: Whose, what: str = "memory") -> BrokenLimit:
    return BrokenLimit(what, "5 GB", "4 GB", whose)


def test_limits_of_several_owners_are_told_one_after_the_other() -> None:
    found = [limit("headroom", "users"), limit("setting"), limit("aws", "GPU")]
    assert limit_text.ruled_out("A", found, Scenario()) == (
        "A is ruled out by a hard limit of AWS: GPU: 5 GB (allowed: 4 GB); by its own setting: memory: 5 GB (allowed:"
        " 4 GB); Headroom cannot simulate it together with users: 5 GB (allowed: 4 GB)"
    )
    assert limit_text.cannot_run("A", found[:2], Scenario()).startswith("A cannot run this workload: ")
    assert limit_text.cannot_run("A", found[:1], Scenario()).startswith("Headroom cannot simulate A together")


@pytest.mark.parametrize(
    ("limits_of_each", "sentence"),
    [
        ([["aws"], ["aws"]], "can run this workload: hard limits of AWS rule all of them out."),
        ([["setting"], ["account", "aws"]], "can run this workload: hard limits of AWS, quotas of the account and their"
         " own settings rule all of them out."),
        ([["aws"], ["headroom"]], "could be simulated: hard limits of AWS and what Headroom cannot simulate rule all of"
         " them out."),
    ],
)  # fmt: skip
def test_the_verdict_on_several_blames_those_who_forbid_them(limits_of_each: list[list[Whose]], sentence: str) -> None:
    limits = [[limit(whose) for whose in owners] for owners in limits_of_each]
    assert limit_text.none_can_run(limits) == f"None of the 2 deployments {sentence}"


def test_what_headroom_cannot_simulate_is_no_verdict_on_the_workload() -> None:
    said = limit_text.none_can_run([[limit("headroom")], [limit("headroom")]])
    assert said == "Headroom cannot simulate any of the 2 deployments together with what is asked of them."


def test_the_baseline_is_forbidden_by_others_and_priced_whatever_headroom_can_simulate() -> None:
    named = [("A", [limit("aws"), limit("aws", "GPU")]), ("B", [limit("aws"), limit("setting")]), ("C", [])]
    assert limit_text.forbids(named) == "Hard limits of AWS forbid it for A and B. Its own settings forbid it for B."
    assert limit_text.forbids([("C", [])]) == ""
