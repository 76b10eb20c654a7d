from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.sharing.toml_file import MAX_CHARS, read_scenario, write_scenario
from simulator.errors import HeadroomError, InvalidScenario, Problem
from simulator.model.assumptions import Assumptions
from simulator.model.workload import Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogTracking
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment, RealtimeStepOut
from simulator.scaling.policies import ConcurrencyTracking, ScheduledAction, StepAdjustment
from simulator.scenario import Scenario
from tests.strategies import scenarios


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(InvalidScenario) as caught:
        read_scenario(text)
    return caught.value.problems


@given(scenarios())
def test_a_written_scenario_is_read_back(scenario: Scenario) -> None:
    assert read_scenario(write_scenario(scenario)) == scenario


@given(st.text(min_size=1, max_size=80))
def test_any_name_is_read_back(name: str) -> None:
    scenario = Scenario(workload=Workload(name=name))
    assert read_scenario(write_scenario(scenario)) == scenario


@pytest.mark.parametrize("scaling", [None, InvocationsTracking(), InvocationsTracking(target_value=7)])
def test_realtime_scaling_is_read_back(scaling: InvocationsTracking | None) -> None:
    scenario = Scenario(deployments=(RealtimeDeployment(scaling=scaling),))
    assert read_scenario(write_scenario(scenario)) == scenario


@pytest.mark.parametrize("scaling", [None, BacklogTracking(), BacklogTracking(target_value=7)])
def test_asynchronous_scaling_is_read_back(scaling: BacklogTracking | None) -> None:
    scenario = Scenario(deployments=(AsynchronousDeployment(scaling=scaling),))
    assert read_scenario(write_scenario(scenario)) == scenario


SCALED = """schema = 1
[[deployments]]
pattern = "realtime"
max_capacity = 6
step_scale_in = "none"
[deployments.concurrency_scaling]
target_value = 8
[deployments.step_scale_out]
threshold = 50
[[deployments.step_scale_out.step_adjustments]]
[[deployments.step_scale_out.step_adjustments]]
distance = 10
scaling_adjustment = 2
[[deployments.scheduled_actions]]
schedule = "cron(0 20 ? * FRI *)"
timezone = "Europe/Berlin"
[[deployments.scheduled_actions]]
schedule = "at(08:00)"
min_capacity = 2
"""


def test_policies_and_scheduled_actions_in_a_file() -> None:
    (deployment,) = read_scenario(SCALED).deployments
    assert deployment == RealtimeDeployment(
        max_capacity=6,
        concurrency_scaling=ConcurrencyTracking(target_value=8),
        step_scale_out=RealtimeStepOut(
            threshold=50,
            step_adjustments=(StepAdjustment(), StepAdjustment(distance=10, scaling_adjustment=2)),
        ),
        scheduled_actions=(
            ScheduledAction(schedule="cron(0 20 ? * FRI *)", timezone="Europe/Berlin"),
            ScheduledAction(schedule="at(08:00)", min_capacity=2),
        ),
    )
    assert read_scenario(write_scenario(read_scenario(SCALED))).deployments == (deployment,)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "FRI",
            "FRU",
            "deployments[0].scheduled_actions[0].schedule: given 'cron(0 20 ? * FRU *)'; allowed: the weekday",
        ),
        ("Europe/Berlin", "Berlin", "deployments[0].scheduled_actions[0].timezone: given 'Berlin'"),
        ("distance = 10", "distance = 0", "deployments[0].step_scale_out: given step_adjustments a list of 2"),
        ("min_capacity = 2", "min_capacity = 0", "deployments[0]: given scheduled_actions a list of 2"),
        ("threshold = 50", "treshold = 50", "Did you mean threshold?"),
    ],
)
def test_what_is_wrong_with_policies_is_named(before: str, after: str, said: str) -> None:
    (found,) = problems(SCALED.replace(before, after))
    assert said in str(found)


def test_the_shortest_file_is_the_default_scenario() -> None:
    assert read_scenario("schema = 1") == Scenario()


def test_a_file_may_leave_out_what_is_as_usual() -> None:
    text = 'schema = 1\n[[deployments]]\npattern = "realtime"\n[deployments.scaling]\n'
    assert read_scenario(text).deployments == (RealtimeDeployment(scaling=InvocationsTracking()),)


def test_written_values_carry_unit_and_meaning() -> None:
    text = write_scenario(Scenario(assumptions=Assumptions(overhead_ms=12)))
    assert (
        "request_mb = 0.01  # MB. Mean size of a request or record as it is sent: base64 adds a third."
        in text.splitlines()
    )
    assert "[assumptions]\noverhead_ms = 12" in text


