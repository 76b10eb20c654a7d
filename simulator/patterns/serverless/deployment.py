"""What can be configured of a serverless endpoint."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from simulator.fields import choice, quantity
from simulator.patterns.base import BaseDeployment
from simulator.scaling.policies import ProvisionedTracking, ScheduledAction, capacities, is_scaled, scheduled_actions
from simulator.traffic.kinds import Name

MEMORY_SIZES_IN_MB = (1024, 2048, 3072, 4096, 5120, 6144)  # facts row 1.5
MOST_CONCURRENCY = 200  # facts row 1.6


class ServerlessDeployment(BaseDeployment):
    """One configuration of a serverless endpoint."""

    pattern: Literal["serverless"] = "serverless"
    name: Name = choice("Serverless", "Name", "A name for this configuration.")
    memory_size_in_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144] = choice(
        2048, "MemorySizeInMB", "Memory of an environment; vCPU grows with it.", row="1.5"
    )
    max_concurrency: int = quantity(
        20, "MaxConcurrency", "Requests in work at once; one more is answered 429.", ge=1, le=200, row="1.6"
    )
    provisioned_concurrency: int = quantity(
        0,
        "ProvisionedConcurrency",
        "Environments kept warm, paid while they wait; 0 for none.",
        ge=0,
        le=200,
        row="1.7",
    )
    scaling: ProvisionedTracking | None = choice(
        None, "Autoscaling", "Target tracking of provisioned concurrency; none keeps the count.", row="3.41"
    )
    min_capacity: int = quantity(
        1, "MinCapacity", "Fewest environments that scaling may provision.", ge=1, le=200, row="3.41"
    )
    max_capacity: int = quantity(
        10, "MaxCapacity", "Most environments that scaling may provision.", ge=1, le=200, row="1.7"
    )
    scheduled_actions: tuple[ScheduledAction, ...] = scheduled_actions()

    @model_validator(mode="after")
    def _provisioned_fits(self) -> Self:
        if self.provisioned_concurrency > self.max_concurrency:
            raise ValueError("needs provisioned_concurrency <= max_concurrency")
        if is_scaled(self):
            if not self.min_capacity <= self.provisioned_concurrency <= self.max_capacity:
                raise ValueError("needs min_capacity <= provisioned_concurrency <= max_capacity")
            least, most = capacities(self)
            if least < 1 or most > self.max_concurrency:
                raise ValueError("needs 1 to max_concurrency in max_capacity and in all scheduled_actions")
        return self
