"""Run a deployment: plan the replications, run each, pool them into one outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from simulator.engine.accumulators import Result
from simulator.engine.aggregate import pool
from simulator.engine.batch_means import within
from simulator.engine.outcome import Outcome
from simulator.engine.recovery import recoveries
from simulator.engine.replication import Case
from simulator.engine.replication_count import planned_replications
from simulator.model.limits import BrokenLimit
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.patterns.replicate import replicate

ENGINE_VERSION = "3"
"""Part of every cache key: raise it when a change alters any number."""


def limits(case: Case, deployment: Deployment) -> tuple[BrokenLimit, ...]:
    """The hard limits of AWS that rule the deployment out; empty when it can be simulated."""
    return BY_KEY[deployment.pattern].limits(case, deployment)


def simulate(case: Case, deployment: Deployment) -> Outcome:
    """Run the replications of a deployment that no hard limit rules out, and pool them.

    case is replication 0; its progress is told the share of all replications that is done.
    """
    simulation = case.simulation
    count = planned_replications(case.expected_requests(), simulation.replications)
    results = [
        replicate(replace(case, replication=k, progress=_part(case.progress, k, count)), deployment)
        for k in range(count)
    ]
    return pooled(case, deployment, results)


def pooled(case: Case, deployment: Deployment, results: Sequence[Result]) -> Outcome:
    """The replications of a deployment as one outcome, with what recovered from the faults."""
    pattern = BY_KEY[deployment.pattern]
    outcome = pool(pattern.key, results, case.requirement.latency_percentile)
    # Answers of a job come with the job, whose end says what a fault did.
    kinds = frozenset[str]() if pattern.in_jobs else pattern.touched_by
    return replace(
        outcome,
        recoveries=recoveries(outcome.series, case, kinds),
        within=within(case, results[0]) if len(results) == 1 else None,
    )


def _part(progress: Callable[[float], None], k: int, count: int) -> Callable[[float], None]:
    return lambda share: progress((k + share) / count)
