"""The resources that the patterns behind an endpoint share: model, configuration, endpoint, and what scales it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from simulator.errors import Problem
from simulator.model.placement import Placement
from simulator.patterns.autoscaling import Tracked
from simulator.patterns.resources import Join, Parameter, Ref, Resource, join, without_none
from simulator.scaling.metrics import METRICS, Metric
from simulator.scaling.policies import ScheduledAction, StepAdjustment, StepIn, StepOut
from simulator.scaling.schedule import At, AtTime, parse

VARIANT = "AllTraffic"
"""The one variant. It never changes its name, which a blue/green update asks for."""
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"
RESOURCE_ID = join("endpoint/", Ref("Endpoint"), f"/variant/{VARIANT}")
_OF_TARGET = "ScalableTarget"


def model(placement: Placement) -> Resource:
    """The model: image, artefact, role, and the networks that its container reaches."""
    environment = {variable.name: variable.value for variable in placement.environment}
    container = {
        "Image": Parameter("image"),
        "ModelDataUrl": None if placement.model_in_image else Parameter("model_data_url"),
        "Environment": environment or None,
    }
    vpc = {"SecurityGroupIds": placement.security_group_ids, "Subnets": placement.subnets}
    return Resource(
        logical_id="Model",
        kind="model",
        parameters=without_none(
            {
                "PrimaryContainer": without_none(container),
                "ExecutionRoleArn": Parameter("execution_role_arn"),
                "VpcConfig": vpc if placement.subnets else None,
                "EnableNetworkIsolation": placement.enable_network_isolation,
            }
        ),
    )


def variant(placement: Placement, **settings: Any) -> dict[str, Any]:
    """A production variant that takes all traffic. Its weight is exact as a 32-bit float, which SageMaker keeps."""
    timeouts = {
        "ModelDataDownloadTimeoutInSeconds": placement.model_data_download_timeout_s or None,
        "ContainerStartupHealthCheckTimeoutInSeconds": placement.container_startup_health_check_timeout_s or None,
    }
    named = {"VariantName": VARIANT, "ModelName": Ref("Model"), "InitialVariantWeight": 1.0}
    return without_none({**named, **settings, **timeouts})


def on_instances(
    placement: Placement, instance_type: str, count: int, volume_size_in_gb: int | None, **settings: Any
) -> dict[str, Any]:
    """A variant on instances. volume_size_in_gb: None where the type has disks of its own. AWS starts with at least
    one instance.
    """
    return variant(
        placement,
        InstanceType=instance_type,
        InitialInstanceCount=max(1, count),
        VolumeSizeInGB=volume_size_in_gb,
        VariantInstanceProvisionTimeoutInSeconds=placement.variant_instance_provision_timeout_s,
        **settings,
    )


def endpoint_config(placement: Placement, production_variant: Mapping[str, Any], **settings: Any) -> Resource:
    """The configuration. MetricsConfig is stated, because AWS's default is billed by the GB."""
    parameters = {
        "ProductionVariants": [production_variant],
        "KmsKeyId": placement.kms_key_id or None,
        "MetricsConfig": {
            "EnableEnhancedMetrics": False,
            "EnableDetailedObservability": placement.enable_detailed_observability,
        },
        **settings,
    }
    return Resource(logical_id="EndpointConfig", kind="endpoint_config", parameters=without_none(parameters))


def endpoint() -> Resource:
    """The endpoint."""
    parameters = {"EndpointConfigName": Ref("EndpointConfig")}
    return Resource(logical_id="Endpoint", kind="endpoint", parameters=parameters)


def scalable_target(dimension: str, least: int, most: int) -> Resource:
    """What policies and scheduled actions scale, within its bounds."""
    parameters = {**_of_target(dimension), "MinCapacity": least, "MaxCapacity": most}
    return Resource(logical_id=_OF_TARGET, kind="scalable_target", parameters=parameters)


def tracking(logical_id: str, spec: Tracked, metric_name: str, dimension: str) -> Resource:
    """A target tracking policy on this metric of METRICS."""
    metric = METRICS[metric_name]
    if metric.predefined:
        of_metric = {"PredefinedMetricSpecification": {"PredefinedMetricType": metric.title}}
    else:
        of_metric = {"CustomizedMetricSpecification": {**_named(metric_name, metric), "Statistic": metric.statistic}}
    configuration = {
        "TargetValue": spec.target_value,
        **of_metric,
        "ScaleOutCooldown": round(spec.scale_out_cooldown_s),
        "ScaleInCooldown": round(spec.scale_in_cooldown_s),
        "DisableScaleIn": spec.disable_scale_in,
    }
    return _policy(logical_id, dimension, "TargetTrackingScaling", configuration)


def step(logical_id: str, spec: StepOut | StepIn, dimension: str) -> tuple[Resource, Resource]:
    """A step scaling policy, and the alarm that starts it."""
    above = isinstance(spec, StepOut)
    percent = spec.adjustment_type == "PercentChangeInCapacity"
    configuration = without_none(
        {
            "AdjustmentType": spec.adjustment_type,
            "StepAdjustments": list(_steps(spec.step_adjustments, above=above)),
            "MinAdjustmentMagnitude": spec.min_adjustment_magnitude or None if percent else None,
            "Cooldown": round(spec.cooldown_s),
            "MetricAggregationType": "Average" if METRICS[spec.metric].statistic == "Average" else "Maximum",
        }
    )
    policy = _policy(f"{logical_id}Policy", dimension, "StepScaling", configuration)
    comparison = "GreaterThanOrEqualToThreshold" if above else "LessThanOrEqualToThreshold"
    return policy, _starts(logical_id, spec.metric, spec.threshold, comparison, spec.evaluation_periods)


