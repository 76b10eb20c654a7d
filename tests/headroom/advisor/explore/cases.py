"""Small scenarios whose answers are known by arithmetic: steady traffic of equal requests, without payload."""

from __future__ import annotations

from functools import cache
from typing import Any

from headroom.advisor.world import World
from headroom.sharing.library import load_world
from simulator.model.assumptions import Assumptions
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Client, ServiceTime, Workload
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Constant

HOUR_S = 3600.0
MONTH_S = 730 * HOUR_S
SERVICE_S = 0.1
INSTANCE = "ml.m5.large"


@cache
def world() -> World:
    return load_world()


def usd(usage: str, dimension: str = "") -> float:
    book, on = world().prices, world().on
    return float(book.find(usage, "us-east-1", dimension, on).usd)


def instance_usd_per_month() -> float:
    return usd("hosting_instance_s", INSTANCE) * 730 + 30 * usd("endpoint_volume_gb_month")


def request_usd() -> float:
    """One serverless request: SERVICE_S at 1024 MB, which is one vCPU here, as a worker of the reference has."""
    return usd("serverless_duration_s", "1024") * SERVICE_S


def break_even_per_s() -> float:
    """The rate at which serverless requests cost as much as one instance."""
    return instance_usd_per_month() / request_usd() / MONTH_S


def steady(rate_per_s: float, **more: Any) -> Scenario:
    """Serverless or real-time on one family: the cheapest memory is 1024 MB, the cheapest instance INSTANCE."""
    fields: dict[str, Any] = {
        "workload": Workload(
            traffic=Constant(rate_per_s=rate_per_s),
            client=Client(retry_mode="none"),
            service_time=ServiceTime(distribution="deterministic", mean_ms=1000 * SERVICE_S),
            reference_instance_type=INSTANCE,
            request_mb=0,
            response_mb=0,
            memory_mb=500,
            model_mb=1,
            image_mb=50,
            model_load_s=0.1,
        ),
        "requirement": Requirement(latency_limit_s=8, max_error_share=0.02, min_zones=1),
        "simulation": Simulation(duration_s=2 * HOUR_S, warmup_s=HOUR_S, replications=2),
        "assumptions": Assumptions(serverless_mb_per_vcpu=1024, serverless_container_start_s=1),
        "search": SearchSpace(patterns=("realtime", "serverless"), families=("ml.m5",), max_instances=4),
    }
    return Scenario(**(fields | more))
