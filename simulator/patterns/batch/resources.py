"""What AWS has to create for transform jobs: a model, and the schedule that starts a job on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.engine.engines.choice import engine_of
from simulator.engine.replication import Case
from simulator.errors import Problem
from simulator.model.placement import Placement
from simulator.patterns import endpoint_resources as of_endpoint
from simulator.patterns.batch.calls import slots_per_instance
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.common import machine
from simulator.patterns.resources import Blueprint, Json, Parameter, Ref, Resource, join, without_none
from simulator.traffic.kinds import DAY_S, Jobs

_MINUTE_S, _HOUR_S = 60.0, 3600.0
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_CREATE_JOB = "arn:aws:scheduler:::aws-sdk:sagemaker:createTransformJob"
EXECUTION_ID = "<aws.scheduler.execution-id>"
"""EventBridge Scheduler puts a new id of 16 characters in its place at each call: no two jobs may have one name."""


def resources(case: Case, deployment: BatchDeployment, placement: Placement) -> Blueprint:
    """The model, and a schedule whose calls are jobs; or one job where data sets start their own."""
    job = _job(case, deployment, placement)
    if isinstance(case.workload.traffic, Jobs):
        starts = Resource(logical_id="TransformJob", kind="transform_job", parameters=job)
        notes: tuple[str, ...] = (
            "Every data set is a job of its own: this creates the job of one. Start the next with another name.",
        )
    else:
        starts, notes = _schedule(case, deployment, job), ()
    return Blueprint(
        resources=(of_endpoint.model(placement), starts),
        problems=tuple(_problems(case, deployment)),
        notes=(*notes, *_notes(deployment)),
    )


def _job(case: Case, deployment: BatchDeployment, placement: Placement) -> dict[str, Any]:
    """Parameters of CreateTransformJob but for its name. What was left to the container is stated as simulated."""
    workers = machine(case, deployment.instance_type, "instance_type").workers
    by_line = deployment.split_type == "Line"
    source = {"S3DataType": "S3Prefix", "S3Uri": Parameter("input_s3_uri")}
    key = placement.kms_key_id or None
    output = {
        "S3OutputPath": Parameter("output_s3_uri"),
        "AssembleWith": "Line" if by_line else "None",
        "KmsKeyId": key,
    }
    instances = {
        "InstanceType": deployment.instance_type,
        "InstanceCount": deployment.instance_count,
        "VolumeKmsKeyId": key,
    }
    return without_none(
        {
            "ModelName": Ref("Model"),
            "MaxConcurrentTransforms": slots_per_instance(
                deployment, engine_of(case.workload).requests_at_once(workers)
            ),
            "ModelClientConfig": {
                "InvocationsTimeoutInSeconds": round(deployment.invocations_timeout_s),
                "InvocationsMaxRetries": deployment.invocations_max_retries,
            },
            "MaxPayloadInMB": deployment.max_payload_in_mb,
            "BatchStrategy": deployment.batch_strategy if by_line else None,
            "TransformInput": {"DataSource": {"S3DataSource": source}, "SplitType": deployment.split_type},
            "TransformOutput": without_none(output),
            "TransformResources": without_none(instances),
        }
    )


def _schedule(case: Case, deployment: BatchDeployment, job: dict[str, Any]) -> Resource:
    """EventBridge Scheduler calls CreateTransformJob itself: AWS has no resource for jobs that recur."""
    target = {
        "Arn": _CREATE_JOB,
        "RoleArn": Parameter("scheduler_role_arn"),
        "Input": Json({"TransformJobName": join(Ref("Schedule"), "-", EXECUTION_ID), **job}),
        "RetryPolicy": {"MaximumEventAgeInSeconds": 900, "MaximumRetryAttempts": 3},
    }
    parameters = {
        "ScheduleExpression": schedule_expression(deployment, case.simulation.starts_on),
        "ScheduleExpressionTimezone": case.simulation.timezone,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED",
        "Target": target,
    }
    return Resource(logical_id="Schedule", kind="schedule", parameters=parameters)


def schedule_expression(deployment: BatchDeployment, starts_on: int) -> str:
    """The schedule as cron where the clock can say it, else as a rate, which counts from its creation."""
    offset, every = round(deployment.schedule_offset_s / _MINUTE_S), round(deployment.schedule_every_s / _MINUTE_S)
    minute, hour, day = offset % 60, offset // 60 % 24, round(DAY_S / _MINUTE_S)
    if 60 % every == 0:
        return f"cron({minute % every}/{every} * * * ? *)"
    if every % 60 == 0 and day % every == 0:
        first, hours = (offset % every) // 60, every // 60
        return f"cron({minute} {','.join(str(at) for at in range(first, 24, hours))} * * ? *)"
    if every == 7 * day:
        return f"cron({minute} {hour} ? * {_WEEKDAYS[(starts_on + offset // day) % 7]} *)"
    return f"rate({every} minutes)"


def _problems(case: Case, deployment: BatchDeployment) -> Iterator[Problem]:
    if isinstance(case.workload.traffic, Jobs):
        return
    for name in ("schedule_offset_s", "schedule_every_s"):
        seconds = float(deployment.model_dump()[name])
        if seconds % _MINUTE_S:
            yield Problem(name, f"{seconds:g} s", "whole minutes: EventBridge Scheduler knows no seconds")


def _notes(deployment: BatchDeployment) -> Iterator[str]:
    yield (
        f"The input has to lie under its prefix as about {deployment.input_objects} objects, and only what is new: a"
        " job takes all that is there."
    )