def wake(metric_name: str, threshold: float, periods: int, cooldown_s: float, dimension: str) -> tuple[Resource, ...]:
    """A step policy that adds one instance while the metric is at or above the threshold, and its alarm."""
    configuration = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        "Cooldown": round(cooldown_s),
        "MetricAggregationType": "Average",
    }
    policy = _policy("WakePolicy", dimension, "StepScaling", configuration)
    return policy, _starts("Wake", metric_name, threshold, "GreaterThanOrEqualToThreshold", periods)


def scheduled(actions: Sequence[ScheduledAction], dimension: str) -> Iterator[Resource]:
    """The scheduled actions, numbered."""
    for number, action in enumerate(actions, 1):
        parameters = {
            **_of_target(dimension),
            "Schedule": action.schedule.strip(),
            "Timezone": action.timezone,
            "ScalableTargetAction": {"MinCapacity": action.min_capacity, "MaxCapacity": action.max_capacity},
        }
        yield Resource(
            logical_id=f"ScheduledAction{number}", kind="scheduled_action", parameters=parameters, after=(_OF_TARGET,)
        )


def schedule_problems(actions: Sequence[ScheduledAction]) -> Iterator[Problem]:
    """Schedules that a simulation understands and AWS does not: a time without a date."""
    for index, action in enumerate(actions):
        if isinstance(parse(action.schedule), At | AtTime):
            yield Problem(
                f"scheduled_actions[{index}].schedule",
                f"{action.schedule}, a time without a date",
                "rate(...) or cron(...): AWS's at() needs a date, which a scenario does not have",
                "Write it as cron, such as cron(0 8 ? * MON-FRI *).",
            )


def step_problems(where: str, spec: StepOut | StepIn | None) -> Iterator[Problem]:
    """Adjustments that are no whole numbers, which AWS does not take."""
    for index, adjustment in enumerate(spec.step_adjustments if spec else ()):
        if adjustment.scaling_adjustment != round(adjustment.scaling_adjustment):
            place = f"{where}.step_adjustments[{index}].scaling_adjustment"
            yield Problem(place, f"{adjustment.scaling_adjustment:g}", "a whole number: AWS's ScalingAdjustment is one")


def idle_alarm(metric_name: str, hours: int) -> tuple[Resource, ...]:
    """An alarm after so many hours in which nothing came; nothing for 0 hours. metric_name: a count by variant of which
    idle minutes have 0 or no datum.
    """
    if not hours:
        return ()
    parameters = {
        "AlarmDescription": f"No request in {hours} h: the endpoint may be forgotten, and is still billed.",
        "Namespace": "AWS/SageMaker",
        "MetricName": metric_name,
        "Dimensions": _dimensions(of_variant=True),
        "Statistic": "Sum",
        "Period": 3600,
        "EvaluationPeriods": hours,
        "Threshold": 0.0,
        "ComparisonOperator": "LessThanOrEqualToThreshold",
        "TreatMissingData": "breaching",
        "AlarmActions": [Ref("AlertTopic", "Arn")],
    }
    return (Resource(logical_id="IdleAlarm", kind="alarm", parameters=parameters, after=("Endpoint",)),)


def topic(logical_id: str) -> Resource:
    """An SNS topic."""
    return Resource(logical_id=logical_id, kind="topic", parameters={})


def _of_target(dimension: str) -> dict[str, str | Join]:
    return {"ServiceNamespace": "sagemaker", "ResourceId": RESOURCE_ID, "ScalableDimension": dimension}


def _policy(logical_id: str, dimension: str, kind: str, configuration: Mapping[str, Any]) -> Resource:
    parameters = {**_of_target(dimension), "PolicyType": kind, f"{kind}PolicyConfiguration": configuration}
    return Resource(logical_id=logical_id, kind="scaling_policy", parameters=parameters, after=(_OF_TARGET,))


def _starts(logical_id: str, metric_name: str, threshold: float, comparison: str, periods: int) -> Resource:
    """The alarm that starts the step policy called by the logical id."""
    metric = METRICS[metric_name]
    parameters = {
        **_named(metric_name, metric),
        "Statistic": metric.statistic,
        "Period": round(metric.period_s),
        "EvaluationPeriods": periods,
        "Threshold": threshold,
        "ComparisonOperator": comparison,
        "TreatMissingData": "missing",
        "AlarmActions": [Ref(f"{logical_id}Policy", "Arn")],
    }
    return Resource(logical_id=f"{logical_id}Alarm", kind="alarm", parameters=parameters)


def _named(metric_name: str, metric: Metric) -> dict[str, Any]:
    dimensions = _dimensions(of_variant=metric.of_variant)
    return {"Namespace": "AWS/SageMaker", "MetricName": metric_name, "Dimensions": dimensions}


def _dimensions(*, of_variant: bool) -> list[dict[str, Any]]:
    """Exactly those under which CloudWatch has the metric: with others it finds nothing, and says nothing."""
    named = [{"Name": "EndpointName", "Value": Ref("Endpoint")}]
    return [*named, {"Name": "VariantName", "Value": VARIANT}] if of_variant else named


def _steps(adjustments: Sequence[StepAdjustment], *, above: bool) -> Iterator[dict[str, Any]]:
    """Steps from the threshold outwards: an interval ends where the next begins, the last never."""
    for entry, following in pairwise((*adjustments, None)):
        assert entry is not None
        near, far = entry.distance, following.distance if following else None
        lower, upper = (near, far) if above else (None if far is None else -far, 0.0 - near)
        yield without_none(
            {
                "MetricIntervalLowerBound": lower,
                "MetricIntervalUpperBound": upper,
                "ScalingAdjustment": round(entry.scaling_adjustment),
            }
        )
