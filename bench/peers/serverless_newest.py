"""A function by SimFaaS's own rule, as an event list written by hand: SimFaaS's answers are held against it.

The environment that was created last is used first, and a cold request takes an exponential time of mean cold_s.
"""

from __future__ import annotations

import random
import sys
from heapq import heappop, heappush

from bench.peers.environments import Counts
from bench.peers.measure import BATCHES, Clock, report
from bench.peers.scenarios import FUNCTIONS, Function


class Newest:
    """Idle environments by age and by the time since when they are idle; what is out of date is skipped."""

    def __init__(self, expiry_s: float, counts: Counts) -> None:
        self.expiry_s = expiry_s
        self.counts = counts
        self.created = 0
        self.idle_since: dict[int, float] = {}
        self.by_age: list[tuple[int, float]] = []
        self.by_time: list[tuple[float, int]] = []

    def take(self, now: float) -> tuple[int, bool]:
        """The environment for a request, and whether it is a new one."""
        while self.by_time and self.by_time[0][0] + self.expiry_s < now:
            since_s, number = heappop(self.by_time)
            if self.idle_since.get(number) == since_s:
                del self.idle_since[number]
                self.counts.gone(since_s + self.expiry_s)
        self.counts.arrived(now)
        while self.by_age:
            minus, since_s = heappop(self.by_age)
            if self.idle_since.get(-minus) == since_s:
                del self.idle_since[-minus]
                return -minus, False
        self.created += 1
        self.counts.started(now)
        return self.created, True

    def give_back(self, now: float, number: int) -> None:
        """A request is done."""
        self.idle_since[number] = now
        heappush(self.by_age, (-number, now))
        heappush(self.by_time, (now, number))


def simulate(function: Function, seed: int) -> Counts:
    """What was counted over the horizon."""
    draw = random.Random(seed).expovariate
    counts = Counts(function.warmup_s, function.horizon_s / BATCHES)
    environments = Newest(function.expiry_s, counts)
    departures: list[tuple[float, int]] = []
    arrives, end_s = draw(function.rate_per_s), function.warmup_s + function.horizon_s
    while arrives < end_s:
        if departures and departures[0][0] <= arrives:
            environments.give_back(*heappop(departures))
            continue
        number, cold = environments.take(arrives)
        heappush(departures, (arrives + draw(1 / (function.cold_s if cold else function.warm_s)), number))
        arrives += draw(function.rate_per_s)
    counts.arrived(end_s)
    return counts


if __name__ == "__main__":
    clock = Clock()
    counts = clock.time(lambda: simulate(FUNCTIONS[sys.argv[1]], 6))
    report("", counts.all_requests, clock, counts.answers())
