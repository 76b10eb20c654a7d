"""What AWS refuses although its shapes allow it: each rule, by a request that breaks it and nothing else."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from headroom.deploy.rules import RULES, Requests, rule_problems
from headroom.deploy.values import Known, plain
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogStepOut
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment, RealtimeStepOut
from simulator.patterns.registry import Deployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import ProvisionedTracking, ScheduledAction
from tests.headroom.deploy.test_form import form_of

REALTIME = RealtimeDeployment(
    scaling=InvocationsTracking(), step_scale_out=RealtimeStepOut(), scheduled_actions=(ScheduledAction(),)
)
SERVERLESS = ServerlessDeployment(provisioned_concurrency=2, scaling=ProvisionedTracking())
ASYNCHRONOUS = AsynchronousDeployment(step_scale_out=BacklogStepOut())
BATCH = BatchDeployment()
VARIANT = "EndpointConfig.ProductionVariants.0"
TRACKING = "TargetTrackingScalingPolicyConfiguration"
STEPS = "StepOutPolicy.StepScalingPolicyConfiguration"
ADJUSTMENTS = f"{STEPS}.StepAdjustments"
REMOVED: Any = object()
TWO = [
    {"VariantName": "A", "ModelName": "m", "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}},
    {"VariantName": "A", "ModelName": "m", "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}},
]
GAP = [
    {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1},
    {"MetricIntervalLowerBound": 20.0, "ScalingAdjustment": 2},
]

BROKEN: list[tuple[Deployment, str, Any, str]] = [
    # deployment, path of the value that is changed, its new value, where the problem has to be
    (SERVERLESS, f"{VARIANT}.ServerlessConfig.MemorySizeInMB", 1500, "ServerlessConfig.MemorySizeInMB"),
    (SERVERLESS, f"{VARIANT}.ServerlessConfig.ProvisionedConcurrency", 150, "ServerlessConfig.ProvisionedConcurrency"),
    (SERVERLESS, f"{VARIANT}.VolumeSizeInGB", 30, "VolumeSizeInGB"),
    (SERVERLESS, f"{VARIANT}.InstanceType", "ml.m5.large", "InstanceType"),
    (SERVERLESS, "EndpointConfig.VpcConfig", {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}, "VpcConfig"),
    (SERVERLESS, "EndpointConfig.DataCaptureConfig", {"EnableCapture": True}, "DataCaptureConfig"),
    (SERVERLESS, "Model.VpcConfig", {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}, "Model.VpcConfig"),
    (SERVERLESS, "Model.EnableNetworkIsolation", True, "Model.EnableNetworkIsolation"),
    (SERVERLESS, "Model.PrimaryContainer.Mode", "MultiModel", "Model.PrimaryContainer.Mode"),
    (SERVERLESS, "ScalableTarget.MaxCapacity", 30, "ScalableTarget.MaxCapacity"),
    (SERVERLESS, f"{VARIANT}.ServerlessConfig.ProvisionedConcurrency", REMOVED, "ScalableTarget"),
    (SERVERLESS, "ScalableTarget.ScalableDimension", "sagemaker:variant:DesiredInstanceCount", "ScalableDimension"),
    (SERVERLESS, f"ProvisionedPolicy.{TRACKING}.PredefinedMetricSpecification", REMOVED, TRACKING),
    (REALTIME, f"{VARIANT}.InitialVariantWeight", 0.8, "InitialVariantWeight"),
    (REALTIME, "EndpointConfig.ProductionVariants", TWO, "EndpointConfig.ProductionVariants"),
    (REALTIME, f"{VARIANT}.InstanceType", REMOVED, "ProductionVariants[0]"),
    (REALTIME, f"{VARIANT}.InitialInstanceCount", REMOVED, "InitialInstanceCount"),
    (REALTIME, f"{VARIANT}.ManagedInstanceScaling", {"Status": "ENABLED"}, "ManagedInstanceScaling"),
    (REALTIME, f"{VARIANT}.RoutingConfig.RoutingStrategy", "PREFIX_AWARE", "RoutingConfig"),
    (REALTIME, f"{VARIANT}.VariantInstanceProvisionTimeoutInSeconds", REMOVED, "ProvisionTimeoutInSeconds"),
    (REALTIME, "EndpointConfig.MetricsConfig", REMOVED, "EnableDetailedObservability"),
    (REALTIME, "EndpointConfig.MetricsConfig.MetricPublishFrequencyInSeconds", 45, "MetricPublishFrequencyInSeconds"),
    (REALTIME, "Model.ExecutionRoleArn", REMOVED, "Model.ExecutionRoleArn"),
    (REALTIME, "Model.Containers", [{"Image": "i"}], "Model"),
    (REALTIME, "Model.PrimaryContainer.Environment.HF_TOKEN", "hf_abc", "deploy.environment.HF_TOKEN"),
    (REALTIME, "Model.PrimaryContainer.Environment.ID", "AKIAABCDEFGHIJKLMNOP", "deploy.environment.ID"),
    (REALTIME, "ScalableTarget.MinCapacity", 0, "ScalableTarget.MinCapacity"),
    (REALTIME, "ScalableTarget.MinCapacity", 9, "ScalableTarget.MinCapacity"),
    (REALTIME, "ScalableTarget.ResourceId", "endpoint/other/variant/AllTraffic", "ScalableTarget.ResourceId"),
    (REALTIME, "ScalableTarget.MaxCapacity", REMOVED, "ScalableTarget"),
    (REALTIME, "ScheduledAction1.ScalableTargetAction.MinCapacity", 0, "ScheduledAction1.MinCapacity"),
    (REALTIME, f"{VARIANT}.InstanceType", "ml.t3.medium", "ScalableTarget"),
    (REALTIME, f"InvocationsPolicy.{TRACKING}.TargetValue", 0, "TargetValue"),
    (
        REALTIME,
        f"InvocationsPolicy.{TRACKING}.PredefinedMetricSpecification.PredefinedMetricType",
        "SageMakerVariantProvisionedConcurrencyUtilization",
        "PredefinedMetricSpecification",
    ),
    (REALTIME, ADJUSTMENTS, [], "StepAdjustments"),
    (REALTIME, ADJUSTMENTS, GAP, "StepAdjustments"),
    (REALTIME, f"{ADJUSTMENTS}.0.MetricIntervalUpperBound", -1.0, "StepAdjustments"),
    (REALTIME, f"{STEPS}.MinAdjustmentMagnitude", 2, "MinAdjustmentMagnitude"),
    (REALTIME, "ScheduledAction1.Schedule", "cron(0 8 * * *)", "ScheduledAction1.Schedule"),
    (REALTIME, "ScheduledAction1.Timezone", "Mars/Base", "ScheduledAction1.Timezone"),
    (REALTIME, "StepOutAlarm.Period", 45, "StepOutAlarm.Period"),
    (REALTIME, "StepOutAlarm.EvaluationPeriods", 2000, "StepOutAlarm.EvaluationPeriods"),
    (REALTIME, "StepOutAlarm.Statistic", REMOVED, "StepOutAlarm.Statistic"),
    (REALTIME, "IdleAlarm.AlarmName", "tested-step-out-alarm", "tested-step-out-alarm"),
    (
        ASYNCHRONOUS,
        f"BacklogPolicy.{TRACKING}",
        {
            "TargetValue": 5,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        },
        "PredefinedMetricSpecification",
    ),
    (BATCH, "Schedule.Target.Input.MaxPayloadInMB", 101, "Schedule.Target.Input.MaxPayloadInMB"),
    (BATCH, "Schedule.Target.Input.MaxConcurrentTransforms", 50, "Schedule.Target.Input.MaxPayloadInMB"),
    (BATCH, "Schedule.Target.Input.TransformInput.SplitType", "None", "Schedule.Target.Input.BatchStrategy"),
    (BATCH, "Schedule.Target.Input.TransformOutput", REMOVED, "Schedule.Target.Input.TransformOutput"),
]


def plainly(deployment: Deployment) -> tuple[dict[str, Any], dict[str, Any]]:
    form = form_of(deployment)
    known = Known(form.names, form.given, {})
    kinds = {entry.logical_id: entry.resource.kind for entry in form.resources}
    return kinds, {entry.logical_id: plain(entry.parameters, known) for entry in form.resources}


def changed(requests: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The same with another value at the path; a text that is JSON is changed inside."""
    requests = copy.deepcopy(requests)
    if ".Input." in path:
        place, _, inner = path.partition(".Input.")
        target = requests
        for key in place.split("."):
            target = target[key]
        wrapped = changed({"x": json.loads(target["Input"])}, f"x.{inner}", value)
        target["Input"] = json.dumps(wrapped["x"])
        return requests
    *way, last = path.split(".")
    holder: Any = requests
    for key in way:
        holder = holder[int(key) if isinstance(holder, list) else key]
    if value is REMOVED:
        del holder[last]
    else:
        holder[last] = value
    return requests


