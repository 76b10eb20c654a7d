"""How AWS creates, finds and deletes each kind of resource: services, operations and parameters, in boto3's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from simulator.patterns.resources import ResourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of resource.

    service: boto3's name of the client. create, describe, delete: operations of its API; describe and delete take
    `identified_by` of the parameters of create, or the ARN under `by_arn`. delete: "" for what goes with something
    else.
    name: the parameter that holds its name, with a dot where it lies inside another; "" where it has none.
    arn: the member of create's answer that holds its ARN. tags: how create takes them. hashed: whether its name changes
    with its content, because AWS cannot change it.
    billed: what it costs while it is there, in words; "" where it costs nothing by itself.
    """

    title: str
    service: str
    create: str
    describe: str
    delete: str
    name: str = ""
    identified_by: tuple[str, ...] = ()
    by_arn: str = ""
    arn: str = ""
    tags: Literal["list", "map", "resource tags", ""] = ""
    hashed: bool = False
    billed: str = ""


_OF_TARGET = ("ServiceNamespace", "ResourceId", "ScalableDimension")

KINDS: Final[Mapping[ResourceKind, Kind]] = {
    "model": Kind(
        title="model",
        service="sagemaker",
        create="CreateModel",
        describe="DescribeModel",
        delete="DeleteModel",
        name="ModelName",
        identified_by=("ModelName",),
        arn="ModelArn",
        tags="list",
        hashed=True,
    ),
    "endpoint_config": Kind(
        title="endpoint configuration",
        service="sagemaker",
        create="CreateEndpointConfig",
        describe="DescribeEndpointConfig",
        delete="DeleteEndpointConfig",
        name="EndpointConfigName",
        identified_by=("EndpointConfigName",),
        arn="EndpointConfigArn",
        tags="list",
        hashed=True,
    ),
    "endpoint": Kind(
        title="endpoint",
        service="sagemaker",
        create="CreateEndpoint",
        describe="DescribeEndpoint",
        delete="DeleteEndpoint",
        name="EndpointName",
        identified_by=("EndpointName",),
        arn="EndpointArn",
        tags="list",
        billed="its instances or provisioned concurrency, from the moment that they are provisioned",
    ),
    "scalable_target": Kind(
        title="scalable target",
        service="application-autoscaling",
        create="RegisterScalableTarget",
        describe="DescribeScalableTargets",
        delete="DeregisterScalableTarget",
        identified_by=_OF_TARGET,
        arn="ScalableTargetARN",
        tags="map",
    ),
    "scaling_policy": Kind(
        title="scaling policy",
        service="application-autoscaling",
        create="PutScalingPolicy",
        describe="DescribeScalingPolicies",
        delete="DeleteScalingPolicy",
        name="PolicyName",
        identified_by=("PolicyName", *_OF_TARGET),
        arn="PolicyARN",
        billed="the CloudWatch alarms that AWS makes for target tracking",
    ),
    "scheduled_action": Kind(
        title="scheduled action",
        service="application-autoscaling",
        create="PutScheduledAction",
        describe="DescribeScheduledActions",
        delete="DeleteScheduledAction",
        name="ScheduledActionName",
        identified_by=("ScheduledActionName", *_OF_TARGET),
    ),
    "alarm": Kind(
        title="alarm",
        service="cloudwatch",
        create="PutMetricAlarm",
        describe="DescribeAlarms",
        delete="DeleteAlarms",
        name="AlarmName",
        identified_by=("AlarmName",),
        tags="list",
        billed="the alarm",
    ),
    "topic": Kind(
        title="SNS topic",
        service="sns",
        create="CreateTopic",
        describe="GetTopicAttributes",
        delete="DeleteTopic",
        name="Name",
        by_arn="TopicArn",
        arn="TopicArn",
        tags="list",
    ),
    "subscription": Kind(
        title="subscription",
        service="sns",
        create="Subscribe",
        describe="ListSubscriptionsByTopic",
        delete="",
        identified_by=("TopicArn",),
        arn="SubscriptionArn",
    ),
    "transform_job": Kind(
        title="transform job",
        service="sagemaker",
        create="CreateTransformJob",
        describe="DescribeTransformJob",
        delete="StopTransformJob",
        name="TransformJobName",
        identified_by=("TransformJobName",),
        arn="TransformJobArn",
        tags="list",
        hashed=True,
        billed="its instances, until the job ends",
    ),
    "schedule": Kind(
        title="schedule",
        service="scheduler",
        create="CreateSchedule",
        describe="GetSchedule",
        delete="DeleteSchedule",
        name="Name",
        identified_by=("Name",),
        arn="ScheduleArn",
        billed="the instances of each job that it starts",
    ),
    "budget": Kind(
        title="budget",
        service="budgets",
        create="CreateBudget",
        describe="DescribeBudget",
        delete="DeleteBudget",
        name="Budget.BudgetName",
        identified_by=("AccountId", "BudgetName"),
        tags="resource tags",
    ),
}
"""How each kind is created and deleted. An alarm's describe and delete take a list, AlarmNames. A topic that is deleted
takes its subscriptions along. DeregisterScalableTarget and DeleteEndpoint take policies and scheduled actions along.
"""
