"""Exact runs for a search: one replication of one candidate at a time, here or elsewhere, pooled as `evaluate` pools.

Two candidates see the same requests (common random numbers), so their replications can be compared one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import judge, rule_out
from headroom.advisor.evidence import Simulated
from headroom.advisor.executor import Executor, Future
from headroom.advisor.prepared import PreparedScenario
from simulator import simulate as simulator
from simulator.engine.accumulators import Result
from simulator.engine.replication import Case, in_step
from simulator.engine.replication_count import planned_replications
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.patterns.replicate import replicate as one_replication
from simulator.scenario import Scenario

REQUEST_MS, MINUTE_MS = 1e-4, 0.03
"""Work of a request of a real-time endpoint, and of a minute of any controller, about (bench/RESULTS.md)."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A replication whose histogram, which is nearly empty, is kept as its filled buckets and their counts."""

    rest: Result
    shape: tuple[int, ...]
    filled: NDArray[np.int64]
    counts: NDArray[np.int64]

    def unpacked(self) -> Result:
        """The replication with its full histogram."""
        histogram = np.zeros(self.shape, dtype=np.int64)
        histogram.ravel()[self.filled] = self.counts
        return replace(self.rest, sums=self.rest.sums._replace(histogram=histogram))


def replicate(case: Case, deployment: Deployment) -> Packed:
    """Simulate one replication of a deployment; the result is packed for the way back from another process."""
    result = one_replication(case, deployment)
    histogram = result.sums.histogram
    filled = np.flatnonzero(histogram)
    rest = replace(result, sums=result.sums._replace(histogram=np.zeros((0, 0), dtype=np.int64)))
    return Packed(rest, histogram.shape, filled, histogram.ravel()[filled])


@dataclass(slots=True)
class Runs:
    """All exact runs of a search.

    told: called with the number of replications made so far, after each. requests: expected in one replication.
    spent_ms: work done, in about milliseconds of one core.
    """

    prepared: PreparedScenario
    executor: Executor | None
    told: Callable[[int], None]
    made: int = 0
    spent_ms: float = 0.0
    results: dict[Deployment, list[Packed]] = field(default_factory=dict)
    judged: dict[tuple[Deployment, int], Answer] = field(default_factory=dict)
    scenario: Scenario = field(init=False)
    case: Case = field(init=False)
    planned: int = field(init=False)
    requests: float = field(init=False)

    def __post_init__(self) -> None:
        self.scenario = self.prepared.scenario
        self.case = replace(self.prepared.case, ahead=in_step)
        self.requests = self.case.expected_requests()
        self.planned = planned_replications(self.requests, self.scenario.simulation.replications)

    def run(self, deployments: Sequence[Deployment], replications: int) -> None:
        """Simulate each deployment until it has that number of replications, capped at the planned number."""
        orders = [
            (deployment, k)
            for deployment in dict.fromkeys(deployments)
            if not simulator.limits(self.case, deployment)
            for k in range(len(self.results.get(deployment, ())), min(replications, self.planned))
        ]
        for (deployment, _), result in zip(orders, self._results(orders), strict=True):
            self.results.setdefault(deployment, []).append(result)
            self.made += 1
            self.spent_ms += self.work(deployment) * REQUEST_MS + self.case.minutes * MINUTE_MS
            self.told(self.made)

    def evaluation(self, deployment: Deployment) -> Answer:
        """Judge a deployment by the replications made so far."""
        key = deployment, len(self.results.get(deployment, ()))
        if key not in self.judged:
            self.judged[key] = self._judged(deployment)
        return self.judged[key]

    def work(self, deployment: Deployment) -> float:
        """Work of one replication of a deployment, in requests of a real-time endpoint."""
        return self.requests * BY_KEY[deployment.pattern].request_work

    def _judged(self, deployment: Deployment) -> Answer:
        broken = simulator.limits(self.case, deployment)
        if broken:
            return rule_out(self.scenario, deployment, broken)
        results = [result.unpacked() for result in self.results[deployment]]
        return judge(self.prepared, deployment, Simulated(simulator.pooled(self.case, deployment, results)))

    def _results(self, orders: Sequence[tuple[Deployment, int]]) -> Iterable[Packed]:
        cases = [(replace(self.case, replication=k), deployment) for deployment, k in orders]
        if len(cases) == 1 and self.planned == 1:  # a large one alone: here, where a second core can draw ahead for it
            case, deployment = cases[0]
            return (replicate(replace(case, ahead=self.prepared.case.ahead), deployment) for _ in cases)
        if self.executor is None:
            return (replicate(*order) for order in cases)
        futures = [self.executor.submit(replicate, *order) for order in cases]
        return (_of(future) for future in futures)


def _of(future: Future) -> Any:
    return future.result()
