"""Exact runs for a search: one replication of one candidate at a time, here or elsewhere, pooled as `evaluate` pools.

Two candidates see the same requests (common random numbers), so their replications can be compared one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from advisor.evaluate import judge, make_case, rule_out
from advisor.evaluation import Evaluation
from advisor.search.executor import Executor, Future
from advisor.world import World
from simulator import simulate as simulator
from simulator.case import Case, in_step
from simulator.fast.counted import PER_INSTANCE_S, PER_MINUTE_S, PER_REQUEST_S
from simulator.patterns import BY_KEY
from simulator.pool import pool
from simulator.scaling.spec import capacities, is_scaled
from simulator.scenario import Deployment, Scenario
from simulator.simulate import planned_replications
from simulator.tally import Result

_ENDPOINT_REQUEST_S = 1.2e-7
_BATCH_S = 0.2


@dataclass(frozen=True, slots=True)
class Packed:
    """A replication whose histogram, which is nearly empty, is kept as its filled buckets and their counts."""

    rest: Result
    shape: tuple[int, ...]
    filled: NDArray[np.int64]
    counts: NDArray[np.int64]

    def unpacked(self) -> Result:
        """The replication as it was."""
        histogram = np.zeros(self.shape, dtype=np.int64)
        histogram.ravel()[self.filled] = self.counts
        return replace(self.rest, sums=self.rest.sums._replace(histogram=histogram))


def replicate(case: Case, deployment: Deployment) -> Packed:
    """One replication; what is sent to an executor."""
    result = BY_KEY[deployment.pattern].run(case, deployment)
    histogram = result.sums.histogram
    filled = np.flatnonzero(histogram)
    rest = replace(result, sums=result.sums._replace(histogram=np.zeros((0, 0), dtype=np.int64)))
    return Packed(rest, histogram.shape, filled, histogram.ravel()[filled])


@dataclass(slots=True)
class Runs:
    """All exact runs of a search. made: replications done so far, in all."""

    scenario: Scenario
    world: World
    executor: Executor | None
    told: Callable[[int], None]
    made: int = 0
    results: dict[Deployment, list[Packed]] = field(default_factory=dict)
    judged: dict[tuple[Deployment, int], Evaluation] = field(default_factory=dict)
    case: Case = field(init=False)
    planned: int = field(init=False)

    def __post_init__(self) -> None:
        self.case = replace(make_case(self.scenario, self.world), ahead=in_step)
        simulation = self.scenario.simulation
        requests = self.case.source.expected(-simulation.warmup_s, simulation.duration_s)
        self.planned = planned_replications(requests, simulation.replications)

    def run(self, deployments: Sequence[Deployment], replications: int) -> None:
        """Bring each to so many replications, at most the planned ones; all missing ones side by side."""
        orders = [
            (one, k)
            for one in dict.fromkeys(deployments)
            if not simulator.limits(self.case, one)
            for k in range(len(self.results.get(one, ())), min(replications, self.planned))
        ]
        for (one, _), result in zip(orders, self._results(orders), strict=True):
            self.results.setdefault(one, []).append(result)
            self.made += 1
            self.told(self.made)

    def evaluation(self, deployment: Deployment) -> Evaluation:
        """What the replications made so far say."""
        key = deployment, len(self.results.get(deployment, ()))
        if key not in self.judged:
            self.judged[key] = self._judged(deployment)
        return self.judged[key]

    def seconds(self, deployment: Deployment) -> float:
        """CPU time of one replication, about."""
        simulation = self.scenario.simulation
        requests = self.case.source.expected(-simulation.warmup_s, simulation.duration_s)
        minutes = (simulation.warmup_s + simulation.duration_s) / 60
        if deployment.pattern == "batch":
            return _BATCH_S
        per_request_s = PER_REQUEST_S.get(deployment.pattern, _ENDPOINT_REQUEST_S)
        if deployment.pattern == "serverless":
            return requests * per_request_s + minutes * PER_MINUTE_S["serverless"]
        most = capacities(deployment)[1] if is_scaled(deployment) else deployment.initial_instance_count
        return requests * per_request_s + minutes * (PER_MINUTE_S["asynchronous"] + PER_INSTANCE_S * most)

    def _judged(self, deployment: Deployment) -> Evaluation:
        broken = simulator.limits(self.case, deployment)
        if broken:
            return rule_out(self.scenario, deployment, broken)
        results = [one.unpacked() for one in self.results[deployment]]
        outcome = pool(deployment.pattern, results, self.scenario.requirement.latency_percentile)
        return judge(self.scenario, deployment, outcome, self.world)

    def _results(self, orders: Sequence[tuple[Deployment, int]]) -> Iterable[Packed]:
        cases = [(replace(self.case, replication=k, memo={}), one) for one, k in orders]
        if self.executor is None:
            return (replicate(*order) for order in cases)
        futures = [self.executor.submit(replicate, *order) for order in cases]
        return (_of(future) for future in futures)


def _of(future: Future) -> Any:
    return future.result()
