"""Asynchronous inference: one queue per endpoint in front of instances that may scale to zero."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from simulator.fields import Spec, choice, quantity
from simulator.traffic.spec import Name


class BacklogTracking(Spec):
    """Target tracking on ApproximateBacklogSizePerInstance, and the step policy that wakes an endpoint from zero."""

    target_value: float = quantity(
        5.0, "TargetValue", "Backlog per instance (queued and in work) that scaling holds.", gt=0, le=1e6, row="4.10"
    )
    scale_out_cooldown_s: float = quantity(
        300.0, "ScaleOutCooldown", "Least time from one scale-out to the next of the same size.", unit="s", ge=0, le=3600, row="2.21"
    )
    scale_in_cooldown_s: float = quantity(
        300.0, "ScaleInCooldown", "Least time from a scaling activity to the next scale-in.", unit="s", ge=0, le=3600, row="2.21"
    )
    wake_from_zero: bool = choice(
        True, "Wake policy", "Step policy on HasBacklogWithoutCapacity that starts the first instance.", row="4.11"
    )


class AsynchronousDeployment(Spec):
    """One configuration of an asynchronous endpoint."""

    pattern: Literal["asynchronous"] = "asynchronous"
    name: Name = choice("Asynchronous", "Name", "A name for this configuration.")
    instance_type: Name = choice("ml.m5.xlarge", "InstanceType", "Type of the instances.")
    initial_instance_count: int = quantity(1, "InitialInstanceCount", "Instances at the start.", ge=0, le=1000)
    scaling: BacklogTracking | None = choice(BacklogTracking(), "Autoscaling", "Scaling on backlog; none keeps the initial count.")
    min_capacity: int = quantity(0, "MinCapacity", "Fewest instances that scaling may reach; 0 is allowed.", ge=0, le=1000, row="1.15")
    max_capacity: int = quantity(4, "MaxCapacity", "Most instances that scaling may reach.", ge=1, le=1000, row="10.1")
    max_concurrent_invocations_per_instance: int = quantity(
        0,
        "MaxConcurrentInvocationsPerInstance",
        "Requests an instance takes from the queue at once; 0 means as many as it has workers.",
        ge=0,
        le=1000,
        row="4.3",
    )
    request_ttl_s: float = quantity(
        21_600.0, "RequestTTLSeconds", "A request that waits longer expires.", unit="s", ge=60, le=21_600, row="4.4"
    )
    invocation_timeout_s: float = quantity(
        900.0, "InvocationTimeoutSeconds", "Most time the model may take for one request.", unit="s", ge=1, le=3600, row="4.5"
    )
    notify: bool = choice(True, "SNS notification", "Publish a message to SNS when a request ends.", row="4.6")

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        if self.scaling is None:
            if self.initial_instance_count < 1:
                raise ValueError("needs initial_instance_count >= 1 when there is no scaling")
        elif not self.min_capacity <= self.initial_instance_count <= self.max_capacity:
            raise ValueError("needs min_capacity <= initial_instance_count <= max_capacity")
        return self
