"""A function in SimPy: one process per request."""

from __future__ import annotations

import random
import sys
from collections.abc import Generator
from typing import Any

import simpy

from bench.peers.environments import Counts, LastUsedFirst
from bench.peers.measure import BATCHES, Clock, report
from bench.peers.scenarios import FUNCTIONS, Function


def simulate(function: Function, seed: int) -> Counts:
    """What was counted over the horizon."""
    draw = random.Random(seed).expovariate
    counts = Counts(function.warmup_s, function.horizon_s / BATCHES)
    environments = LastUsedFirst(function.expiry_s, counts)
    env = simpy.Environment()
    end_s = function.warmup_s + function.horizon_s

    def request() -> Generator[Any, Any, None]:
        start_s = function.cold_s - function.warm_s if environments.take(env.now) else 0.0
        yield env.timeout(start_s + draw(1 / function.warm_s))
        environments.give_back(env.now)

    def arrivals() -> Generator[Any, Any, None]:
        while True:
            yield env.timeout(draw(function.rate_per_s))
            env.process(request())

    env.process(arrivals())
    env.run(until=end_s)
    counts.arrived(end_s)
    return counts


if __name__ == "__main__":
    clock = Clock()
    counts = clock.time(lambda: simulate(FUNCTIONS[sys.argv[1]], 1))
    report("simpy", counts.all_requests, clock, counts.answers())
