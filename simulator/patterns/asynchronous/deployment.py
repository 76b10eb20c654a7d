"""What can be configured of an asynchronous endpoint."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from simulator.engine.stages import Call
from simulator.fields import Spec, choice, quantity
from simulator.model.workload import Workload
from simulator.patterns.base import BaseDeployment
from simulator.patterns.instances import volume_size_in_gb
from simulator.scaling.metrics import BacklogMetric
from simulator.scaling.policies import (
    ScheduledAction,
    StepIn,
    StepOut,
    disable_scale_in,
    is_scaled,
    scale_in_cooldown,
    scale_out_cooldown,
    scheduled_actions,
)
from simulator.traffic.kinds import Name


def _metric(default: BacklogMetric) -> BacklogMetric:
    words = "Queued and in work, for each instance or together; or 1 when requests wait and there is no instance."
    return choice(default, "Metric", words, row="4.8")  # type: ignore[no-any-return]


class BacklogStepOut(StepOut):
    """Step scaling that adds instances."""

    metric: BacklogMetric = _metric("ApproximateBacklogSizePerInstance")
    threshold: float = quantity(20.0, "Threshold", "The alarm rises at this value of the metric.", ge=0, le=1e7)


class BacklogStepIn(StepIn):
    """Step scaling that takes instances away."""

    metric: BacklogMetric = _metric("ApproximateBacklogSizePerInstance")
    threshold: float = quantity(1.0, "Threshold", "The alarm rises at this value of the metric.", ge=0, le=1e7)


class BacklogTracking(Spec):
    """Target tracking on ApproximateBacklogSizePerInstance, and the step policy that wakes an endpoint from zero."""

    target_value: float = quantity(
        5.0, "TargetValue", "Backlog per instance (queued and in work) that scaling holds.", gt=0, le=1e6, row="4.10"
    )
    scale_out_cooldown_s: float = scale_out_cooldown()
    scale_in_cooldown_s: float = scale_in_cooldown()
    disable_scale_in: bool = disable_scale_in()
    wake_from_zero: bool = choice(
        True, "Wake policy", "Step policy on HasBacklogWithoutCapacity that starts the first instance.", row="4.11"
    )


CALL: Call = "deferred"
"""Its client fetches the answer from S3 later."""


class AsynchronousDeployment(BaseDeployment):
    """One configuration of an asynchronous endpoint."""

    pattern: Literal["asynchronous"] = "asynchronous"
    name: Name = choice("Asynchronous", "Name", "A name for this configuration.")
    instance_type: Name = choice("ml.m5.xlarge", "InstanceType", "Type of the instances.")
    initial_instance_count: int = quantity(1, "InitialInstanceCount", "Instances at the start.", ge=0, le=1000)
    volume_size_in_gb: int = volume_size_in_gb()
    scaling: BacklogTracking | None = choice(
        BacklogTracking(), "Autoscaling", "Scaling on backlog; none keeps the initial count."
    )
    min_capacity: int = quantity(
        0, "MinCapacity", "Fewest instances that scaling may reach; 0 is allowed.", ge=0, le=1000, row="1.15"
    )
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
        900.0,
        "InvocationTimeoutSeconds",
        "Most time the model may take for one request.",
        unit="s",
        ge=1,
        le=3600,
        row="4.5",
    )
    inline_body: bool = choice(
        True,
        "Body in the call",
        "A request of up to 128,000 bytes goes in the Body of InvokeEndpointAsync: its input is neither written to S3 "
        "nor read from there. Larger ones always go through S3, and so do all answers.",
        row="4.1",
    )
    notify: bool = choice(True, "SNS notification", "Publish a message to SNS when a request ends.", row="4.6")
    step_scale_out: BacklogStepOut | None = choice(
        None, "Step scaling out", "A step scaling policy that adds instances.", row="2.25"
    )
    step_scale_in: BacklogStepIn | None = choice(
        None, "Step scaling in", "A step scaling policy that takes instances away.", row="2.25"
    )
    scheduled_actions: tuple[ScheduledAction, ...] = scheduled_actions()

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        if not is_scaled(self):
            if self.initial_instance_count < 1:
                raise ValueError("needs initial_instance_count >= 1 when there is no scaling")
        elif not self.min_capacity <= self.initial_instance_count <= self.max_capacity:
            raise ValueError("needs min_capacity <= initial_instance_count <= max_capacity")
        return self


INLINE_MB = 0.128
"""Largest Body of InvokeEndpointAsync (facts rows 1.1, 4.1)."""


def sends_inline(workload: Workload, deployment: AsynchronousDeployment) -> bool:
    """Whether inputs go in the call; where the largest does not fit, all are taken to go through S3."""
    return deployment.inline_body and workload.largest_request_mb <= INLINE_MB


MOST_CONCURRENT = 1000
"""Largest MaxConcurrentInvocationsPerInstance (facts row 4.3)."""


def slots_per_instance(deployment: AsynchronousDeployment, at_once: int) -> int:
    """Requests an instance has taken from the queue: at_once is what its engine works on at once, and more would only
    wait inside the container.
    """
    return min(deployment.max_concurrent_invocations_per_instance or MOST_CONCURRENT, at_once)
