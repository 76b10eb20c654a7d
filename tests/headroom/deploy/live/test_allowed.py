"""Every call of a deployment lies inside the exported policy, and what its removal may not look for stops nothing."""

from __future__ import annotations

import json

import pytest

from headroom.deploy.exports.policies import deployer_policy
from simulator.patterns.base import BaseDeployment
from tests.aws.account import Call
from tests.headroom.deploy.exports.test_policies import allows, resources_of
from tests.headroom.deploy.live.drill import NAME, REALTIME, TOLD, Drill, by_pattern, wish

IN_IAM = {
    "s3:HeadObject": "s3:GetObject",
    "service-quotas:ListServiceQuotas": "servicequotas:ListServiceQuotas",
    "budgets:DescribeBudget": "budgets:ViewBudget",
}
"""Actions that AWS checks under another name than that of the call."""


def denied(policy: dict, calls: list[Call]) -> set[str]:
    """The actions of calls that a policy does not allow."""
    asked: set[tuple[str, str | None]] = set()
    for call in calls:
        arns: list[str | None] = [*resources_of(call)] or [None]
        asked |= {(IN_IAM.get(call.action, call.action), arn) for arn in arns}
    return {action for action, arn in asked if not allows(policy, action, arn)}


@by_pattern
def test_every_call_lies_inside_the_exported_policy(deployment: BaseDeployment, drill: Drill) -> None:
    log = drill.aws.account.calls
    newer = TOLD.model_copy(update={"image": TOLD.image.replace(":1", ":2")})
    drill.apply(wish(deployment, TOLD))
    drill.apply(wish(deployment, newer))
    form = drill.plan(wish(deployment, newer)).form
    assert form is not None
    policy = json.loads(deployer_policy(form))
    assert denied(policy, log) == set()
    begun = len(log)
    drill.destroy()
    removing = denied(policy, log[begun:])
    assert all(action.partition(":")[2].startswith(("Describe", "List", "Get", "View")) for action in removing)


@pytest.mark.parametrize("operation", ["GetSchedule", "ListTransformJobs", "ListTopics", "DescribeBudget"])
def test_what_a_removal_may_not_look_for_is_said(operation: str, drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    drill.aws.account.fail(operation, code="AccessDeniedException", message="not yours", times=99)
    plan = drill.deployer.plan_destroy(NAME)
    assert any("may not look for" in note for note in plan.notes)
    drill.deployer.destroy(plan, NAME)
    assert drill.everything() == []
