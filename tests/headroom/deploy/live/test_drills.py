"""What goes wrong before, while and after a deployment is made. After each: what is billed is the plan, or nothing."""

from __future__ import annotations

import json

import boto3
import pytest

from headroom.deploy.confirm import NotConfirmed, confirm
from headroom.deploy.live.aws import Aws as Account
from headroom.deploy.live.aws import Pace, Writer
from headroom.deploy.live.deployer import NotDone, StalePlan
from headroom.deploy.live.journal import InUse, Journal, alone, journal_path
from simulator.errors import InvalidScenario
from simulator.patterns.base import BaseDeployment
from tests.aws.account import ACCOUNT, REGION, UPDATING_S
from tests.aws.server import BUCKET
from tests.headroom.deploy.live.drill import (
    ASYNCHRONOUS,
    BATCH,
    NAME,
    PLACEMENT,
    REALTIME,
    SERVERLESS,
    TOLD,
    Drill,
    Killed,
    account_on,
    by_pattern,
    kill_at,
    wish,
)


def refused(drill: Drill, deployment: BaseDeployment, words: str, **placement: str) -> None:
    """The plan is refused in these words by what was looked at before, and applying it changes nothing."""
    wanted = wish(deployment, PLACEMENT.model_copy(update=placement))
    plan = drill.plan(wanted)
    assert not plan.possible
    told = " ".join(check.told for check in plan.checks if check.met is False)
    assert words in told
    with pytest.raises(NotDone, match="Nothing was changed"):
        drill.deployer.apply(wanted, plan, NAME)
    assert drill.aws.account.writes() == []
    assert drill.everything() == []


@by_pattern
def test_a_quota_that_does_not_hold_it_is_seen_before(deployment: BaseDeployment, drill: Drill) -> None:
    drill.aws.account.default_quota = drill.aws.account.serverless_quota = 0
    refused(drill, deployment, "the quota is 0")


def test_a_quota_is_held_against_everything_that_may_scale_out(drill: Drill) -> None:
    drill.aws.account.quotas["ml.m5.large for endpoint usage"] = 3
    refused(drill, REALTIME, "2 at the start, at most 4")


@by_pattern
def test_a_role_that_cannot_be_assumed_is_seen_before(deployment: BaseDeployment, drill: Drill) -> None:
    stranger = drill.aws.add_role("stranger", {"Version": "2012-10-17", "Statement": []})
    refused(drill, deployment, "does not trust sagemaker.amazonaws.com", execution_role_arn=stranger)
    nobody = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    refused(drill, deployment, "does not exist", execution_role_arn=nobody)


@by_pattern
def test_an_image_of_another_region_is_seen_before(deployment: BaseDeployment, drill: Drill) -> None:
    image = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/model:1"
    refused(drill, deployment, f"AWS pulls images of {REGION} only", image=image)


def test_model_data_that_is_not_there_is_seen_before(drill: Drill) -> None:
    refused(drill, REALTIME, "There is no s3://", model_data_url=f"s3://{BUCKET}/other.tar.gz")
    refused(drill, REALTIME, "There is no s3://", model_data_url="s3://nobodys-bucket/model.tar.gz")


def test_another_account_than_the_file_says_is_seen_before(drill: Drill) -> None:
    role = "arn:aws:iam::210987654321:role/execution"
    refused(drill, REALTIME, "[deploy] says 210987654321", account="210987654321", execution_role_arn=role)


def test_what_may_not_be_looked_at_is_said_and_not_taken_for_good(drill: Drill) -> None:
    drill.aws.account.fail("GetRole", code="AccessDenied", message="not yours", status=403)
    checks = {check.what: check for check in drill.plan(wish(REALTIME)).checks}
    assert checks["execution_role_arn"].met is None
    assert "Not looked at" in checks["execution_role_arn"].told


