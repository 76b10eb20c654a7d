"""The metric of scaling on concurrency: the most requests that any instance has within ten seconds (facts row 2.3).

The number at a line is taken as a birth and death process at rest: Poisson up to its servers, beyond by the recursion
of Tijms for M/G/k (A First Course in Stochastic Models, 2003, section 9.6), and geometric after some steps. It stays at
m or below for a time t with the chance S(m) exp(-t / T(m)), S being the chance of m or fewer and T the mean time from
there to m + 1, which is the sum over i up to m of S(i)^2 / (births(i) p(i)), over S(m) (first passage upwards: Keilson,
Markov Chain Models, 1979, section 5.1). So the most of ten seconds has a known distribution, of which each period draws
one. Where the load is beyond the servers the queue grows and shrinks as a fluid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.estimate import queueing, time_distribution
from simulator.scaling.metrics import HIGH_RESOLUTION_S

Floats = NDArray[np.float64]

_FINE, _ROUGH_FINE = 60, 30
_AHEAD = 60
"""Periods that are drawn together."""

_NEVER = 1e-13
_STEPS = 12
_TAIL = 1e-7
_EVERY = 4  # of the edges of buckets, where distributions are integrated


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """Service times by their mean. above: chance of longer ones than `at`; left: distribution function of what is left
    of one under way; step: weights of an integral over `at`.
    """

    at: Floats
    above: Floats
    left: Floats
    step: Floats


def integrable(service: Floats) -> Service:
    """Prepare a distribution of service times (masses over the buckets) for integration over time."""
    mean_s = time_distribution.mean_s(service)
    reached = np.concatenate(([0.0], np.cumsum(service))) / service.sum()
    last = int(np.searchsorted(reached, 1 - _TAIL)) + _EVERY
    first = int(
        np.searchsorted(
            time_distribution.EDGES, time_distribution.EDGES[min(last, time_distribution.EDGES.size - 1)] / 4000
        )
    )
    coarse = slice(first, last + 1, _EVERY)
    times = np.concatenate(([0.0], time_distribution.EDGES[coarse])) / mean_s
    survival = 1 - np.concatenate(([0.0], reached[coarse]))
    areas = np.diff(times) * (survival[:-1] + survival[1:]) / 2
    cumulative = np.concatenate(([0.0], np.cumsum(areas)))
    step = np.zeros(times.size)
    step[:-1] += np.diff(times) / 2
    step[1:] += np.diff(times) / 2
    return Service(times, survival, cumulative / cumulative[-1], step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Distributions of the metric, by load and instances."""

    fleet: queueing.Fleet
    service: Service
    _known: dict[tuple[int, int], Floats] = field(default_factory=dict)

    @property
    def fine(self) -> int:
        """Levels of load, in steps of its odds (load over what is left to 1), that are told apart in a factor of e."""
        return _ROUGH_FINE if self.fleet.rough else _FINE

    def reached(self, level: int, serving: int) -> Floats:
        """Distribution function at 0, 1, 2, ... with so many in service."""
        own_queues = self.fleet.lines == "own"
        # What arrives at one of several is thinned, if it comes in clumps.
        key = (level, 1 if own_queues and self.fleet.clumping == 1 else serving)
        if key not in self._known:
            self._known[key] = self._stays(1 / (1 + math.exp(-level / self.fine)), serving)
        stays = self._known[key]
        return stays**serving if own_queues else stays

    def _stays(self, rho: float, serving: int) -> Floats:
        """Chance that a period has at most 0, 1, 2, ... on one instance, or on the fullest of a balanced fleet."""
        fleet = self.fleet
        own_queues = fleet.lines == "own"
        lines = 1 if own_queues else serving
        variation = 1 + (fleet.clumping - 1) / serving if own_queues else fleet.clumping
        servers, room = fleet.places * lines, fleet.room * lines
        first, birth, chance = at_rest(rho, servers, room, variation, self.service)
        reached = np.cumsum(chance)
        passage_s = np.cumsum(reached**2 / (birth * np.maximum(chance, 1e-300))) / reached * fleet.mean_s
        stays = reached * np.exp(-HIGH_RESOLUTION_S / passage_s)
        stays[-1] = 1.0
        last_state = np.arange((first + stays.size - 1) // lines + 2) * lines - first
        chances: Floats = np.where(last_state < 0, 0.0, stays[np.clip(last_state, 0, stays.size - 1)])
        return chances


def at_rest(rho: float, servers: int, room: float, variation: float, service: Service) -> tuple[int, Floats, Floats]:
    """The number in a queue. rho: load per server; room: that may wait; variation: variance over mean of the arrivals.

    The number from which on there is any chance, and from there on births per mean service time, and chances.
    """
    in_work = rho * servers
    around = 9 * math.sqrt(in_work * max(1.0, variation)) + 12
    first = max(0, math.floor(in_work - around))
    last = min(math.ceil(in_work + around), servers)
    # Arrivals in clumps: births that rise or fall with the number (Bernoulli, Poisson, Pascal).
    rises = 1 - 1 / (1 + (variation - 1) / 2)
    number = np.arange(first, last + 1, dtype=np.float64)
    birth = np.maximum(in_work * (1 - rises) + rises * number, in_work * _NEVER)
    logs = np.concatenate(([0.0], np.cumsum(np.log(birth[:-1]) - np.log(number[1:]))))
    chance = np.exp(logs - logs.max())
    if last == servers and room > 0:
        tail = _beyond(rho, servers, (variation, room), service) * chance[-2 if servers else -1]
        chance = np.concatenate((chance[:-1], tail))
        birth = np.concatenate((birth[:-1], np.full(tail.size, in_work)))
    return first, birth, chance / chance.sum()


def _beyond(rho: float, servers: int, arrivals: tuple[float, float], service: Service) -> Floats:
    """Chances of all servers busy and 0, 1, 2, ... waiting, over that of one server free."""
    variation, room = arrivals
    first = _meanwhile(rho * servers, service) * (1 - service.left) ** (servers - 1)
    later = _meanwhile(rho, service).sum(axis=1)
    before = first.sum(axis=1)
    chance = np.zeros(_STEPS)
    for i in range(_STEPS):
        chance[i] = (before[i] + (later[i:0:-1] * chance[:i]).sum()) / (1 - later[0])
    odds = chance[1:] / np.maximum(chance[:-1] - chance[1:], _NEVER * chance[:-1]) * (variation + 1) / 2
    ratio = odds / (1 + odds)
    further_states = math.ceil(min(math.log(_NEVER) / math.log(ratio[-1]), room)) - ratio.size
    ratios = np.concatenate((chance[:1], ratio, np.full(max(further_states, 0), ratio[-1])))
    chances: Floats = np.cumprod(ratios)[: int(min(room, ratios.size)) + 1]
    return chances


def _meanwhile(per_mean: float, service: Service) -> Floats:
    """[n, at]: density of 0, 1, 2, ... arrivals, so many in a mean service time, while a service goes on."""
    expected = per_mean * service.at
    factors = np.concatenate((np.exp(-expected)[None], expected / np.arange(1, _STEPS)[:, None]))
    chances: Floats = np.cumprod(factors, axis=0) * (per_mean * service.step * service.above)
    return chances


@dataclass(slots=True, kw_only=True)
class Peaks:
    """The metric of each period of ten seconds, drawn. rate_per_s, chance: float64[periods]: the load, and a number
    between 0 and 1 that decides which value is drawn.

    Ask for period 0, 1, 2, ... in this order.
    """

    law: Law
    rate_per_s: Floats
    chance: Floats
    _serving: int = 0
    _begins: int = 0
    _drawn: list[float] = field(default_factory=list)
    _grows: list[float] = field(default_factory=list)
    _queue: float = 0.0

    def most(self, period: int, serving: int) -> float:
        """Draw the greatest concurrency of any instance in a period of ten seconds with so many in service."""
        if serving != self._serving or not self._begins <= period < self._begins + len(self._drawn):
            self._draw(period, serving)
        peak, grows, before = self._drawn[period - self._begins], self._grows[period - self._begins], self._queue
        if grows <= 0 and not before:
            return peak
        fleet = self.law.fleet
        self._queue = min(max(before + grows, 0.0), fleet.room)
        return max(peak, float(math.floor(fleet.places + max(before, self._queue))))

    def _draw(self, period: int, serving: int) -> None:
        """The next periods, as if as many instances were to stay."""
        fleet, fine = self.law.fleet, self.law.fine
        if fleet.lines == "shortest" and self._serving:
            self._queue *= self._serving / serving  # who comes takes all until it has as many
        block = slice(period, period + _AHEAD)
        rate_per_s = self.rate_per_s[block] / serving
        rho = rate_per_s * fleet.mean_s / fleet.places
        peaks = np.zeros(rho.size)
        able = (rho > 0) & (rho < queueing.FULL)
        level = np.zeros(rho.size, dtype=np.int64)
        level[able] = np.rint(fine * np.log(rho[able] / (1 - rho[able])))
        for group in np.unique(level[able]):
            members = able & (level == group)
            peaks[members] = np.searchsorted(self.law.reached(int(group), serving), self.chance[block][members])
        self._serving, self._begins, self._drawn = serving, period, peaks.tolist()
        self._grows = ((rate_per_s - fleet.places / fleet.mean_s) * HIGH_RESOLUTION_S).tolist()
