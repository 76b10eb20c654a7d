"""Workloads and assumptions for the tests of the serverless engine."""

from __future__ import annotations

from typing import Any

from simulator.model.assumptions import Assumptions
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.traffic.kinds import Constant

# A worker of the reference has one vCPU; so has an environment of this size or more: work takes as long as is stated.
MEMORY_MB = 2048


def workload(rate_per_s: float = 1.0, *, mean_ms: float = 100.0, distribution: str = "exponential", **more) -> Workload:
    """Poisson arrivals of clients that never try again; `more` replaces fields."""
    given = {
        "traffic": Constant(rate_per_s=rate_per_s),
        "service_time": ServiceTime(distribution=distribution, mean_ms=mean_ms, cv=1.5),
        "client": Client(retry_mode="none"),
    }
    return Workload(**(given | more))


def starts(median_s: float, sigma: float = 0.0, **more) -> tuple[dict[str, Any], Assumptions]:
    """Sizes for a workload, and assumptions, that make the median cold start just that."""
    sizes = {"image_mb": 1e-300, "model_mb": 0.0, "model_load_s": 0.0}
    return sizes, Assumptions(overhead_ms=0, serverless_container_start_s=median_s, serverless_cold_sigma=sigma, **more)