def test_assumptions_that_are_as_usual_are_not_written() -> None:
    assert "[assumptions]" not in write_scenario(Scenario())


def test_all_problems_come_at_once() -> None:
    text = """
schema = 1
region = 5
[workload]
request_mb = "5"
model_mbb = 3
[workload.traffic]
kind = "constant"
rate_per_s = -1
[requirement]
needs_gpu = 1
[[deployments]]
pattern = "serverless"
max_concurrency = 2.0
"""
    found = {problem.where: str(problem) for problem in problems(text)}
    assert list(found) == [
        "region",
        "workload.traffic.rate_per_s",
        "workload.request_mb",
        "workload.model_mbb",
        "requirement.needs_gpu",
        "deployments[0].max_concurrency",
    ]
    assert "given 5; allowed: a text" in found["region"]
    assert "given '5'; allowed: a number from 0 to 10,000 MB" in found["workload.request_mb"]
    assert "Did you mean model_mb?" in found["workload.model_mbb"]
    assert "given 2.0; allowed: a whole number from 1 to 200" in found["deployments[0].max_concurrency"]


@pytest.mark.parametrize(
    ("text", "where", "given_"),
    [
        ("schema = 1\nregion = \n", "line 2, column 10", "broken TOML"),
        ("schema = 1\nregion = 'x", "line 2, at the end", "broken TOML"),
        ("schema = 1\nschema = 1\nregion = 5", "line 2, column 11", "broken TOML"),
        ("<html>", "line 1, column 1", "broken TOML"),
        ("schema = 1\nx = " + "[" * 19_000, "", "inside each other"),
        ("schema = 1\nx = " + "9" * 5000, "", "thousands of digits"),
        (".".join(["a"] * 100_000) + " = 1", "", "very many parts"),
        ("x = 1" + " " * MAX_CHARS, "", "4,000,005 characters"),
        ("x = [" + "[" * 3_900_000, "", "too many tables or lists"),
        ("x = [" + "[]," * 1_000_000 + "]", "", "too many tables or lists"),
        ("x = [" + "1," * 1_900_000 + "]", "", "too many values"),
        ("\n".join(f"a{i}=1" for i in range(51_000)), "", "too many keys"),
        ("\n" * 510_000, "", "too many lines"),
        ("", "schema", "nothing"),
        ("region = 'x'", "schema", "nothing"),
        ("schema = 2", "schema", "2"),
        ("schema = 0", "schema", "0"),
        ("schema = true", "schema", "True"),
        ("schema = 1.0", "schema", "1.0"),
        ("schema = '1'", "schema", "'1'"),
        ("schema = 1\n[requirement]\nlatency_limit_s = nan", "requirement.latency_limit_s", "nan"),
        ("schema = 1\n[requirement]\nlatency_limit_s = -inf", "requirement.latency_limit_s", "-inf"),
        ("schema = 1\nregion = 2026-01-01", "region", "the date or time 2026-01-01"),
        ("schema = 1\n[[prices]]\nusage = 'a'\nusd = 07:00:00", "prices[0].usd", "the date or time"),
        ("schema = 1\n[workload.traffic]\nkind = 'counts'\nrequests = []", "workload.traffic", "requests a list of 0"),
        ("schema = 1\ndeployments = 5", "deployments", "5"),
        ("schema = 1\ndeployments = [5]", "deployments[0]", "5"),
    ],
)
def test_a_bad_file_says_where_and_what(text: str, where: str, given_: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert found[0].where == where
    assert given_ in found[0].given


def test_a_newer_schema_says_so() -> None:
    assert "newer version" in str(problems("schema = 2")[0])


@given(st.text(st.sampled_from("schema=1.[]{}\"'\n#ab,"), max_size=60))
def test_any_text_gives_a_scenario_or_one_of_our_errors(text: str) -> None:
    try:
        scenario = read_scenario(text)
    except HeadroomError:
        return
    assert isinstance(scenario, Scenario)


def test_a_number_that_is_none_does_not_hide_the_other_problems() -> None:
    text = (
        'schema = 1\n[workload]\nnam = "x"\nrequest_mb = -1\n[workload.traffic]\nkind = "constant"\nrate_per_s = nan\n'
    )
    with pytest.raises(InvalidScenario) as caught:
        read_scenario(text)
    assert [problem.where for problem in caught.value.problems] == [
        "workload.traffic.rate_per_s",
        "workload.request_mb",
        "workload.nam",
    ]
