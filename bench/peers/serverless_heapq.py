"""A function as an event list written by hand: heapq, a deque, the standard library's generator."""

from __future__ import annotations

import random
import sys
from heapq import heappop, heappush

from bench.peers.environments import Counts, LastUsedFirst
from bench.peers.measure import BATCHES, Clock, report
from bench.peers.scenarios import FUNCTIONS, Function


def simulate(function: Function, seed: int) -> Counts:
    """What was counted over the horizon."""
    draw = random.Random(seed).expovariate
    counts = Counts(function.warmup_s, function.horizon_s / BATCHES)
    environments = LastUsedFirst(function.expiry_s, counts)
    departures: list[float] = []
    rate, mu, start_s = function.rate_per_s, 1 / function.warm_s, function.cold_s - function.warm_s
    arrives, end_s = draw(rate), function.warmup_s + function.horizon_s
    while arrives < end_s:
        if departures and departures[0] <= arrives:
            environments.give_back(heappop(departures))
            continue
        cold = environments.take(arrives)
        heappush(departures, arrives + draw(mu) + (start_s if cold else 0.0))
        arrives += draw(rate)
    counts.arrived(end_s)
    return counts


if __name__ == "__main__":
    clock = Clock()
    counts = clock.time(lambda: simulate(FUNCTIONS[sys.argv[1]], 2))
    report("", counts.all_requests, clock, counts.answers())
