"""Real-time endpoints: instances that are always there, workers with a queue in each, target tracking on invocations."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from simulator.fields import Spec, choice, quantity
from simulator.traffic.spec import Name


class InvocationsTracking(Spec):
    """Target tracking on SageMakerVariantInvocationsPerInstance."""

    target_value: float = quantity(
        1000.0, "TargetValue", "Invocations per instance and minute that scaling holds.", unit="1/min", gt=0, le=1e7, row="2.1"
    )
    scale_out_cooldown_s: float = quantity(
        300.0, "ScaleOutCooldown", "Least time from one scale-out to the next of the same size.", unit="s", ge=0, le=3600, row="2.21"
    )
    scale_in_cooldown_s: float = quantity(
        300.0, "ScaleInCooldown", "Least time from a scaling activity to the next scale-in.", unit="s", ge=0, le=3600, row="2.21"
    )


class RealtimeDeployment(Spec):
    """One configuration of a real-time endpoint."""

    pattern: Literal["realtime"] = "realtime"
    name: Name = choice("Real-time", "Name", "A name for this configuration.")
    instance_type: Name = choice("ml.m5.xlarge", "InstanceType", "Type of the instances.")
    initial_instance_count: int = quantity(1, "InitialInstanceCount", "Instances at the start.", ge=1, le=1000)
    scaling: InvocationsTracking | None = choice(None, "Autoscaling", "Target tracking; none keeps the initial count.")
    min_capacity: int = quantity(1, "MinCapacity", "Fewest instances that scaling may reach.", ge=1, le=1000, row="1.15")
    max_capacity: int = quantity(4, "MaxCapacity", "Most instances that scaling may reach.", ge=1, le=1000, row="10.1")
    routing_strategy: Literal["RANDOM", "LEAST_OUTSTANDING_REQUESTS"] = choice(
        "RANDOM", "RoutingStrategy", "How a request is given to an instance.", row="2.50"
    )
    job_queue_size: int = quantity(
        100, "Queue per instance", "Requests the container holds while all its workers are busy.", ge=0, le=10_000, row="2.53"
    )
    overflow_status: Literal[424, 503] = choice(
        424, "Overflow answer", "What a client sees when that queue is full: 424 is not retried, 503 is.", row="2.60"
    )

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        if self.scaling is not None and not self.min_capacity <= self.initial_instance_count <= self.max_capacity:
            raise ValueError("needs min_capacity <= initial_instance_count <= max_capacity")
        return self
