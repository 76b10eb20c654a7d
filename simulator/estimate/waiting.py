"""Waiting times of M/G/k queues, many at once, at a steady load.

Share that waits: Erlang C (exact for exponential service, close for others), at peakedness z with k/z servers and the
same load (Hayward's approximation: Fredericks, Bell System Technical Journal 59(6), 1980). The wait of those who wait:
until the first of k busy servers is free, then one residual service over k for each that is ahead, whose number is
geometric (Tijms, A First Course in Stochastic Models, 2003, section 9.6; exact for M/M/k and M/G/1). With a room for
so many waiting: those whose wait would be longer than the room lasts are refused, (1 - rho) p / (1 - rho p) of all
(Tijms, section 9.8; exact for M/M/k/K, Erlang B where there is no room).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.estimate import time_distribution
from simulator.kernels.buckets import BUCKETS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

POINTS = 2048
_SPANS = 24.0  # the grid covers so many mean waits of those who wait
_NEVER = 1e-9
MANY = 4096
"""Beyond so many servers the limit of many servers stands for the recursion."""


def erlang_c(servers: Ints, load: Floats) -> Floats:
    """Share that waits, for each pair of servers and offered load in Erlang, load < servers."""
    chances = np.zeros(load.size)
    many_servers = servers > MANY
    for index in np.flatnonzero(many_servers):
        chances[index] = _many_servers(float(servers[index]), float(load[index]))
    few_servers = np.flatnonzero(~many_servers)
    blocked = np.ones(few_servers.size)
    server_counts = servers[few_servers]
    chances_few = np.ones(few_servers.size)
    for k in range(1, int(server_counts.max(initial=0)) + 1):
        blocked = load[few_servers] * blocked / (k + load[few_servers] * blocked)
        chances_few = np.where(server_counts == k, blocked, chances_few)
    rho = load[few_servers] / np.maximum(server_counts, 1)
    chances[few_servers] = chances_few / (1 - rho * (1 - chances_few))
    return np.clip(chances, 0.0, 1.0)


def _many_servers(servers: float, load: float) -> float:
    """Halfin and Whitt, Operations Research 29(3), 1981."""
    beta = (servers - load) / math.sqrt(servers)
    density = math.exp(-(beta**2) / 2) / math.sqrt(2 * math.pi)
    return density / (density + beta * 0.5 * (1 + math.erf(beta / math.sqrt(2)))) if density > 0 else 0.0


def peaked_erlang_c(servers: Ints, load: Floats, peakedness: Floats) -> Floats:
    """Erlang C of k / z servers at load a / z, between the whole numbers next to k / z."""
    servers_needed = np.maximum(servers / peakedness, 1.0)
    low = np.floor(servers_needed).astype(np.int64)
    rho = load / servers
    below, above = erlang_c(low, rho * low), erlang_c(low + 1, rho * (low + 1))
    part = servers_needed - low
    chances: Floats = np.exp((1 - part) * np.log(below + 1e-300) + part * np.log(above + 1e-300))
    return chances


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    """What is left of a service under way, seen at any moment: its distribution function at the edges of buckets, and
    the integral of that.
    """

    reached: Floats
    integral_s: Floats
    mean_s: float

    def at(self, times_s: Floats) -> Floats:
        """Chance that no more than times_s seconds of the service are left."""
        return np.interp(times_s, time_distribution.EDGES, self.reached)

    def on_grid(self, points: int, step_s: float) -> Floats:
        """Masses on the points of an even grid, split between neighbours so that the mean is kept."""
        integral = np.interp(np.arange(-1, points + 1) * step_s, time_distribution.EDGES, self.integral_s)
        masses: Floats = np.diff(integral, 2) / step_s
        masses[-1] += 1 - masses.sum()
        return masses


def residual(service: Floats) -> Residual:
    """The residual of a service whose times have this distribution (masses over the buckets)."""
    survival = 1 - np.concatenate(([0.0], np.cumsum(service))) / service.sum()
    area = _integral(survival)
    square = time_distribution.dot(service, time_distribution.MIDDLE**2) / float(service.sum())
    reached = area / area[-1]
    return Residual(reached, _integral(reached), square / (2 * time_distribution.mean_s(service)))


def _integral(values: Floats) -> Floats:
    areas = (values[:-1] + values[1:]) / 2 * np.diff(time_distribution.EDGES)
    return np.concatenate((np.zeros(1), np.cumsum(areas)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A waiting line and its servers.

    first: servers of which the first free one takes the head; speed: servers that work the line off;
    ratio: chance that one more is ahead; stretch: factor on all times for arrivals that are not Poisson.
    """

    first: int
    speed: int
    ratio: float
    stretch: float = 1.0


def wait(line: Line, residual: Residual, points: int = POINTS) -> Floats:
    """Distribution of the wait of those who wait, with mass 1, computed on a grid of `points` points."""
    mean_s = residual.mean_s / line.speed * (1 + line.ratio / (1 - line.ratio))
    step_s = mean_s * _SPANS / points
    grid: Floats = np.arange(points, dtype=np.float64) * step_s
    residual_grid = residual.on_grid(points, step_s * line.speed)
    cells = -np.diff((1 - residual.at(grid)) ** line.first)
    start = (np.append(cells, 0.0) + np.insert(cells, 0, 0.0)) / 2
    start[-1] += 1 - start.sum()
    size = 2 * points
    turned = np.fft.rfft(start, size) * (1 - line.ratio) / (1 - line.ratio * np.fft.rfft(residual_grid, size))
    masses = np.maximum(np.fft.irfft(turned, size), 0.0)
    times: Floats = np.arange(size, dtype=np.float64) * (step_s * line.stretch)
    return time_distribution.at(times, masses / masses.sum())


def refused(beyond_room: float, rho: float) -> float:
    """Share of all that is refused, when so large a share would wait longer than the room lasts."""
    return (1 - rho) * beyond_room / (1 - rho * beyond_room)


def nothing() -> Floats:
    """The distribution of waits when nobody waits: all mass in the first bucket."""
    masses = np.zeros(BUCKETS)
    masses[0] = 1.0
    return masses