@pytest.mark.parametrize("trouble", ["containers_fail", "no_capacity"])
@pytest.mark.parametrize("deployment", [REALTIME, SERVERLESS, ASYNCHRONOUS], ids=lambda given: given.pattern)
def test_an_endpoint_that_fails_is_taken_back(trouble: str, deployment: BaseDeployment, drill: Drill) -> None:
    if trouble == "no_capacity" and deployment is SERVERLESS:
        pytest.skip("no instances, no lack of them")
    setattr(drill.aws.account, trouble, True)
    with pytest.raises(NotDone, match="failed") as ended:
        drill.apply(wish(deployment, TOLD))
    reason = {"containers_fail": "ping health check", "no_capacity": "InsufficientInstanceCapacity"}[trouble]
    assert reason in ended.value.told
    assert "Everything that this plan had created is taken back" in ended.value.left[0]
    assert drill.everything() == []


def test_a_quota_that_is_used_up_meanwhile_is_taken_back(drill: Drill) -> None:
    drill.aws.account.fail("CreateEndpoint", code="ResourceLimitExceeded", message="The account-level service limit")
    with pytest.raises(NotDone, match="account-level service limit"):
        drill.apply(wish(REALTIME))
    assert drill.everything() == []


@pytest.mark.parametrize("deployment", [SERVERLESS, BATCH], ids=lambda given: given.pattern)
def test_a_busy_aws_is_waited_for(deployment: BaseDeployment, drill: Drill) -> None:
    wanted = wish(deployment, TOLD)
    drill.aws.account.busy_every = 3
    drill.apply(wanted)
    assert drill.plan(wanted).aim == "nothing"
    drill.destroy()
    assert drill.everything() == []


def writes_of(drill: Drill, deployment: BaseDeployment) -> list[str]:
    """The operations that a deployment and its removal call, in order, each once."""
    drill.apply(wish(deployment, TOLD))
    drill.destroy()
    return list(dict.fromkeys(action.partition(":")[2] for action in drill.aws.account.writes()))


def lost_at(drill: Drill, deployment: BaseDeployment, operation: str) -> None:
    drill.aws.account.lose_answer(operation)
    wanted = wish(deployment, TOLD)
    drill.apply(wanted)
    assert drill.plan(wanted).aim == "nothing", operation
    drill.destroy()
    assert drill.everything() == [], operation
    assert not [fault for fault in drill.aws.account.faults if fault.times], operation


@pytest.mark.parametrize("operation", ["CreateModel", "CreateEndpoint", "PutScalingPolicy", "DeleteEndpoint"])
def test_a_lost_answer_loses_nothing(operation: str, drill: Drill) -> None:
    lost_at(drill, REALTIME, operation)
    creates = [call for call in drill.aws.account.calls if call.operation == "CreateEndpoint"]
    assert len(creates) == 1


@pytest.mark.exhaustive
@pytest.mark.slow
@by_pattern
def test_a_lost_answer_of_any_call_loses_nothing(deployment: BaseDeployment, drill: Drill) -> None:
    for operation in writes_of(drill, deployment):
        lost_at(drill, deployment, operation)


def test_a_call_that_failed_before_it_was_done_is_sent_again(drill: Drill) -> None:
    drill.aws.account.fail("CreateEndpoint", code="InternalFailure", message="lost", status=500)
    drill.apply(wish(REALTIME))
    assert drill.billable == ["endpoint tested: 2 x ml.m5.large"]


def test_an_answer_that_is_lost_every_time_ends_in_words(drill: Drill) -> None:
    drill.aws.account.fail("CreateEndpoint", code="InternalFailure", message="lost", status=500, times=20)
    with pytest.raises(NotDone, match="got no answer 4 times"):
        drill.apply(wish(REALTIME))
    assert drill.everything() == []


def killed(drill: Drill, deployment: BaseDeployment, number: int, *, after: bool) -> bool:
    """Apply, and end the process at this call. Whether it came to that."""
    with pytest.MonkeyPatch.context() as patched:
        kill_at(patched, number, after=after)
        try:
            drill.apply(wish(deployment, TOLD))
        except Killed:
            return True
    return False


