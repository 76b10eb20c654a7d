"""Serverless inference: one request per environment, cold starts, throttling beyond max_concurrency."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from simulator.fields import Spec, choice, quantity
from simulator.traffic.spec import Name

MEMORY_SIZES_IN_MB = (1024, 2048, 3072, 4096, 5120, 6144)  # facts row 1.5


class ServerlessDeployment(Spec):
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
        0, "ProvisionedConcurrency", "Environments kept warm, paid while they wait; 0 for none.", ge=0, le=200, row="1.7"
    )

    @model_validator(mode="after")
    def _provisioned_fits(self) -> Self:
        if self.provisioned_concurrency > self.max_concurrency:
            raise ValueError("needs provisioned_concurrency <= max_concurrency")
        return self
