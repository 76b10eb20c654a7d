from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from headroom.sharing.problems import MAX_PROBLEMS, problems_of
from simulator.errors import Problem
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import Scenario


def problems(given: dict[str, Any]) -> tuple[Problem, ...]:
    with pytest.raises(ValidationError) as caught:
        Scenario.model_validate(given, strict=False)
    return problems_of(caught.value)


def with_traffic(**traffic: Any) -> dict[str, Any]:
    return {"workload": {"traffic": traffic}}


def with_deployment(**deployment: Any) -> dict[str, Any]:
    return {"deployments": [deployment]}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            with_traffic(kind="constant", rate_per_s=-1),
            "workload.traffic.rate_per_s: given -1; allowed: a number from 0 to 1,000,000 1/s.",
        ),
        (
            with_traffic(kind="profile", shape=[1, -2]),
            "workload.traffic.shape[1]: given -2; allowed: a number from 0 to 1,000,000.",
        ),
        (
            with_traffic(kind="profile", shape=[0.0]),
            "workload.traffic: given shape a list of 1; allowed: at least one point above 0.",
        ),
        (
            with_traffic(kind="steps", steps=[{"at_s": 5}, {"at_s": "x"}]),
            "workload.traffic.steps[1].at_s: given 'x'; allowed: a number from 0 to 100,000,000 s.",
        ),
        (
            with_traffic(kind="constnat"),
            "workload.traffic.kind: given 'constnat'; allowed: one of constant, profile, steps, bursts, jobs, trace, "
            "counts, timestamps. Did you mean constant?",
        ),
        (
            with_traffic(rate_per_s=1),
            "workload.traffic.kind: given nothing; allowed: one of constant, profile, steps, bursts, jobs, trace, "
            "counts, timestamps. Say which kind it is.",
        ),
        (
            with_deployment(pattern="serverless", memory_size_in_mb=1000),
            "deployments[0].memory_size_in_mb: given 1000; allowed: one of 1024, 2048, 3072, 4096, 5120, 6144.",
        ),
        (
            with_deployment(pattern="serverless", provisioned_concurrency=30),
            "deployments[0]: given provisioned_concurrency 30, max_concurrency 20; allowed: provisioned_concurrency <= "
            "max_concurrency.",
        ),
        (
            with_deployment(pattern="realtime", scaling={"target_value": 0}),
            "deployments[0].scaling.target_value: given 0; allowed: a number above 0 and at most 10,000,000 1/min.",
        ),
        (
            with_deployment(pattern="serverless", max_concurency=5),
            "deployments[0].max_concurency: given an unknown key; allowed: only the keys pattern, name, "
            "memory_size_in_mb, max_concurrency, provisioned_concurrency, scaling, min_capacity, max_capacity, "
            "scheduled_actions. Did you mean max_concurrency?",
        ),
        ({"region": ""}, "region: given ''; allowed: a text of 1 to 80 characters."),
        ({"workload": 5}, "workload: given 5; allowed: a table."),
        ({"requirement": {"needs_gpu": "maybe"}}, "requirement.needs_gpu: given 'maybe'; allowed: true or false."),
        ({"simulation": {"seed": 1.5}}, "simulation.seed: given 1.5; allowed: a whole number from 0 to 2,147,483,647."),
        ({"prices": [{"usd": 1}]}, "prices[0].usage: given nothing; allowed: a text of 1 to 60 characters. Add it."),
        (
            {"deployments": [{"pattern": "batch"}] * 13},
            "deployments: given a list of 13; allowed: a list of at most 12 entries.",
        ),
        ({"x\nred": 1}, "an unknown key"),
    ],
)
def test_a_problem_says_where_what_and_what_is_allowed(given: dict[str, Any], text: str) -> None:
    found = problems(given)
    assert len(found) == 1
    assert text in str(found[0])
    assert "\n" not in str(found[0])


def test_all_problems_come_at_once() -> None:
    found = problems({"region": "", "workload": {"request_mb": -1, "client": {"processes": 0}}, "nonsense": 1})
    assert [problem.where for problem in found] == [
        "region",
        "workload.client.processes",
        "workload.request_mb",
        "nonsense",
    ]


def test_what_was_given_is_cut() -> None:
    [problem] = problems({"region": "x" * 10_000})
    assert len(problem.given) == 60


def test_very_many_problems_are_counted() -> None:
    found = problems(with_traffic(kind="counts", requests=[-1] * 1000))
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1].given == "950 more problems"


def test_a_part_is_named_by_its_place() -> None:
    with pytest.raises(ValidationError) as caught:
        ServerlessDeployment(max_concurrency=0)
    [problem] = problems_of(caught.value, ServerlessDeployment, "deployments[2]")
    assert problem.where == "deployments[2].max_concurrency"
