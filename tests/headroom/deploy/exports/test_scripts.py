"""deploy.py and deploy.sh as people run them, against an AWS on loopback: the same state, twice, changed, and gone."""

from __future__ import annotations

import ast
import pprint
import re
from collections.abc import Mapping

import pytest

from headroom.deploy.exports import script
from headroom.deploy.exports.python_script import plan_of, python_script
from headroom.deploy.form import Form, make_form
from simulator.model.placement import Placement
from simulator.model.workload import Workload
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Jobs
from tests.aws.account import REGION
from tests.aws.server import Aws
from tests.headroom.deploy.exports.programs import (
    LIGHT,
    PLACED,
    Program,
    form_of,
    placement,
    python,
    python_process,
    shell,
    state,
)
from tests.headroom.deploy.rich import ASYNCHRONOUS, BATCH, RICH, SERVERLESS
from tests.headroom.deploy.test_form import prepared

BY_SHELL = pytest.param(
    shell, marks=[pytest.mark.slow, pytest.mark.exhaustive], id="shell"
)  # AWS's CLI: seconds a call
either = pytest.mark.parametrize("program", [python, BY_SHELL])


def comes_and_goes(aws: Aws, program: Program, form: Form) -> Mapping[str, object]:
    """What is there after creating; creating again changes nothing, and destroying leaves nothing."""
    created = program(aws, form, "create")
    assert (created.returncode, created.stderr) == (0, "")
    there = state(aws)
    for entry in form.resources:
        assert entry.name in str(there), entry.logical_id
    again = program(aws, form, "create")
    assert (again.returncode, again.stderr) == (0, "")
    assert state(aws) == there
    assert "created" not in again.stdout
    destroyed = program(aws, form, "destroy")
    assert (destroyed.returncode, destroyed.stderr) == (0, "")
    assert (aws.account.left(), aws.account.billable()) == ([], [])
    gone = state(aws)
    assert not any(gone[kind] for kind in ("alarms", "topics", "schedules", "budgets"))
    assert program(aws, form, "destroy").returncode == 0
    return there


@pytest.mark.parametrize("deployment", RICH, ids=lambda deployment: deployment.pattern)
def test_python_creates_all_of_it_once_and_takes_all_of_it_away(aws: Aws, deployment: Deployment) -> None:
    assert comes_and_goes(aws, python, form_of(deployment, PLACED))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("deployment", "placed"),
    [
        pytest.param(ASYNCHRONOUS, PLACED, id="async", marks=pytest.mark.exhaustive),
        pytest.param(BATCH, LIGHT, id="batch"),
    ],
)
def test_the_shell_script_makes_the_same_state(aws: Aws, deployment: Deployment, placed: Placement) -> None:
    form = form_of(deployment, placed)
    by_shell = comes_and_goes(aws, shell, form)
    aws.reset()
    assert without_ids(comes_and_goes(aws, python, form)) == without_ids(by_shell)


def without_ids(there: Mapping[str, object]) -> str:
    """Without the ids that AWS draws anew: those of policies and targets in ARNs."""
    ids = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|scalable-target/\w+|scalingPolicy:\w+"
    return re.sub(ids, "ID", pprint.pformat(there, width=100_000))


def test_the_file_runs_by_itself(aws: Aws) -> None:
    created = python_process(aws, form_of(ASYNCHRONOUS, PLACED), "create")
    assert (created.returncode, created.stderr) == (0, "")
    assert list(aws.account.endpoints) == ["tested"]
    assert python_process(aws, form_of(ASYNCHRONOUS, PLACED), "delete").returncode == 2


@either
def test_another_plan_of_the_deployment_replaces_what_differs(aws: Aws, program: Program) -> None:
    scaled = RealtimeDeployment(instance_type="ml.m5.large", scaling=InvocationsTracking())
    before = form_of(scaled, LIGHT)
    after = form_of(scaled.model_copy(update={"instance_type": "ml.c5.xlarge", "max_capacity": 8}), LIGHT)
    assert program(aws, before, "create").returncode == 0
    updated = program(aws, after, "create")
    assert (updated.returncode, updated.stderr) == (0, "")
    (endpoint,) = aws.account.endpoints.values()
    assert endpoint["EndpointConfigName"] == after["EndpointConfig"].name
    (target,) = aws.account.targets.values()
    assert target["MaxCapacity"] == 8
    assert len(aws.account.policies) == 1
    destroyed = program(aws, after, "destroy")
    assert destroyed.returncode == 0
    assert "of an earlier plan" in destroyed.stdout
    assert aws.account.left() == []


