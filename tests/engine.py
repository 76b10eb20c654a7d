"""How the tests run an engine: a case around a workload, replications, and intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files

from simulator.engine.accumulators import Result
from simulator.engine.replication import Case
from simulator.model.assumptions import Assumptions
from simulator.model.faults import Fault
from simulator.model.hardware import parse
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.patterns.registry import BY_KEY
from simulator.traffic.sources import make_source
from simulator.traffic.spiked import spiked
from validation import student

HARDWARE = parse((files("simulator") / "data" / "instances.csv").read_text(encoding="utf-8"))


def make_case(
    workload: Workload,
    *,
    duration_s: float = 3600,
    warmup_s: float = 600,
    seed: int = 1,
    assumptions: Assumptions | None = None,
    requirement: Requirement | None = None,
    faults: tuple[Fault, ...] = (),
) -> Case:
    """A case without overhead, so that latency is waiting plus service, unless assumptions say otherwise."""
    return Case(
        workload=workload,
        requirement=requirement or Requirement(),
        assumptions=assumptions or Assumptions(overhead_ms=0),
        simulation=Simulation(duration_s=duration_s, warmup_s=warmup_s, seed=seed),
        hardware=HARDWARE,
        region="us-east-1",
        source=spiked(make_source(workload.traffic, {}), faults),
        faults=faults,
    )


def replicate(case: Case, deployment: object, count: int) -> list[Result]:
    """Independent replications of a deployment."""
    run = BY_KEY[deployment.pattern].run  # type: ignore[attr-defined]
    return [run(replace(case, replication=k), deployment) for k in range(count)]


def interval(values: Sequence[float]) -> tuple[float, float]:
    """99.9 % Student-t interval of the mean of independent replications."""
    found = student.interval(values, student.T_999)
    return found.mean - found.half, found.mean + found.half


def contains(values: Sequence[float], expected: float) -> bool:
    """Whether the interval contains the expected value."""
    return student.interval(values, student.T_999).contains(expected)