@pytest.mark.parametrize(
    ("deployment", "path", "value", "where"),
    BROKEN,
    ids=lambda value: "removed" if value is REMOVED else str(value)[:60],
)
def test_what_breaks_a_rule_is_named(deployment: Deployment, path: str, value: Any, where: str) -> None:
    kinds, requests = plainly(deployment)
    assert rule_problems(kinds, requests) == ()
    problems = rule_problems(kinds, changed(requests, path, value))
    assert any(problem.where.endswith(where) for problem in problems), problems
    assert all(problem.given and problem.allowed for problem in problems)


def test_every_rule_is_broken_by_some_case() -> None:
    broken = set()
    for deployment, path, value, _ in BROKEN:
        kinds, requests = plainly(deployment)
        for rule in RULES:
            if rule_problems_of(rule, kinds, changed(requests, path, value)):
                broken.add(rule.__name__)
    assert broken == {rule.__name__ for rule in RULES}


def rule_problems_of(rule: Any, kinds: dict[str, Any], requests: dict[str, Any]) -> list[Any]:
    return list(rule(Requests(kinds, requests)))


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAX_TOKENS", "4096"), ("HF_TOKEN_ARN", "arn:aws:secretsmanager:x"), ("TOKENIZERS_PARALLELISM", "false")],
)
def test_what_only_looks_like_a_secret_is_let_through(name: str, value: str) -> None:
    kinds, requests = plainly(REALTIME)
    assert rule_problems(kinds, changed(requests, f"Model.PrimaryContainer.Environment.{name}", value)) == ()
