"""The intermediate form: what is created for each pattern, under which names, in which order, with nothing left out."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.validate import validate_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.advisor.prepared import PreparedScenario, prepare, prepare_all
from headroom.deploy.form import Form, make_form
from headroom.deploy.kinds import KINDS
from headroom.deploy.names import DEPLOYMENT_TAG, PLAN_TAG
from headroom.sharing.presets import preset_keys, preset_text
from headroom.sharing.toml_file import read_scenario
from simulator.errors import InvalidScenario
from simulator.model.placement import Placement
from simulator.model.workload import Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogStepOut, BacklogTracking
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment, RealtimeStepIn
from simulator.patterns.registry import PATTERNS, Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ProvisionedTracking, ScheduledAction, StepAdjustment
from simulator.scenario import Scenario
from tests.headroom.advisor.search.small import WORLD
from tests.headroom.deploy.placements import FULL, OPEN
from tests.strategies import deployments

KINDS_OF_MACHINE = ("ml.m5.large", "ml.g5.xlarge", "ml.t2.medium", "ml.c5d.large")


@cache
def prepared(workload: Workload | None = None, region: str = "us-east-1") -> PreparedScenario:
    scenario = Scenario(schema=1, workload=workload or Workload(name="Small test"), region=region)
    return prepare(scenario, WORLD)


def form_of(deployment: Deployment, placement: Placement = FULL) -> Form:
    return make_form(prepared(), deployment, placement)


def arns(form: Form) -> dict[str, str]:
    return {
        entry.logical_id: f"arn:aws:sns:us-east-1:123456789012:{entry.logical_id}"
        for entry in form.resources
        if entry.kind.arn
    }


def requests(form: Form) -> dict[str, dict[str, Any]]:
    return {entry.logical_id: form.request(entry.logical_id, arns(form)) for entry in form.resources}


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.key)
@pytest.mark.parametrize("placement", [FULL, OPEN], ids=["placed", "open"])
def test_every_pattern_has_a_form_that_boto3_takes(pattern: Any, placement: Placement) -> None:
    form = form_of(pattern.deployment(), placement)
    assert bool(form.open) is (placement is OPEN)
    texts: dict[str, str] = {str(key): getattr(FULL, key).rstrip("/") for key in form.open}
    session = botocore.session.get_session()
    for entry in form.resources:
        request = form.request(entry.logical_id, arns(form), texts)
        shape = session.get_service_model(entry.kind.service).operation_model(entry.kind.create).input_shape
        validate_parameters(request, shape)
        if entry.kind.delete:
            deleted = session.get_service_model(entry.kind.service).operation_model(entry.kind.delete).input_shape
            validate_parameters(form.deletion(entry.logical_id, arns(form)), deleted)


@pytest.mark.parametrize("preset", preset_keys())
def test_every_deployment_of_every_preset_has_a_form(preset: str) -> None:
    scenario = read_scenario(preset_text(preset))
    ready = prepare_all(scenario, WORLD)
    for deployment in scenario.deployments:
        assert make_form(ready, deployment, OPEN).resources


@given(deployments, st.sampled_from(KINDS_OF_MACHINE), st.sampled_from([FULL, OPEN]))
@settings(max_examples=60)
def test_any_deployment_has_a_form_or_is_refused_in_words(
    deployment: Deployment, kind: str, placement: Placement
) -> None:
    if "instance_type" in type(deployment).model_fields:
        deployment = deployment.model_copy(update={"instance_type": kind})
    try:
        form = form_of(deployment, placement)
    except InvalidScenario as refused:
        form, problems = None, refused.problems
    if form is None:
        assert problems
        assert all(problem.where and problem.allowed for problem in problems)
        return
    there: set[str] = set()
    for entry in form.resources:
        assert entry.needs <= there
        there.add(entry.logical_id)
        assert entry.name == "" or entry.name.startswith(form.name)
    if placement is FULL:
        assert set(requests(form)) == there


def test_what_a_scaled_endpoint_needs_in_order() -> None:
    deployment = RealtimeDeployment(
        instance_type="ml.m5.large",
        max_capacity=6,
        scaling=InvocationsTracking(target_value=600),
        step_scale_in=RealtimeStepIn(
            step_adjustments=(StepAdjustment(scaling_adjustment=-1), StepAdjustment(distance=50, scaling_adjustment=-2))
        ),
        scheduled_actions=(ScheduledAction(),),
    )
    form = form_of(deployment, FULL.model_copy(update={"idle_alarm_hours": 0, "budget_usd_per_month": 0.0}))
    assert [entry.logical_id for entry in form.resources] == [
        *("Model", "EndpointConfig", "Endpoint", "ScalableTarget"),
        *("InvocationsPolicy", "StepInPolicy", "ScheduledAction1", "StepInAlarm"),
    ]
    made = requests(form)
    (variant,) = made["EndpointConfig"]["ProductionVariants"]
    assert variant["ModelName"] == made["Model"]["ModelName"] == form["Model"].name
    assert variant["VariantInstanceProvisionTimeoutInSeconds"] == 1800
    assert made["EndpointConfig"]["MetricsConfig"]["EnableDetailedObservability"] is False
    assert made["Endpoint"]["EndpointName"] == "tested"
    assert made["ScalableTarget"]["ResourceId"] == "endpoint/tested/variant/AllTraffic"
    tracking = made["InvocationsPolicy"]["TargetTrackingScalingPolicyConfiguration"]
    metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert (tracking["TargetValue"], metric) == (600, "SageMakerVariantInvocationsPerInstance")
    assert made["StepInPolicy"]["StepScalingPolicyConfiguration"]["StepAdjustments"] == [
        {"MetricIntervalLowerBound": -50.0, "MetricIntervalUpperBound": 0.0, "ScalingAdjustment": -1},
        {"MetricIntervalUpperBound": -50.0, "ScalingAdjustment": -2},
    ]
    assert made["StepInAlarm"]["AlarmActions"] == [arns(form)["StepInPolicy"]]


def test_an_asynchronous_endpoint_at_zero_begins_with_one_and_is_woken() -> None:
    deployment = AsynchronousDeployment(
        initial_instance_count=0,
        scaling=BacklogTracking(),
        step_scale_out=BacklogStepOut(metric="ApproximateBacklogSize"),
    )
    form = form_of(deployment)
    made = requests(form)
    assert made["EndpointConfig"]["ProductionVariants"][0]["InitialInstanceCount"] == 1
    assert any("one instance" in note for note in form.notes)
    assert made["ScalableTarget"]["MinCapacity"] == 0
    assert made["WakeAlarm"]["MetricName"] == "HasBacklogWithoutCapacity"
    # CloudWatch has the backlog by endpoint alone; with a variant beside it an alarm would never have a datum.
    assert made["WakeAlarm"]["Dimensions"] == [{"Name": "EndpointName", "Value": "tested"}]
    tracked = made["BacklogPolicy"]["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
    assert tracked["Dimensions"] == made["WakeAlarm"]["Dimensions"]
    output = made["EndpointConfig"]["AsyncInferenceConfig"]["OutputConfig"]
    assert output["S3OutputPath"] == "s3://data-of-ours/out/answers/"
    assert output["NotificationConfig"]["ErrorTopic"] == arns(form)["ErrorTopic"]


def test_provisioned_concurrency_is_scaled_in_its_own_dimension() -> None:
    made = requests(
        form_of(ServerlessDeployment(provisioned_concurrency=2, max_capacity=8, scaling=ProvisionedTracking()))
    )
    assert made["ScalableTarget"]["ScalableDimension"] == "sagemaker:variant:DesiredProvisionedConcurrency"
    assert made["EndpointConfig"]["ProductionVariants"][0]["ServerlessConfig"]["ProvisionedConcurrency"] == 2


def test_what_was_left_to_the_container_is_stated_as_simulated() -> None:
    ready = prepared(Workload(container_workers=3))
    deployment = BatchDeployment(instance_type="ml.m5.xlarge", max_payload_in_mb=6)
    form = make_form(ready, deployment, FULL)
    assert '"MaxConcurrentTransforms":3' in requests(form)["Schedule"]["Target"]["Input"]


def test_a_type_with_disks_of_its_own_has_no_volume() -> None:
    with_disks, without = (
        requests(form_of(RealtimeDeployment(instance_type=kind)))["EndpointConfig"]["ProductionVariants"][0]
        for kind in ("ml.g5.xlarge", "ml.m5.large")
    )
    assert "VolumeSizeInGB" not in with_disks
    assert without["VolumeSizeInGB"] == 30


def test_names_change_with_what_cannot_be_changed_and_with_nothing_else() -> None:
    before, again, larger, scaled = (
        form_of(RealtimeDeployment(**settings))
        for settings in (
            {},
            {},
            {"instance_type": "ml.m5.2xlarge"},
            {"scaling": InvocationsTracking()},
        )
    )
    assert before == again
    assert larger["Model"].name == before["Model"].name
    assert larger["EndpointConfig"].name != before["EndpointConfig"].name
    assert scaled["EndpointConfig"].name == before["EndpointConfig"].name
    assert {larger["Endpoint"].name, scaled["Endpoint"].name} == {"tested"}
    assert len({before.hash, larger.hash, scaled.hash}) == 3
    other_image = form_of(RealtimeDeployment(), FULL.model_copy(update={"image": "other:2"}))
    assert other_image["Model"].name != before["Model"].name
    assert other_image["EndpointConfig"].name != before["EndpointConfig"].name


def test_everything_that_takes_tags_has_them() -> None:
    form = form_of(AsynchronousDeployment())
    made = requests(form)
    tagged = [entry.logical_id for entry in form.resources if entry.kind.tags]
    for logical_id in tagged:
        request = made[logical_id]
        found: Any = request.get("Tags", request.get("ResourceTags"))
        tags = found if isinstance(found, dict) else {tag["Key"]: tag["Value"] for tag in found}
        assert tags[DEPLOYMENT_TAG] == "tested"
        assert tags[PLAN_TAG] == form.hash
        assert tags["cost-centre"] == "4711"
    assert {"Model", "EndpointConfig", "Endpoint", "ScalableTarget", "WakeAlarm", "Budget"} <= set(tagged)


def test_what_is_open_is_asked_for_by_name() -> None:
    form = form_of(RealtimeDeployment(), OPEN)
    assert set(form.open) == {"image", "model_data_url", "execution_role_arn"}
    with pytest.raises(InvalidScenario, match=r"deploy\.image: given nothing"):
        form.request("Model", {})
    with pytest.raises(InvalidScenario, match="the ARN of"):
        form_of(AsynchronousDeployment()).request("EndpointConfig", {})


@pytest.mark.parametrize(
    ("deployment", "where"),
    [
        (
            RealtimeDeployment(max_capacity=4, scheduled_actions=(ScheduledAction(min_capacity=0, max_capacity=0),)),
            "Real-time.scheduled_actions",
        ),
        (
            RealtimeDeployment(scheduled_actions=(ScheduledAction(schedule="at(08:00)"),)),
            "Real-time.scheduled_actions[0].schedule",
        ),
        (RealtimeDeployment(routing_strategy="PREFIX_AWARE"), "EndpointConfig.ProductionVariants[0].RoutingConfig"),
        (RealtimeDeployment(instance_type="ml.t2.medium", scaling=InvocationsTracking()), "ScalableTarget"),
        (BatchDeployment(schedule_every_s=1000.5), "Batch transform.schedule_every_s"),
    ],
)
def test_what_aws_cannot_do_is_refused_and_not_left_out(deployment: Deployment, where: str) -> None:
    with pytest.raises(InvalidScenario) as refused:
        form_of(deployment)
    assert where in {problem.where for problem in refused.value.problems}


def test_a_vpc_is_for_all_but_serverless() -> None:
    placement = FULL.model_copy(update={"subnets": ("subnet-12345678",), "security_group_ids": ("sg-12345678",)})
    assert "VpcConfig" in requests(form_of(RealtimeDeployment(), placement))["Model"]
    with pytest.raises(InvalidScenario, match="no VPC"):
        form_of(ServerlessDeployment(), placement)


def test_a_kind_is_listed_for_whatever_a_pattern_may_ask_for() -> None:
    used = {entry.resource.kind for pattern in PATTERNS for entry in form_of(pattern.deployment()).resources}
    assert used <= set(KINDS)
