"""M/M/16 in SimPy, as its tutorial would write it: one process per request, one resource."""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import Any

import simpy

from bench.peers.measure import Clock, means, report
from bench.peers.scenarios import ARRIVALS_PER_S, REQUESTS, SERVERS, SERVICE_S


def simulate(seed: int) -> list[float]:
    """Waits of all requests, in order of arrival (first come first served)."""
    draw = random.Random(seed).expovariate
    env = simpy.Environment()
    servers = simpy.Resource(env, capacity=SERVERS)
    waits: list[float] = []

    def request() -> Generator[Any, Any, None]:
        arrived = env.now
        with servers.request() as place:
            yield place
            waits.append(env.now - arrived)
            yield env.timeout(draw(1 / SERVICE_S))

    def arrivals() -> Generator[Any, Any, None]:
        for _ in range(REQUESTS):
            yield env.timeout(draw(ARRIVALS_PER_S))
            env.process(request())

    env.process(arrivals())
    env.run()
    return waits


if __name__ == "__main__":
    clock = Clock()
    waits = clock.time(lambda: simulate(1))
    report("simpy", REQUESTS, clock, {"wait_s": means(waits)})
