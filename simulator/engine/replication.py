"""What a pattern is given to run: the workload's side of a scenario, made ready, and named streams of random numbers.

Every random number comes from a stream named here and seeded by (seed, replication, stream), so that two deployments
see the same requests with the same demands (common random numbers).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Final, Protocol

import numpy as np

from simulator.engine.load_tables import LoadTables
from simulator.model.assumptions import Assumptions
from simulator.model.faults import Fault
from simulator.model.hardware import Hardware
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.traffic.sources import Source
from simulator.traffic.spiked import unspiked


class Stream(IntEnum):
    """Names of the random streams; the number is part of the seed, so it never changes."""

    ARRIVALS = 0
    DEMAND = 1
    ROUTING = 2
    BACKOFF = 3
    PROVISIONING = 4
    ALARM = 5
    COLD_START = 6
    PREVIEW = 7
    USERS = 40
    SHORTAGE = 20
    OBJECTS = 30
    CALLS = 31
    LIFE = 16
    KEEP = 17


Work = Callable[[], None]


class Ahead(Protocol):
    """What another core may do beside the simulation. It changes when things are done, never what comes out."""

    def __call__(self, items: Iterator[Any]) -> Iterator[Any]:
        """Hand on what an iterator gives, in its order; may fetch the next while the last is worked on."""
        ...

    def aside(self, work: Work) -> Work:
        """Do this, perhaps later, but in the order given. Calling the answer waits until it is done."""
        ...


def _no_progress(_share: float) -> None:
    return None


class _InStep:
    """Everything at its time, on one core."""

    def __call__(self, items: Iterator[Any]) -> Iterator[Any]:
        return items

    def aside(self, work: Work) -> Work:
        work()
        return _done


def _done() -> None:
    return None


in_step: Final[Ahead] = _InStep()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One replication of one workload in a Region of AWS. source has the traffic spikes among the faults in it.

    zones: Availability Zones of which one is lost all the time, 0 for none; only formulas know it, the run has a fault
    for it. progress is told the share of the horizon that is done. ahead: what may be done on another core. tables:
    what has been worked out of the source, for the next deployment; it never changes a result. A case with another
    source has tables of its own.
    """

    workload: Workload
    requirement: Requirement
    assumptions: Assumptions
    simulation: Simulation
    hardware: Hardware
    region: str
    source: Source
    faults: tuple[Fault, ...] = ()
    replication: int = 0
    zones: int = 0
    progress: Callable[[float], None] = _no_progress
    ahead: Ahead = in_step
    tables: LoadTables = field(default=None, compare=False, repr=False)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        tables: LoadTables | None = self.tables
        if tables is None or tables.source is not self.source:
            object.__setattr__(self, "tables", LoadTables(self.source))

    def expected_requests(self) -> float:
        """Mean number of requests from the start of the warm-up to the end of the horizon; of users the most that they
        can send, were all answered at once.
        """
        simulation, population = self.simulation, self.workload.population
        requests = self.source.expected(-simulation.warmup_s, simulation.duration_s)
        if population:
            requests += population.users / population.think_time_s * (simulation.warmup_s + simulation.duration_s)
        return requests

    def calm(self) -> Case:
        """The same without anything that goes wrong."""
        return replace(self, faults=(), source=unspiked(self.source))

    @property
    def minutes(self) -> float:
        """Simulated time, the warm-up included."""
        return (self.simulation.warmup_s + self.simulation.duration_s) / 60

    def rng(self, stream: int) -> np.random.Generator:
        """A fresh generator at the start of the stream."""
        return np.random.Generator(np.random.PCG64DXSM(self._seed(stream)))

    def key(self, stream: int) -> np.uint64:
        """What the numbers of a stream are keyed with where each request has its own (kernels/keyed.py)."""
        return np.uint64(self._seed(stream).generate_state(1, np.uint64)[0])

    def _seed(self, stream: int) -> np.random.SeedSequence:
        return np.random.SeedSequence(self.simulation.seed, spawn_key=(self.replication, int(stream)))