@either
def test_what_another_has_made_is_not_touched(aws: Aws, program: Program) -> None:
    theirs = form_of(RealtimeDeployment(), LIGHT)
    assert python(aws, theirs, "create").returncode == 0
    for tags in aws.account.tags.values():
        tags.clear()
    ours = form_of(RealtimeDeployment(initial_instance_count=2), LIGHT)
    for action in ("create", "destroy"):
        refused = program(aws, ours, action)
        assert refused.returncode == 1
        assert "not ours" in refused.stderr
    assert aws.account.endpoints["tested"]["EndpointConfigName"] == theirs["EndpointConfig"].name


@either
def test_a_silent_rollback_is_told(aws: Aws, program: Program) -> None:
    assert program(aws, form_of(RealtimeDeployment(), LIGHT), "create").returncode == 0
    aws.account.rollback = "silent"
    more = form_of(RealtimeDeployment(initial_instance_count=2), LIGHT)
    told = program(aws, more, "create")
    assert told.returncode == 1
    assert more["EndpointConfig"].name in told.stderr


def test_no_capacity_is_told_and_not_called_done(aws: Aws) -> None:
    aws.account.no_capacity = True
    told = python(aws, form_of(RealtimeDeployment(), PLACED), "create")
    assert told.returncode == 1
    assert "Failed" in told.stderr
    assert python(aws, form_of(RealtimeDeployment(), PLACED), "destroy").returncode == 0
    assert aws.account.left() == []


@either
def test_what_the_plan_leaves_open_is_given_when_it_runs(aws: Aws, program: Program) -> None:
    form = form_of(SERVERLESS, placement(execution_role_arn="", image="", account="", idle_alarm_hours=0))
    assert set(form.open) == {"image", "execution_role_arn", "account"}
    without = program(aws, form, "create")
    assert without.returncode != 0
    assert "image" in without.stderr.lower()
    given = {"image": PLACED.image, "execution_role_arn": PLACED.execution_role_arn}
    made = program(aws, form, "create", **given)
    assert (made.returncode, made.stderr) == (0, "")
    (name,) = aws.account.models
    assert name != form["Model"].name
    assert program(aws, form, "create", **{**given, "image": PLACED.image.replace(":1", ":2")}).returncode == 0
    assert len(aws.account.models) == 2


@pytest.mark.slow
def test_both_programs_call_what_is_left_open_by_the_same_names(aws: Aws) -> None:
    form = form_of(ServerlessDeployment(), LIGHT.model_copy(update={"execution_role_arn": "", "image": ""}))
    given = {"image": PLACED.image, "execution_role_arn": PLACED.execution_role_arn}
    assert python(aws, form, "create", **given).returncode == 0
    assert shell(aws, form, "create", **given).returncode == 0
    assert len(aws.account.models) == len(aws.account.configs) == 1
    evil = shell(aws, form, "create", **{**given, "image": 'x"; touch /tmp/here; "'})
    assert evil.returncode == 1
    assert "IMAGE holds what it cannot have" in evil.stderr


def test_the_script_is_the_module_with_another_plan() -> None:
    text = python_script(form_of(ASYNCHRONOUS, PLACED))
    (plan,) = [node for node in ast.parse(text).body if isinstance(node, ast.AnnAssign)]
    assert plan.value is not None
    assert ast.literal_eval(plan.value) == plan_of(form_of(ASYNCHRONOUS, PLACED))
    assert script.PLAN["resources"] == []


def test_a_job_of_a_data_set_is_started_once_and_stopped(aws: Aws) -> None:
    form = make_form(prepared(Workload(traffic=Jobs()), REGION), BATCH, PLACED)
    assert python(aws, form, "create").returncode == 0
    assert list(aws.account.jobs) == [form["TransformJob"].name]
    assert python(aws, form, "create").returncode == 0
    assert python(aws, form, "destroy").returncode == 0
    assert aws.account.billable() == []
