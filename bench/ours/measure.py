"""How Headroom's own programs of the benchmark run the engine: warmed up, whole replications, everything included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import files
from typing import Any

from bench.peers.measure import Clock
from simulator.engine.accumulators import Result
from simulator.engine.replication import Case
from simulator.kernels.warm import warm
from simulator.model.assumptions import Assumptions
from simulator.model.hardware import parse
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.patterns.registry import BY_KEY
from simulator.traffic.sources import make_source


def make_case(workload: Workload, duration_s: float, warmup_s: float, assumptions: Assumptions | None = None) -> Case:
    """A case on the packaged hardware."""
    return Case(
        workload=workload,
        requirement=Requirement(),
        assumptions=assumptions or Assumptions(overhead_ms=0),
        simulation=Simulation(duration_s=duration_s, warmup_s=warmup_s),
        hardware=parse((files("simulator") / "data" / "instances.csv").read_text(encoding="utf-8")),
        region="us-east-1",
        source=make_source(workload.traffic, {}),
    )


def replicate(case: Case, deployment: Any, count: int, clock: Clock) -> list[Result]:
    """So many replications, timed, after the kernels have been compiled or loaded."""
    warm()
    run = BY_KEY[deployment.pattern].run
    cases = [replace(case, replication=k) for k in range(count)]
    return [clock.time(partial(run, one, deployment)) for one in cases]


def requests(results: Sequence[Result], case: Case) -> int:
    """Requests simulated: the counted ones, all of which must have met a fate, and those of the warm-up, about."""
    for result in results:
        if result.sums.fates.sum() != result.offered.sum():
            raise SystemExit("The fates do not add up to the requests offered.")
    warmup = case.source.expected(-case.simulation.warmup_s, 0.0)
    return round(sum(float(result.offered.sum()) + warmup for result in results))
