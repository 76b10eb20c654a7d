"""Small scenarios that are planned in a second or two."""

from __future__ import annotations

from typing import Any

from headroom.sharing.library import load_world
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import ServiceTime, Workload
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Constant, Profile

WORLD = load_world()
DAILY = Profile(peak_rate_per_s=8, shape=(0, 0, 0, 1, 4, 6, 8, 6, 4, 2, 1, 0))


def scenario(requirement: dict[str, Any] | None = None, search: dict[str, Any] | None = None, **more: Any) -> Scenario:
    """Two hours of 20 requests a second of 60 ms each, unless something else is said."""
    simulation = {"duration_s": 7200.0, "warmup_s": 0.0, "replications": 3, **more.pop("simulation", {})}
    workload = {
        "traffic": Constant(rate_per_s=20),
        "service_time": ServiceTime(mean_ms=60, cv=0.5),
        "image_mb": 300.0,
        **more,
    }
    return Scenario(
        workload=Workload(**workload),
        requirement=Requirement(**{"latency_limit_s": 0.4, "min_zones": 1, **(requirement or {})}),
        search=SearchSpace(**(search or {})),
        simulation=Simulation(**simulation),
    )
