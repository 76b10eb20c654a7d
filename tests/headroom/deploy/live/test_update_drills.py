"""Updates of an endpoint that serves: each way, under scaling, in place, rolled back, stuck, and under another type."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.deploy.live.deployer import NotDone
from headroom.deploy.updates import UpdateChoice, Way
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from tests.headroom.deploy.live.drill import (
    ASYNCHRONOUS,
    NAME,
    PLACEMENT,
    REALTIME,
    SERVERLESS,
    Drill,
    Killed,
    kill_at,
    wish,
)

SLOW = pytest.mark.slow
NEW_IMAGE = PLACEMENT.model_copy(update={"image": PLACEMENT.image.replace(":1", ":2")})
OTHER_TYPE = REALTIME.model_copy(update={"instance_type": "ml.m5.xlarge"})


def call(drill: Drill, operation: str) -> dict[str, Any]:
    """The parameters of the last call of an operation."""
    return next(made.parameters for made in reversed(drill.aws.account.calls) if made.operation == operation)


def kept_to_the_plan(drill: Drill, wanted: Any, billed: list[str]) -> None:
    """What is there is the plan and nothing else: one configuration, one model, no alarm of the update."""
    assert drill.plan(wanted).aim == "nothing"
    assert drill.billable == billed
    assert len(drill.aws.account.configs) == len(drill.aws.account.models) == 1
    assert not [line for line in drill.everything() if "rollback" in line]


@pytest.mark.parametrize(
    "way", ["canary", "rolling", *(pytest.param(way, marks=SLOW) for way in ("all-at-once", "linear"))]
)
def test_each_way_of_updating(way: Way, drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    wanted = wish(REALTIME, NEW_IMAGE, UpdateChoice(way=way, p99_s=0.4, error_share=0.001))
    plan = drill.plan(wanted)
    assert plan.aim == "update"
    assert plan.costs is not None
    share = 0.25 if way == "rolling" else 1.0
    assert plan.during_usd_per_hour == pytest.approx(share * plan.costs.usd_per_hour)
    drill.deployer.apply(wanted, plan, NAME)
    told = call(drill, "UpdateEndpoint")["DeploymentConfig"]
    assert ("RollingUpdatePolicy" in told) is (way == "rolling")
    assert len(told["AutoRollbackConfiguration"]["Alarms"]) == 2
    kept_to_the_plan(drill, wanted, ["endpoint tested: 2 x ml.m5.large"])


def test_the_alarms_are_set_from_what_was_simulated(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    steps = drill.plan(wish(REALTIME, NEW_IMAGE)).steps
    alarms = {step.name: step.parameters for step in steps if step.do == "create" and step.kind == "alarm"}
    assert alarms["tested-rollback-latency"]["Threshold"] == 600_000
    assert alarms["tested-rollback-latency"]["ExtendedStatistic"] == "p99"
    assert alarms["tested-rollback-errors"]["Threshold"] == 0.01


def test_without_a_simulation_there_are_no_alarms(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    wanted = wish(REALTIME, NEW_IMAGE, UpdateChoice())
    assert not [step for step in drill.plan(wanted).steps if step.kind == "alarm"]


def test_an_update_keeps_the_capacity_that_scaling_reached(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    variant = drill.aws.account.endpoints[NAME]["ProductionVariants"][0]
    variant["DesiredInstanceCount"] = variant["CurrentInstanceCount"] = 4
    wanted = wish(REALTIME, NEW_IMAGE)
    drill.apply(wanted)
    kept_to_the_plan(drill, wanted, ["endpoint tested: 4 x ml.m5.large"])


def test_the_quota_has_to_hold_both_fleets(drill: Drill) -> None:
    drill.apply(wish(REALTIME.model_copy(update={"max_capacity": 2})))
    drill.aws.account.quotas["ml.m5.large for endpoint usage"] = 3
    plan = drill.plan(wish(REALTIME.model_copy(update={"max_capacity": 2}), NEW_IMAGE))
    assert not plan.possible
    assert any("4 while it is updated" in check.told for check in plan.checks)


def test_another_type_needs_its_scaling_taken_away_and_brings_it_back(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    wanted = wish(OTHER_TYPE)
    plan = drill.plan(wanted)
    assert [(step.do, step.kind) for step in plan.steps] == [
        ("create", "endpoint_config"),
        ("create", "alarm"),
        ("create", "alarm"),
        ("delete", "scalable_target"),
        ("update", "endpoint"),
        ("wait", "endpoint"),
        ("delete", "alarm"),
        ("delete", "alarm"),
        ("create", "scalable_target"),
        ("create", "scaling_policy"),
        ("create", "scheduled_action"),
        ("delete", "endpoint_config"),
    ]
    drill.deployer.apply(wanted, plan, NAME)
    kept_to_the_plan(drill, wanted, ["endpoint tested: 2 x ml.m5.xlarge"])
    assert len(drill.aws.account.targets) == len(drill.aws.account.policies) == len(drill.aws.account.actions) == 1


def test_scaling_that_is_not_wanted_any_more_is_taken_away(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    fixed = RealtimeDeployment(instance_type="ml.m5.large", initial_instance_count=3)
    drill.apply(wish(fixed))
    kept_to_the_plan(drill, wish(fixed), ["endpoint tested: 3 x ml.m5.large"])
    assert drill.aws.account.targets == {}


def test_only_the_scaling_is_changed_where_only_the_scaling_differs(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    wider = REALTIME.model_copy(update={"max_capacity": 6, "scheduled_actions": ()})
    plan = drill.plan(wish(wider))
    assert [(step.do, step.kind) for step in plan.steps] == [("put", "scalable_target"), ("delete", "scheduled_action")]
    drill.apply(wish(wider))
    kept_to_the_plan(drill, wish(wider), ["endpoint tested: 2 x ml.m5.large"])


def test_a_serverless_endpoint_is_changed_in_place(drill: Drill) -> None:
    drill.apply(wish(SERVERLESS))
    more = SERVERLESS.model_copy(update={"max_concurrency": 40, "provisioned_concurrency": 3})
    plan = drill.plan(wish(more))
    assert [(step.do, step.operation) for step in plan.steps] == [
        ("adjust", "UpdateEndpointWeightsAndCapacities"),
        ("wait", ""),
    ]
    assert plan.during_usd_per_hour == 0
    drill.deployer.apply(wish(more), plan, NAME)
    kept_to_the_plan(drill, wish(more), ["endpoint tested: provisioned concurrency 3"])
    drill.destroy()
    assert drill.everything() == []


def test_other_memory_needs_a_new_configuration(drill: Drill) -> None:
    drill.apply(wish(SERVERLESS))
    larger = SERVERLESS.model_copy(update={"memory_size_in_mb": 4096})
    assert any(step.do == "update" for step in drill.plan(wish(larger)).steps)
    drill.apply(wish(larger))
    kept_to_the_plan(drill, wish(larger), ["endpoint tested: provisioned concurrency 2"])


def test_an_asynchronous_endpoint_is_updated_too(drill: Drill) -> None:
    drill.apply(wish(ASYNCHRONOUS))
    wanted = wish(AsynchronousDeployment(instance_type="ml.m5.xlarge", max_concurrent_invocations_per_instance=2))
    drill.apply(wanted)
    kept_to_the_plan(drill, wanted, ["endpoint tested: 1 x ml.m5.xlarge"])


@pytest.mark.parametrize("wanted", [wish(REALTIME, NEW_IMAGE), wish(OTHER_TYPE)], ids=["image", "type"])
@pytest.mark.parametrize("silent", [True, False], ids=["silent", "told"])
def test_an_update_that_aws_rolls_back_is_told_and_cleared_away(wanted: Any, silent: bool, drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    before = drill.everything()
    drill.aws.account.rollback = "silent" if silent else ""
    drill.aws.account.containers_fail = not silent
    with pytest.raises(NotDone, match="AWS rolled the change back") as ended:
        drill.apply(wanted)
    assert ("ping" in ended.value.told) is not silent
    drill.aws.account.rollback, drill.aws.account.containers_fail = "", False
    assert drill.everything() == before
    assert drill.plan(wish(REALTIME)).aim == "nothing"
    assert drill.billable == ["endpoint tested: 2 x ml.m5.large"]


def test_a_rollback_that_sticks_is_told(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    drill.aws.account.rollback = "stuck"
    with pytest.raises(NotDone, match="stuck: the update failed, and so did its rollback"):
        drill.apply(wish(REALTIME, NEW_IMAGE))
    drill.destroy()
    assert drill.everything() == []


@pytest.mark.parametrize("operation", ["UpdateEndpoint", "CreateEndpointConfig", "PutMetricAlarm"])
def test_a_lost_answer_while_updating_loses_nothing(operation: str, drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    drill.aws.account.lose_answer(operation)
    wanted = wish(REALTIME, NEW_IMAGE)
    drill.apply(wanted)
    kept_to_the_plan(drill, wanted, ["endpoint tested: 2 x ml.m5.large"])
    assert len([made for made in drill.aws.account.calls if made.operation == "UpdateEndpoint"]) == 1


def test_what_an_update_under_way_uses_is_not_taken_from_under_it(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    denied = {"code": "AccessDenied", "message": "not yours", "status": 403}
    drill.aws.account.fail("DescribeEndpointConfig", skip=9, times=1, **denied)
    drill.aws.account.fail("DeleteEndpointConfig", times=9, **denied)
    with pytest.raises(NotDone, match="not yours") as ended:
        drill.apply(wish(REALTIME, NEW_IMAGE))
    assert drill.aws.account.endpoints[NAME]["EndpointConfigName"] in drill.aws.account.configs
    assert drill.billable == ["endpoint tested: 2 x ml.m5.large"]
    assert ended.value.left


def test_what_cannot_be_looked_at_after_a_failure_is_said(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    drill.aws.account.rollback = "silent"
    plan = drill.plan(wish(REALTIME, NEW_IMAGE))
    before = len([made for made in drill.aws.account.calls if made.operation == "DescribeAlarms"])
    denied = {"code": "AccessDenied", "message": "not yours", "status": 403}
    drill.aws.account.fail("DescribeAlarms", skip=before + 4, times=99, **denied)
    with pytest.raises(NotDone) as ended:
        drill.deployer.apply(wish(REALTIME, NEW_IMAGE), plan, NAME)
    assert "headroom deploy destroy tested" in ended.value.left[-1]
    assert drill.billable == ["endpoint tested: 2 x ml.m5.large"]


def killed_while_updating(drill: Drill, number: int, *, after: bool, other_type: bool) -> bool:
    with pytest.MonkeyPatch.context() as patched:
        kill_at(patched, number, after=after)
        try:
            drill.apply(wish(OTHER_TYPE) if other_type else wish(REALTIME, NEW_IMAGE))
        except Killed:
            return True
    return False


@pytest.mark.exhaustive
@pytest.mark.slow
@pytest.mark.parametrize("other_type", [False, True], ids=["image", "type"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_who_is_killed_while_updating_goes_on_or_is_cleaned_up(other_type: bool, after: bool, drill: Drill) -> None:
    number, struck = 0, True
    wanted = wish(OTHER_TYPE) if other_type else wish(REALTIME, NEW_IMAGE)
    billed = ["endpoint tested: 2 x ml.m5.xlarge" if other_type else "endpoint tested: 2 x ml.m5.large"]
    while struck:
        drill.apply(wish(REALTIME))
        struck = killed_while_updating(drill, number, after=after, other_type=other_type)
        drill.apply(wanted)
        kept_to_the_plan(drill, wanted, billed)
        drill.destroy()
        assert drill.everything() == [], number
        number += 1
    assert number > 4


@pytest.mark.parametrize("number", [3, 4])
def test_who_is_killed_around_the_update_goes_on(number: int, drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    assert killed_while_updating(drill, number, after=True, other_type=False)
    wanted = wish(REALTIME, NEW_IMAGE)
    drill.apply(wanted)
    kept_to_the_plan(drill, wanted, ["endpoint tested: 2 x ml.m5.large"])


def test_what_is_destroyed_while_it_is_updated_is_gone(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    killed_while_updating(drill, 4, after=True, other_type=False)
    assert drill.aws.account.endpoints[NAME]["EndpointStatus"] == "Updating"
    drill.destroy()
    assert drill.everything() == []


def test_an_update_to_something_else_that_is_under_way_is_not_disturbed(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    killed_while_updating(drill, 4, after=True, other_type=False)
    plan = drill.plan(wish(OTHER_TYPE))
    assert "Wait until it is settled" in str(plan.refusals[0])
