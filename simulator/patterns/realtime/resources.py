"""What AWS has to create for a real-time endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.engine.replication import Case
from simulator.errors import Problem
from simulator.model.placement import Placement
from simulator.patterns import endpoint_resources as of_endpoint
from simulator.patterns.common import machine
from simulator.patterns.endpoint_resources import INSTANCES
from simulator.patterns.realtime.absence import is_deleted_at_times
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.resources import Blueprint, Resource
from simulator.scaling.policies import is_scaled


def resources(case: Case, deployment: RealtimeDeployment, placement: Placement) -> Blueprint:
    """Model, configuration and endpoint, with its policies, alarms and scheduled actions."""
    kind = machine(case, deployment.instance_type, "instance_type").kind
    variant = of_endpoint.on_instances(
        placement,
        deployment.instance_type,
        deployment.initial_instance_count,
        None if kind.local_disk_gb else deployment.volume_size_in_gb,
        RoutingConfig={"RoutingStrategy": deployment.routing_strategy},
    )
    return Blueprint(
        resources=(
            of_endpoint.model(placement),
            of_endpoint.endpoint_config(placement, variant),
            of_endpoint.endpoint(),
            *_scaling(deployment),
            *of_endpoint.idle_alarm("Invocations", placement.idle_alarm_hours),
        ),
        problems=tuple(_problems(deployment)),
        notes=tuple(_notes(case, deployment)),
    )


def _scaling(deployment: RealtimeDeployment) -> Iterator[Resource]:
    if not is_scaled(deployment):
        return
    yield of_endpoint.scalable_target(INSTANCES, deployment.min_capacity, deployment.max_capacity)
    if deployment.scaling:
        yield of_endpoint.tracking("InvocationsPolicy", deployment.scaling, "InvocationsPerInstance", INSTANCES)
    if deployment.concurrency_scaling:
        spec = deployment.concurrency_scaling
        yield of_endpoint.tracking("ConcurrencyPolicy", spec, "ConcurrentRequestsPerModel", INSTANCES)
    if deployment.step_scale_out:
        yield from of_endpoint.step("StepOut", deployment.step_scale_out, INSTANCES)
    if deployment.step_scale_in:
        yield from of_endpoint.step("StepIn", deployment.step_scale_in, INSTANCES)
    yield from of_endpoint.scheduled(deployment.scheduled_actions, INSTANCES)


def _problems(deployment: RealtimeDeployment) -> Iterator[Problem]:
    if is_deleted_at_times(deployment):
        yield Problem(
            "scheduled_actions",
            "an action with max_capacity = 0",
            "at least one instance: AWS keeps one of a real-time endpoint, and no scheduled action deletes it",
            "Delete and create the endpoint by a schedule of your own, or choose an asynchronous endpoint.",
        )
    yield from of_endpoint.schedule_problems(deployment.scheduled_actions)
    yield from of_endpoint.step_problems("step_scale_out", deployment.step_scale_out)
    yield from of_endpoint.step_problems("step_scale_in", deployment.step_scale_in)


def _notes(case: Case, deployment: RealtimeDeployment) -> Iterator[str]:
    here = machine(case, deployment.instance_type, "instance_type")
    yield (
        f"The container has to work on {here.workers} request{'' if here.workers == 1 else 's'} at once and to queue"
        f" {deployment.job_queue_size} more, as simulated: its own settings say so, AWS has none for it."
    )
