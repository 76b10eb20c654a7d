"""How the tests run an engine: a case around a workload, replications, and intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files

import numpy as np

from simulator.assumptions import Assumptions
from simulator.case import Case
from simulator.faults import Fault
from simulator.hardware import parse
from simulator.patterns import BY_KEY
from simulator.requirement import Requirement
from simulator.simulation import Simulation
from simulator.tally import Result
from simulator.traffic.sources import make_source
from simulator.traffic.spiked import spiked
from simulator.workload import Workload

HARDWARE = parse((files("simulator") / "data" / "instances.csv").read_text(encoding="utf-8"))

T_999 = {9: 4.781, 11: 4.437, 15: 4.073, 19: 3.883, 24: 3.745, 29: 3.659, 39: 3.558}
"""Two-sided 99.9 % quantiles of Student's t by degrees of freedom (any table of the distribution)."""


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
        source=spiked(make_source(workload.traffic, {}), faults),
        faults=faults,
    )


def replicate(case: Case, deployment: object, count: int) -> list[Result]:
    """Independent replications of a deployment."""
    run = BY_KEY[deployment.pattern].run  # type: ignore[attr-defined]
    return [run(replace(case, replication=k), deployment) for k in range(count)]


def interval(values: Sequence[float]) -> tuple[float, float]:
    """99.9 % Student-t interval of the mean of independent replications."""
    half = T_999[len(values) - 1] * np.std(values, ddof=1) / np.sqrt(len(values))
    return float(np.mean(values) - half), float(np.mean(values) + half)


def contains(values: Sequence[float], expected: float) -> bool:
    """Whether the interval contains the expected value."""
    low, high = interval(values)
    return low <= expected <= high
