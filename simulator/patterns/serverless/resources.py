"""What AWS has to create for a serverless endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.engine.replication import Case
from simulator.errors import Problem
from simulator.model.placement import Placement
from simulator.patterns import endpoint_resources as of_endpoint
from simulator.patterns.endpoint_resources import PROVISIONED
from simulator.patterns.resources import Blueprint, Resource, without_none
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scaling.policies import is_scaled


def resources(_case: Case, deployment: ServerlessDeployment, placement: Placement) -> Blueprint:
    """Model, configuration and endpoint, with what scales its provisioned concurrency."""
    serverless = {
        "MemorySizeInMB": deployment.memory_size_in_mb,
        "MaxConcurrency": deployment.max_concurrency,
        "ProvisionedConcurrency": deployment.provisioned_concurrency or None,
    }
    variant = of_endpoint.variant(placement, ServerlessConfig=without_none(serverless))
    return Blueprint(
        resources=(
            of_endpoint.model(placement),
            of_endpoint.endpoint_config(placement, variant),
            of_endpoint.endpoint(),
            *_scaling(deployment),
            *of_endpoint.idle_alarm("Invocations", placement.idle_alarm_hours),
        ),
        problems=tuple(_problems(deployment)),
        notes=("The container works on one request at a time, as serverless environments do.",),
    )


def _scaling(deployment: ServerlessDeployment) -> Iterator[Resource]:
    if not is_scaled(deployment):
        return
    yield of_endpoint.scalable_target(PROVISIONED, deployment.min_capacity, deployment.max_capacity)
    if deployment.scaling:
        metric = "ProvisionedConcurrencyUtilization"
        yield of_endpoint.tracking("ProvisionedPolicy", deployment.scaling, metric, PROVISIONED)
    yield from of_endpoint.scheduled(deployment.scheduled_actions, PROVISIONED)


def _problems(deployment: ServerlessDeployment) -> Iterator[Problem]:
    yield from of_endpoint.schedule_problems(deployment.scheduled_actions)
