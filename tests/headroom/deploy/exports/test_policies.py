"""The exported policies: every call that is made lies inside, each action is needed, and nothing beyond is allowed."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest

from headroom.deploy.exports.policies import (
    MOST_CHARACTERS,
    account_of,
    deployer_policy,
    execution_role_policy,
    scheduler_role_policy,
    trust_policy,
)
from headroom.deploy.form import Form
from simulator.patterns.registry import Deployment
from tests.aws.account import ACCOUNT, REGION, Call
from tests.aws.server import Aws
from tests.headroom.deploy.exports.programs import PLACED, form_of, python
from tests.headroom.deploy.placements import FULL, OPEN
from tests.headroom.deploy.rich import ASYNCHRONOUS, BATCH, REALTIME, RICH, SERVERLESS
from tests.headroom.deploy.test_form import form_of as form_elsewhere

every_pattern = pytest.mark.parametrize("deployment", RICH, ids=lambda deployment: deployment.pattern)
ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
_NAMED = {
    "ModelName": "model", "EndpointConfigName": "endpoint-config", "EndpointName": "endpoint",
    "TransformJobName": "transform-job",
}  # fmt: skip


def resources_of(call: Call) -> list[str]:
    """ARNs of what a call is about."""
    given = call.parameters or {}
    if call.service == "sagemaker":
        return [ARN.format("sagemaker", f"{kind}/{given[key]}") for key, kind in _NAMED.items() if key in given]
    if call.service == "application-autoscaling":
        return [ARN.format(call.service, "scalable-target/0123456789")]
    name = given.get("AlarmName") or (given.get("AlarmNames") or [""])[0]
    if call.service in {"cloudwatch", "monitoring"} and name:
        return [ARN.format("cloudwatch", f"alarm:{name}")]
    return []


def allows(policy: dict[str, Any], action: str, resource: str | None) -> bool:
    for statement in policy["Statement"]:
        wanted = statement["Resource"]
        resources = [wanted] if isinstance(wanted, str) else wanted
        if action in statement["Action"] and (resource is None or any(fnmatchcase(resource, arn) for arn in resources)):
            return True
    return False


def calls_of(aws: Aws, form: Form) -> list[Call]:
    for action in ("create", "destroy"):
        assert python(aws, form, action).returncode == 0
    return list(aws.account.calls)


@every_pattern
def test_every_call_lies_inside_and_taking_an_action_out_is_noticed(aws: Aws, deployment: Deployment) -> None:
    form = form_of(deployment, PLACED)
    policy = json.loads(deployer_policy(form))
    calls = calls_of(aws, form)
    # AWS checks budgets, and tags given at a creation, under other names.
    renamed = {"budgets:DescribeBudget": "budgets:ViewBudget", "budgets:CreateBudget": "budgets:ModifyBudget"}
    renamed["budgets:DeleteBudget"] = "budgets:ModifyBudget"
    asked = {
        (renamed.get(call.action, call.action), resource or None)
        for call in calls
        for resource in resources_of(call) or [""]
    }
    denied = {pair for pair in asked if not allows(policy, *pair)}
    assert denied == set()
    for action in {action for action, _ in asked}:
        less = json.loads(json.dumps(policy))
        for statement in less["Statement"]:
            statement["Action"] = [kept for kept in statement["Action"] if kept != action]
        assert any(not allows(less, *pair) for pair in asked), action


@every_pattern
@pytest.mark.parametrize("placement", [FULL, OPEN], ids=["placed", "open"])
def test_a_policy_is_one_that_iam_takes(deployment: Deployment, placement: Any) -> None:
    form = form_elsewhere(deployment, placement)
    for text in (deployer_policy(form), execution_role_policy(form), trust_policy(form), scheduler_role_policy(form)):
        assert len(re.sub(r"\s", "", text)) <= MOST_CHARACTERS
        policy = json.loads(text)
        assert policy["Version"] == "2012-10-17"
        sids = [statement.get("Sid", "") for statement in policy["Statement"]]
        assert len(set(sids)) == len(sids)
        assert all(re.fullmatch("[A-Za-z0-9]*", sid) for sid in sids)


def test_nothing_of_another_deployment_is_allowed() -> None:
    policy = json.loads(deployer_policy(form_of(REALTIME, PLACED)))
    for action, resource in (
        ("sagemaker:DeleteEndpoint", "endpoint/other"),
        ("sagemaker:DeleteEndpoint", "endpoint/tested-2"),
        ("sagemaker:DeleteModel", "model/tested-other-model"),
        ("sagemaker:CreateEndpointConfig", "endpoint-config/others-0a1b2c3d"),
        ("sagemaker:CreateTransformJob", "transform-job/tested-0a1b2c3d"),
    ):
        assert not allows(policy, action, ARN.format("sagemaker", resource)), resource
    assert allows(policy, "sagemaker:DeleteModel", ARN.format("sagemaker", "model/TestedModel-9U4PNGXXXX"))


def test_no_dearer_type_and_no_larger_variant() -> None:
    def ceiling(deployment: Deployment) -> Any:
        statements = json.loads(deployer_policy(form_of(deployment, PLACED)))["Statement"]
        (found,) = [entry for entry in statements if entry["Sid"] in ("Configure",)]
        return found["Condition"]

    assert ceiling(REALTIME) == {
        "ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large"]},
        "Null": {"sagemaker:InstanceTypes": "false"},
    }
    limits = ceiling(SERVERLESS)["NumericLessThanEquals"]
    assert limits == {"sagemaker:ServerlessMaxConcurrency": 20, "sagemaker:ServerlessMemorySize": 2048}


def test_roles_are_passed_to_their_service_alone() -> None:
    statements = json.loads(deployer_policy(form_of(BATCH, PLACED)))["Statement"]
    passed = [entry for entry in statements if "iam:PassRole" in entry["Action"]]
    assert [entry["Condition"]["StringEquals"]["iam:PassedToService"] for entry in passed] == [
        "sagemaker.amazonaws.com",
        "scheduler.amazonaws.com",
    ]
    assert all(entry["Resource"] != ["*"] for entry in passed)
    open_sids = [entry["Sid"] for entry in json.loads(deployer_policy(form_elsewhere(BATCH, OPEN)))["Statement"]]
    assert "PassAnyRoleUntilYoursIsNamed" in open_sids


def test_the_execution_role_has_what_the_pattern_needs() -> None:
    asynchronous = json.loads(execution_role_policy(form_of(ASYNCHRONOUS, PLACED)))
    assert allows(asynchronous, "sns:Publish", ARN.format("sns", "tested-error-topic"))
    assert allows(asynchronous, "s3:PutObject", "arn:aws:s3:::headroom-models/out/answers/1")
    assert allows(asynchronous, "cloudwatch:DescribeAlarms", ARN.format("cloudwatch", "alarm:tested-errors"))
    realtime = json.loads(execution_role_policy(form_of(REALTIME, PLACED)))
    assert allows(realtime, "s3:GetObject", "arn:aws:s3:::headroom-models/model.tar.gz")
    assert not allows(realtime, "s3:PutObject", None)
    assert not allows(realtime, "s3:GetObject", "arn:aws:s3:::headroom-models/other.tar.gz")
    repository = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/model"
    assert allows(realtime, "ecr:BatchGetImage", repository)
    vpc = PLACED.model_copy(update={"subnets": ("subnet-12345678",), "security_group_ids": ("sg-12345678",)})
    with_vpc = json.loads(execution_role_policy(form_of(REALTIME, vpc)))
    assert allows(with_vpc, "ec2:CreateNetworkInterface", None)
    assert not allows(realtime, "ec2:CreateNetworkInterface", None)


def test_trust_is_sagemakers_for_this_account() -> None:
    (statement,) = json.loads(trust_policy(form_of(REALTIME, PLACED)))["Statement"]
    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert account_of(form_elsewhere(REALTIME, OPEN)) == "*"
    assert "Condition" not in json.loads(trust_policy(form_elsewhere(REALTIME, OPEN)))["Statement"][0]


def test_only_a_schedule_needs_a_role_of_its_own() -> None:
    assert json.loads(scheduler_role_policy(form_of(REALTIME, PLACED)))["Statement"] == []
    (statement,) = json.loads(scheduler_role_policy(form_of(BATCH, PLACED)))["Statement"]
    assert statement["Action"] == ["sagemaker:CreateTransformJob"]
