"""Which engine a workload runs on. An engine that is new gets its line here and nowhere else."""

from __future__ import annotations

from simulator.engine.engines.engine import BatchRule, Engine
from simulator.engine.engines.server_side_batching import ServerSideBatching
from simulator.engine.engines.workers import Workers
from simulator.model.workload import Workload


def engine_of(workload: Workload) -> Engine:
    """The engine in the workload's container, the same on every pattern."""
    batching = workload.batching
    if batching is None:
        return Workers()
    return ServerSideBatching(
        BatchRule(batching.max_batch_size, batching.max_batch_delay_ms / 1000, batching.fixed_share)
    )
