"""The median cold start of a serverless environment, in its parts."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.model.assumptions import Assumptions
from simulator.model.service import cpu_factor, serverless_vcpu
from simulator.model.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """The parts of the median cold start, in seconds (facts rows 3.1, 3.27)."""

    container_s: float
    image_s: float
    model_s: float
    load_s: float

    @property
    def median_s(self) -> float:
        """Their sum."""
        return self.container_s + self.image_s + self.model_s + self.load_s

    def __str__(self) -> str:
        return (
            f"Half of the cold starts take more than {self.median_s:.1f} s: container {self.container_s:.1f} s, "
            f"image {self.image_s:.1f} s, model from S3 {self.model_s:.1f} s, load {self.load_s:.1f} s"
        )


def cold_start(workload: Workload, assumptions: Assumptions, memory_size_in_mb: int) -> ColdStart:
    """The median cold start. Loading the model is serial work: less than one vCPU slows it down, more does not help."""
    return ColdStart(
        container_s=assumptions.serverless_container_start_s,
        image_s=workload.image_mb / assumptions.serverless_image_mb_per_s,
        model_s=workload.model_mb / assumptions.serverless_model_mb_per_s,
        load_s=workload.model_load_s * cpu_factor(serverless_vcpu(memory_size_in_mb, assumptions), 0.0),
    )
