"""What AWS has to create for an asynchronous endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.engine.engines.choice import engine_of
from simulator.engine.replication import Case
from simulator.errors import Problem
from simulator.model.placement import Placement
from simulator.patterns import endpoint_resources as of_endpoint
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, slots_per_instance
from simulator.patterns.common import machine
from simulator.patterns.endpoint_resources import INSTANCES
from simulator.patterns.resources import Blueprint, Parameter, Ref, Resource, join, without_none
from simulator.scaling.policies import is_scaled
from simulator.scaling.wake import STEP_COOLDOWN_S, STEP_PERIODS


def resources(case: Case, deployment: AsynchronousDeployment, placement: Placement) -> Blueprint:
    """Topics, model, configuration and endpoint, with its policies, alarms and scheduled actions."""
    kind = machine(case, deployment.instance_type, "instance_type").kind
    variant = of_endpoint.on_instances(
        placement,
        deployment.instance_type,
        deployment.initial_instance_count,
        None if kind.local_disk_gb else deployment.volume_size_in_gb,
    )
    inference = _inference(case, deployment, placement)
    topics = ("SuccessTopic", "ErrorTopic") if deployment.notify else ()
    return Blueprint(
        resources=(
            *(of_endpoint.topic(logical_id) for logical_id in topics),
            of_endpoint.model(placement),
            of_endpoint.endpoint_config(placement, variant, AsyncInferenceConfig=inference),
            of_endpoint.endpoint(),
            *_scaling(deployment),
            *of_endpoint.idle_alarm("InvocationsProcessed", placement.idle_alarm_hours),
        ),
        problems=tuple(_problems(deployment)),
        notes=tuple(_notes(deployment)),
    )


def _inference(case: Case, deployment: AsynchronousDeployment, placement: Placement) -> dict[str, Any]:
    """AsyncInferenceConfig. MaxConcurrentInvocationsPerInstance is stated as simulated, also where it was left open."""
    workers = machine(case, deployment.instance_type, "instance_type").workers
    slots = slots_per_instance(deployment, engine_of(case.workload).requests_at_once(workers))
    output = {
        "S3OutputPath": join(Parameter("output_s3_uri"), "/answers/"),
        "S3FailurePath": join(Parameter("output_s3_uri"), "/failures/"),
        "KmsKeyId": placement.kms_key_id or None,
        "NotificationConfig": {"SuccessTopic": Ref("SuccessTopic", "Arn"), "ErrorTopic": Ref("ErrorTopic", "Arn")}
        if deployment.notify
        else None,
    }
    return {
        "ClientConfig": {"MaxConcurrentInvocationsPerInstance": slots},
        "OutputConfig": without_none(output),
    }


def _scaling(deployment: AsynchronousDeployment) -> Iterator[Resource]:
    if not is_scaled(deployment):
        return
    yield of_endpoint.scalable_target(INSTANCES, deployment.min_capacity, deployment.max_capacity)
    if deployment.scaling:
        metric = "ApproximateBacklogSizePerInstance"
        yield of_endpoint.tracking("BacklogPolicy", deployment.scaling, metric, INSTANCES)
        if deployment.scaling.wake_from_zero and deployment.min_capacity == 0:
            metric = "HasBacklogWithoutCapacity"
            yield from of_endpoint.wake(metric, 1.0, STEP_PERIODS, STEP_COOLDOWN_S, INSTANCES)
    if deployment.step_scale_out:
        yield from of_endpoint.step("StepOut", deployment.step_scale_out, INSTANCES)
    if deployment.step_scale_in:
        yield from of_endpoint.step("StepIn", deployment.step_scale_in, INSTANCES)
    yield from of_endpoint.scheduled(deployment.scheduled_actions, INSTANCES)


def _problems(deployment: AsynchronousDeployment) -> Iterator[Problem]:
    yield from of_endpoint.schedule_problems(deployment.scheduled_actions)
    yield from of_endpoint.step_problems("step_scale_out", deployment.step_scale_out)
    yield from of_endpoint.step_problems("step_scale_in", deployment.step_scale_in)


def _notes(deployment: AsynchronousDeployment) -> Iterator[str]:
    if deployment.initial_instance_count == 0:
        yield "AWS starts every endpoint with one instance; scaling takes it away when nothing waits."
    yield (
        f"The client sends RequestTTLSeconds {deployment.request_ttl_s:g} and InvocationTimeoutSeconds"
        f" {deployment.invocation_timeout_s:g} with each InvokeEndpointAsync: they belong to the call."
    )
