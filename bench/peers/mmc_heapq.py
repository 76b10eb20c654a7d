"""M/M/16 as an event list written by hand: heapq, a deque, the standard library's generator."""

from __future__ import annotations

import random
from collections import deque
from heapq import heappop, heappush

from bench.peers.measure import Clock, means, report
from bench.peers.scenarios import ARRIVALS_PER_S, REQUESTS, SERVERS, SERVICE_S


def simulate(seed: int) -> list[float]:
    """Waits of all requests, in order of arrival."""
    draw = random.Random(seed).expovariate
    waits: list[float] = []
    queue: deque[float] = deque()
    departures: list[float] = []
    arrives, mu = draw(ARRIVALS_PER_S), 1 / SERVICE_S
    while len(waits) < REQUESTS:
        if departures and departures[0] <= arrives:
            now = heappop(departures)
            if queue:
                waits.append(now - queue.popleft())
                heappush(departures, now + draw(mu))
            continue
        if len(departures) < SERVERS:
            waits.append(0.0)
            heappush(departures, arrives + draw(mu))
        else:
            queue.append(arrives)
        arrives += draw(ARRIVALS_PER_S)
    return waits


if __name__ == "__main__":
    clock = Clock()
    waits = clock.time(lambda: simulate(2))
    report("", REQUESTS, clock, {"wait_s": means(waits)})
