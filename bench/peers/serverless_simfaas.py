"""A function in SimFaaS.

It uses the environment that was created last, and a cold request takes an exponential time of mean cold_s.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from simfaas.ServerlessSimulator import ServerlessSimulator

from bench.peers.measure import Clock, report
from bench.peers.scenarios import FUNCTIONS, Function


def simulate(function: Function, seed: int) -> Any:
    """The simulator after the horizon, with its history."""
    np.random.seed(seed)
    simulator = ServerlessSimulator(
        arrival_rate=function.rate_per_s,
        warm_service_rate=1 / function.warm_s,
        cold_service_rate=1 / function.cold_s,
        expiration_threshold=function.expiry_s,
        max_time=function.warmup_s + function.short_s,
        maximum_concurrency=100_000,
    )
    simulator.generate_trace()
    return simulator


def answers(simulator: Any, function: Function) -> dict[str, list[float]]:
    """Batch means of the cold share and of the number of environments, from the history of events."""
    times = np.array(simulator.hist_times)
    edges = np.linspace(function.warmup_s, function.warmup_s + function.short_s, function.short_batches + 1)
    # An index names the event before the arrival; the arrival is the next one.
    cold, warm = (
        np.histogram(times[np.array(indices, dtype=np.int64) + 1], edges)[0]
        for indices in (simulator.hist_req_cold_idxs, simulator.hist_req_warm_idxs)
    )
    area = np.concatenate(([0.0], np.cumsum(simulator.hist_server_count * np.diff(times))))
    return {
        "cold_share": (cold / (cold + warm)).tolist(),
        "environments": (np.diff(np.interp(edges, times, area)) / np.diff(edges)).tolist(),
    }


if __name__ == "__main__":
    function = FUNCTIONS[sys.argv[1]]
    clock = Clock()
    simulator = clock.time(lambda: simulate(function, 5))
    report("simfaas", simulator.total_req_count, clock, answers(simulator, function))
