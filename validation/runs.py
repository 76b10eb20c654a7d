"""How the validation runs the engine: cases around workloads, replications, intervals."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from headroom.advisor.world import World
from headroom.sharing.library import load_world
from headroom.work.prefetch import one_ahead
from simulator.engine.accumulators import Result
from simulator.engine.replication import Case
from simulator.model.assumptions import Assumptions
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.traffic.kinds import Constant
from simulator.traffic.sources import make_source
from validation import student
from validation.student import Interval

REPLICATIONS = 20


@cache
def world() -> World:
    """What comes with Headroom."""
    return load_world(one_ahead)


def interval(values: Sequence[float]) -> Interval:
    """The 95 % interval of the mean of replications."""
    return student.interval(values, student.T_95)


def work(rate_per_s: float, distribution: str, mean_s: float, cv: float = 1.0, **more: Any) -> Workload:
    """Poisson arrivals of clients that never try again, without payload."""
    fields: dict[str, Any] = {
        "traffic": Constant(rate_per_s=rate_per_s),
        "client": Client(retry_mode="none"),
        "service_time": ServiceTime.model_validate(
            {"distribution": distribution, "mean_ms": 1000 * mean_s, "cv": cv or 1}
        ),
        "request_mb": 0.0,
        "response_mb": 0.0,
    }
    return Workload(**(fields | more))


def environments(start_s: float = 0.0, **more: float) -> tuple[dict[str, float], Assumptions]:
    """Sizes for a workload, and assumptions, that make every cold start last just that long."""
    sizes = {"image_mb": 1e-300, "model_mb": 0.0, "model_load_s": 0.0}
    given = {"overhead_ms": 0.0, "serverless_container_start_s": start_s, "serverless_cold_sigma": 0.0}
    return sizes, Assumptions.model_validate(given | more)


@dataclass(frozen=True, slots=True)
class Draws:
    """Replications, and their seed; without one, draws of their own for each load and pattern."""

    replications: int = REPLICATIONS
    seed: int | None = None


DRAWS = Draws()


def results(
    workload: Workload,
    deployment: Deployment,
    duration_s: float,
    *,
    warmup_s: float = 0.0,
    assumptions: Assumptions | None = None,
    draws: Draws = DRAWS,
) -> list[Result]:
    """Independent replications of a deployment."""
    case = Case(
        workload=workload,
        requirement=Requirement(),
        assumptions=assumptions or Assumptions(overhead_ms=0),
        simulation=Simulation(
            duration_s=max(duration_s, 3600.0),
            warmup_s=warmup_s,
            seed=_seed(workload, deployment) if draws.seed is None else draws.seed,
        ),
        hardware=world().hardware,
        region="us-east-1",
        source=make_source(workload.traffic, {}),
    )
    run = BY_KEY[deployment.pattern].run
    return [run(replace(case, replication=k), deployment) for k in range(draws.replications)]


def _seed(workload: Workload, deployment: Deployment) -> int:
    """A number that follows from what makes a row of the grid, and from nothing else."""
    traffic, service = workload.traffic, workload.service_time
    rate = traffic.rate_per_s if isinstance(traffic, Constant) else 0.0
    queue = deployment.job_queue_size if isinstance(deployment, RealtimeDeployment) else 0
    words = (
        deployment.pattern,
        rate,
        service.distribution,
        service.mean_ms,
        service.cv,
        workload.container_workers,
        queue,
    )
    return zlib.crc32(repr(words).encode()) & 0x7FFFFFFF