@pytest.mark.parametrize(("number", "after"), [(0, True), (3, False), (6, True)])
def test_who_is_killed_goes_on_where_it_was(number: int, after: bool, drill: Drill) -> None:
    assert killed(drill, REALTIME, number, after=after)
    wanted = wish(REALTIME, TOLD)
    drill.apply(wanted)
    assert drill.plan(wanted).aim == "nothing"
    assert drill.billable == ["endpoint tested: 2 x ml.m5.large"]
    drill.destroy()
    assert drill.everything() == []


@pytest.mark.exhaustive
@pytest.mark.slow
@by_pattern
def test_who_is_killed_anywhere_goes_on_or_is_cleaned_up(deployment: BaseDeployment, drill: Drill) -> None:
    for after in (False, True):
        number = 0
        while killed(drill, deployment, number, after=after):
            drill.destroy()
            assert drill.everything() == [], (number, after)
            assert killed(drill, deployment, number, after=after)
            drill.apply(wish(deployment, TOLD))
            assert drill.plan(wish(deployment, TOLD)).aim == "nothing", (number, after)
            drill.destroy()
            assert drill.everything() == [], (number, after)
            number += 1
        drill.destroy()
        assert number >= 2


@pytest.mark.exhaustive
@pytest.mark.slow
@by_pattern
def test_who_is_killed_while_removing_goes_on(deployment: BaseDeployment, drill: Drill) -> None:
    for after in (False, True):
        number, struck = 0, True
        while struck:
            drill.apply(wish(deployment, TOLD))
            with pytest.MonkeyPatch.context() as patched:
                kill_at(patched, number, after=after)
                try:
                    drill.destroy()
                except Killed:
                    struck = True
                else:
                    struck = False
            drill.destroy()
            assert drill.everything() == [], (number, after)
            number += 1
        assert number >= 2


def test_after_a_kill_a_failure_takes_back_what_the_killed_process_made_too(drill: Drill) -> None:
    assert killed(drill, REALTIME, 1, after=True)
    assert drill.everything()
    drill.aws.account.containers_fail = True
    with pytest.raises(NotDone):
        drill.apply(wish(REALTIME, TOLD))
    assert drill.everything() == []


def test_a_plan_that_is_not_true_any_more_is_refused(drill: Drill) -> None:
    wanted = wish(REALTIME)
    plan = drill.plan(wanted)
    drill.apply(wanted)
    before = drill.aws.account.writes()
    with pytest.raises(StalePlan):
        drill.deployer.apply(wanted, plan, NAME)
    assert drill.aws.account.writes() == before
    destroying = drill.deployer.plan_destroy(NAME)
    drill.destroy()
    drill.apply(wish(REALTIME, TOLD))
    with pytest.raises(StalePlan):
        drill.deployer.destroy(destroying, NAME)
    assert drill.billable == ["endpoint tested: 2 x ml.m5.large"]


@pytest.mark.parametrize("typed", ["", "teste", "Tested", "tested ", "yes"])
def test_without_the_typed_name_nothing_is_changed(typed: str, drill: Drill) -> None:
    wanted = wish(REALTIME)
    plan = drill.plan(wanted)
    with pytest.raises(NotConfirmed, match="Nothing was changed"):
        drill.deployer.apply(wanted, plan, typed)
    with pytest.raises(NotConfirmed):
        drill.deployer.destroy(drill.deployer.plan_destroy(NAME), typed)
    assert drill.aws.account.writes() == []


