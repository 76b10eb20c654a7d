"""Every pattern from nothing to what was planned, and back to nothing."""

from __future__ import annotations

import pytest

from headroom.deploy.live.observe import drift
from simulator.patterns.base import BaseDeployment
from simulator.patterns.registry import PATTERNS
from tests.headroom.deploy.live.drill import ONE_OF_EACH, TOLD, Drill, by_pattern, wish

BILLED = {
    "realtime": ["endpoint tested: 2 x ml.m5.large"],
    "serverless": ["endpoint tested: provisioned concurrency 2"],
    "asynchronous": ["endpoint tested: 1 x ml.m5.xlarge"],
    "batch": [],
}


def test_every_pattern_has_its_drill() -> None:
    assert {deployment.pattern for deployment in ONE_OF_EACH} == {pattern.key for pattern in PATTERNS} == set(BILLED)


@by_pattern
def test_from_nothing_to_the_plan_and_back(deployment: BaseDeployment, drill: Drill) -> None:
    wanted = wish(deployment, TOLD)
    plan = drill.plan(wanted)
    assert plan.aim == "create"
    assert plan.possible, plan.checks
    assert drill.aws.account.writes() == []
    live = drill.deployer.apply(wanted, plan, plan.name)
    assert plan.form is not None
    assert drift(plan.form, live) == {}
    assert drill.billable == BILLED[deployment.pattern]
    assert [line for line in drill.everything() if line.startswith("schedule")] == (
        [] if BILLED[deployment.pattern] else ["schedule tested"]
    )
    again = drill.plan(wanted)
    assert (again.aim, again.steps) == ("nothing", ())
    drill.destroy()
    assert drill.everything() == []
    assert drill.billable == []


def test_a_second_apply_changes_nothing(drill: Drill) -> None:
    wanted = wish(ONE_OF_EACH[0])
    drill.apply(wanted)
    before = drill.aws.account.writes()
    drill.apply(wanted)
    assert drill.aws.account.writes() == before


def test_what_is_shown_before_anything_is_done(drill: Drill) -> None:
    plan = drill.plan(wish(ONE_OF_EACH[0]))
    assert [(step.do, step.kind) for step in plan.steps] == [
        ("create", "model"),
        ("create", "endpoint_config"),
        ("create", "endpoint"),
        ("wait", "endpoint"),
        ("create", "scalable_target"),
        ("create", "scaling_policy"),
        ("create", "scheduled_action"),
    ]
    assert plan.costs is not None
    assert plan.costs.most_usd_per_month > plan.costs.usd_per_month > 0
    assert {check.what for check in plan.checks} == {
        *("account", "execution_role_arn", "image", "model data", "ml.m5.large for endpoint usage")
    }
    assert (plan.account, plan.region) == ("123456789012", "eu-west-1")
    assert plan.endpoint == drill.aws.url


@pytest.mark.parametrize("index", range(len(ONE_OF_EACH)))
def test_the_same_wish_is_the_same_plan(index: int, drill: Drill) -> None:
    wanted = wish(ONE_OF_EACH[index])
    assert drill.plan(wanted).hash == drill.plan(wanted).hash
