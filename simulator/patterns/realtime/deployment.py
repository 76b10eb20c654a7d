"""What can be configured of a real-time endpoint."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from simulator.fields import Spec, choice, quantity
from simulator.patterns.base import BaseDeployment
from simulator.patterns.instances import volume_size_in_gb
from simulator.scaling.metrics import RealtimeMetric
from simulator.scaling.policies import (
    ConcurrencyTracking,
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


def _metric() -> RealtimeMetric:
    words = "A sum over 60 s for each instance, or the maximum of any instance in 10 s."
    return choice("InvocationsPerInstance", "Metric", words, row="2.3")  # type: ignore[no-any-return]


class RealtimeStepOut(StepOut):
    """Step scaling that adds instances."""

    metric: RealtimeMetric = _metric()


class RealtimeStepIn(StepIn):
    """Step scaling that takes instances away."""

    metric: RealtimeMetric = _metric()


class InvocationsTracking(Spec):
    """Target tracking on SageMakerVariantInvocationsPerInstance."""

    target_value: float = quantity(
        1000.0,
        "TargetValue",
        "Invocations per instance and minute that scaling holds.",
        unit="1/min",
        gt=0,
        le=1e7,
        row="2.1",
    )
    scale_out_cooldown_s: float = scale_out_cooldown()
    scale_in_cooldown_s: float = scale_in_cooldown()
    disable_scale_in: bool = disable_scale_in()


class RealtimeDeployment(BaseDeployment):
    """One configuration of a real-time endpoint."""

    pattern: Literal["realtime"] = "realtime"
    name: Name = choice("Real-time", "Name", "A name for this configuration.")
    instance_type: Name = choice("ml.m5.xlarge", "InstanceType", "Type of the instances.")
    initial_instance_count: int = quantity(1, "InitialInstanceCount", "Instances at the start.", ge=1, le=1000)
    volume_size_in_gb: int = volume_size_in_gb()
    scaling: InvocationsTracking | None = choice(None, "Autoscaling", "Target tracking; none keeps the initial count.")
    min_capacity: int = quantity(
        1, "MinCapacity", "Fewest instances that scaling may reach.", ge=1, le=1000, row="1.15"
    )
    max_capacity: int = quantity(4, "MaxCapacity", "Most instances that scaling may reach.", ge=1, le=1000, row="10.1")
    routing_strategy: Literal["RANDOM", "LEAST_OUTSTANDING_REQUESTS", "PREFIX_AWARE", "KV_AWARE"] = choice(
        "RANDOM",
        "RoutingStrategy",
        "How a request is given to an instance. AWS also has PREFIX_AWARE and KV_AWARE, by what is in the caches of a "
        "language model's server, which Headroom cannot simulate.",
        row="2.50",
    )
    job_queue_size: int = quantity(
        100,
        "Queue per instance",
        "Requests the container holds while all its workers are busy.",
        ge=0,
        le=10_000,
        row="2.53",
    )
    overflow_status: Literal[424, 503] = choice(
        424, "Overflow answer", "What a client sees when that queue is full: 424 is not retried, 503 is.", row="2.60"
    )
    concurrency_scaling: ConcurrencyTracking | None = choice(
        None,
        "Autoscaling on concurrency",
        "Target tracking on concurrent requests, every 10 s; with other policies the largest capacity wins.",
        row="2.24",
    )
    step_scale_out: RealtimeStepOut | None = choice(
        None, "Step scaling out", "A step scaling policy that adds instances.", row="2.25"
    )
    step_scale_in: RealtimeStepIn | None = choice(
        None, "Step scaling in", "A step scaling policy that takes instances away.", row="2.25"
    )
    scheduled_actions: tuple[ScheduledAction, ...] = scheduled_actions()

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        if is_scaled(self) and not self.min_capacity <= self.initial_instance_count <= self.max_capacity:
            raise ValueError("needs min_capacity <= initial_instance_count <= max_capacity")
        if any(action.min_capacity < 1 <= action.max_capacity for action in self.scheduled_actions):
            raise ValueError(
                "needs at least one instance in all scheduled_actions, or none at all: min_capacity and max_capacity of"
                " 0 delete the endpoint until another action creates it again"
            )
        return self