@pytest.mark.parametrize("name", ["", "../../etc/x", "a/b", "Tested", "a--b", "a" * 41, "tested "])
def test_what_is_no_name_is_refused_before_anything_is_asked(name: str, drill: Drill) -> None:
    with pytest.raises(InvalidScenario, match="NAME"):
        drill.deployer.plan_destroy(name)
    assert drill.aws.account.calls == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://api.sagemaker.eu-west-1.amazonaws.com", ""),
        ("https://api.sagemaker.cn-north-1.amazonaws.com.cn", ""),
        ("http://127.0.0.1:4566", "http://127.0.0.1:4566"),
        ("https://sagemaker.amazonaws.com.example.org", "https://sagemaker.amazonaws.com.example.org"),
    ],
)
def test_what_stands_in_the_place_of_aws_is_shown(address: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    session = boto3.Session("made-up", "made-up", region_name=REGION)
    assert Account(session, REGION, Pace()).endpoint == told


def test_a_call_that_changes_something_cannot_be_made_through_reading(drill: Drill) -> None:
    account = account_on(drill.aws)
    for operation in ("CreateModel", "DeleteEndpoint", "UpdateEndpoint", "StopTransformJob", "PutMetricAlarm"):
        with pytest.raises(NotConfirmed):
            account.read("sagemaker", operation)
    assert drill.aws.account.calls == []


def test_a_confirmed_plan_allows_its_own_names_and_operations_alone(drill: Drill) -> None:
    plan = drill.plan(wish(REALTIME))
    confirmed = confirm(NAME, plan.name, plan.hash, (plan.account, plan.region), plan.permits)
    writer = Writer(account_on(drill.aws), confirmed, ACCOUNT)
    for operation, parameters in (
        ("CreateEndpoint", {"EndpointName": "other"}),
        ("DeleteModel", {"ModelName": "other"}),
        ("UpdateEndpoint", {"EndpointName": NAME}),
        ("CreateTransformJob", {"TransformJobName": NAME}),
    ):
        with pytest.raises(NotConfirmed, match="not in the confirmed plan"):
            writer.write("sagemaker", operation, **parameters)
    with pytest.raises(NotConfirmed, match="confirmed for account"):
        Writer(account_on(drill.aws), confirmed, "210987654321")
    assert drill.aws.account.writes() == []


def test_transform_jobs_are_led_to_another_model(drill: Drill) -> None:
    drill.apply(wish(BATCH))
    newer = wish(BATCH, PLACEMENT.model_copy(update={"image": PLACEMENT.image.replace(":1", ":2")}))
    plan = drill.plan(newer)
    assert [(step.do, step.kind) for step in plan.steps] == [
        *(("create", "model"), ("put", "schedule"), ("delete", "model"))
    ]
    drill.apply(newer)
    assert drill.plan(newer).aim == "nothing"
    drill.destroy()
    assert drill.everything() == []


def test_two_at_once_do_not_meet(drill: Drill) -> None:
    with alone(journal_path(ACCOUNT, REGION, NAME)):
        with pytest.raises(InUse, match="Another process is changing this deployment"):
            drill.apply(wish(REALTIME))
        assert drill.aws.account.writes() == []
    drill.apply(wish(REALTIME))
    with alone(journal_path(ACCOUNT, REGION, NAME)), pytest.raises(InUse):
        drill.destroy()


def test_what_somebody_else_made_is_left_alone(drill: Drill) -> None:
    from tests.aws import given  # noqa: PLC0415
    from tests.aws.client import Client  # noqa: PLC0415

    client = Client(drill.aws.url)
    client("sagemaker", "create_model", **given.model(ModelName="theirs"))
    config = given.config(NAME, given.variant(ModelName="theirs"))
    client("sagemaker", "create_endpoint_config", **config)
    client("sagemaker", "create_endpoint", EndpointName=NAME, EndpointConfigName=NAME)
    drill.aws.account.advance(600)
    before = drill.everything()
    plan = drill.plan(wish(REALTIME))
    assert "does not carry the tag of this deployment" in str(plan.refusals[0])
    with pytest.raises(NotDone, match="Headroom touches nothing that it did not make"):
        drill.deployer.apply(wish(REALTIME), plan, NAME)
    drill.destroy()
    assert drill.everything() == before


def test_what_was_changed_by_hand_is_seen_and_put_right(drill: Drill) -> None:
    wanted = wish(REALTIME)
    drill.apply(wanted)
    (target,) = drill.aws.account.targets.values()
    target["MaxCapacity"] = 20
    drill.aws.account.actions.clear()
    plan = drill.plan(wanted)
    assert [(step.do, step.kind) for step in plan.steps] == [("put", "scalable_target"), ("create", "scheduled_action")]
    drill.apply(wanted)
    assert target is not next(iter(drill.aws.account.targets.values()))
    assert drill.plan(wanted).aim == "nothing"


def test_capacity_that_scaling_moved_is_no_drift(drill: Drill) -> None:
    wanted = wish(REALTIME)
    drill.apply(wanted)
    drill.aws.account.endpoints[NAME]["ProductionVariants"][0]["DesiredInstanceCount"] = 4
    assert drill.plan(wanted).aim == "nothing"


@by_pattern
def test_destroying_twice_is_destroying_once(deployment: BaseDeployment, drill: Drill) -> None:
    drill.apply(wish(deployment))
    drill.destroy()
    writes = drill.aws.account.writes()
    drill.destroy()
    assert drill.aws.account.writes() == writes
    assert drill.everything() == []


def test_what_is_being_created_is_waited_for_and_destroyed(drill: Drill) -> None:
    with pytest.MonkeyPatch.context() as patched:
        kill_at(patched, 2, after=True)
        with pytest.raises(Killed):
            drill.apply(wish(REALTIME))
    assert drill.aws.account.endpoints[NAME]["EndpointStatus"] == "Creating"
    drill.destroy()
    assert any("being created" in sentence for sentence in drill.said)
    assert drill.everything() == []


@pytest.mark.parametrize("status", ["Updating", "SystemUpdating", "RollingBack"])
def test_what_is_being_changed_is_waited_for_and_destroyed(status: str, drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    endpoint = drill.aws.account.endpoints[NAME]
    endpoint["EndpointStatus"] = status
    drill.aws.account.later(UPDATING_S, lambda: endpoint.update(EndpointStatus="InService"))
    drill.destroy()
    assert drill.everything() == []


@pytest.mark.parametrize("status", ["OutOfService", "Failed", "UpdateRollbackFailed"])
def test_what_is_broken_is_told_and_can_be_destroyed(status: str, drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    drill.aws.account.endpoints[NAME]["EndpointStatus"] = status
    plan = drill.plan(wish(REALTIME))
    assert "Remove it first: headroom deploy destroy tested" in str(plan.refusals[0])
    drill.destroy()
    assert drill.everything() == []


def test_what_cannot_be_deleted_is_reported_and_the_rest_is_deleted(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    drill.aws.account.fail("DeleteEndpoint", code="AccessDeniedException", message="not allowed", times=9)
    with pytest.raises(NotDone, match="not allowed") as ended:
        drill.destroy()
    assert any("endpoint tested" in line and "billed" in line for line in ended.value.left)
    assert drill.billable == ["endpoint tested: 2 x ml.m5.large"]


def test_a_job_that_runs_is_stopped(drill: Drill) -> None:
    from tests.aws import given  # noqa: PLC0415
    from tests.aws.client import Client  # noqa: PLC0415

    drill.apply(wish(BATCH))
    (model,) = drill.aws.account.models
    started = given.job(TransformJobName=f"{NAME}-1234", ModelName=model)
    Client(drill.aws.url)("sagemaker", "create_transform_job", **started)
    assert drill.billable == [f"transform job {NAME}-1234"]
    drill.destroy()
    assert drill.billable == []


def test_the_journal_says_what_was_done_and_holds_no_parameters(drill: Drill) -> None:
    drill.apply(wish(REALTIME))
    path = journal_path(ACCOUNT, REGION, NAME)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["begun", *["before", "after"] * 6, "done"]
    assert "arn:aws:iam" not in path.read_text(encoding="utf-8")
    assert Journal(path, lines[0]["plan"], lambda: 0.0).touched() == ()


def test_a_journal_that_was_cut_off_is_read_as_far_as_it_goes(drill: Drill) -> None:
    path = journal_path(ACCOUNT, REGION, NAME)
    path.write_text('{"at": "now", "plan": "p", "event": "begun"}\n{"at": "no', encoding="utf-8")
    assert [line.event for line in Journal(path, "p", lambda: 0.0).lines()] == ["begun"]
    drill.apply(wish(REALTIME))
