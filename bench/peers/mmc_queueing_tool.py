"""M/M/16 in queueing-tool: one QueueServer, drawn from the standard library's generator (faster than NumPy's here)."""

from __future__ import annotations

import random
from typing import Any

import queueing_tool

from bench.peers.measure import Clock, means, report
from bench.peers.scenarios import ARRIVALS_PER_S, REQUESTS, SERVERS, SERVICE_S


def simulate(seed: int) -> list[Any]:
    """A row per request: arrival, begin of service, departure, and more.

    Taken as the queue keeps them: fetch_data() would copy them three times, which takes as long as the simulation.
    """
    draw = random.Random(seed).expovariate
    queue = queueing_tool.QueueServer(
        SERVERS,
        arrival_f=lambda t: t + draw(ARRIVALS_PER_S),
        service_f=lambda t: t + draw(1 / SERVICE_S),
        collect_data=True,
        seed=seed,
    )
    queue.set_active()
    queue.simulate(nD=REQUESTS)
    return [row for rows in queue.data.values() for row in rows]


if __name__ == "__main__":
    clock = Clock()
    rows = clock.time(lambda: simulate(4))
    served = sorted((row[0], row[1] - row[0]) for row in rows if row[2] > 0)
    report("queueing-tool", REQUESTS, clock, {"wait_s": means([wait for _, wait in served])})
