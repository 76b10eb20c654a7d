"""Latency of a fleet over all its minutes: a queue at a steady load in each, mixed by the arrivals that find it.

Minutes are gathered by instances and load, so that the work does not grow with the horizon.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.estimate import time_distribution, waiting
from simulator.kernels.buckets import BUCKETS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FULL = 0.995
"""From this load on a queue is not steady within a minute: beyond 1 what comes is kept, or refused, as in a fluid
(`overload` follows it from minute to minute).
"""

SLOW_S = 20.0
"""A queue that needs longer than about this to come to rest is near its limit."""

_NEGLIGIBLE = 1e-6
_FINE = 30
_ROUGH_NEGLIGIBLE = 1e-5
_ROUGH_FINE = 10
_ROUGH_POINTS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Instances as a queue. lines: "own" each instance has its own, at random; "shortest" its own, the shortest taken;
    "one" for all. places: requests that one instance works on; room: that wait at one instance, infinite for "one".
    rough: with coarser groups and grids, some times faster.
    """

    lines: str
    places: int
    room: float
    mean_s: float
    clumping: float
    rough: bool = False


@dataclass(slots=True, kw_only=True)
class Mixed:
    """What all arrivals find, weighed by their number. wait: spread of waits of those that are accepted; refused,
    waiting, near, full: shares of all arrivals that are refused, that wait, that find a queue near its limit, and that
    find it beyond.
    """

    wait: Floats
    refused: float
    waiting: float
    near: float
    full: float


def mix(fleet: Fleet, residual: waiting.Residual, instances: Ints, rate_per_s: Floats, weight: Floats) -> Mixed:
    """Mix the steady queues of many stretches of time by their arrivals.

    instances, rate_per_s (of all instances together) and weight (arrivals) have one entry per stretch.
    """
    groups = _groups(fleet, instances, rate_per_s, weight)
    mixed = Mixed(wait=np.zeros(BUCKETS), refused=0.0, waiting=0.0, near=0.0, full=0.0)
    if not groups.weight.size:
        mixed.wait[0] = 1.0
        return mixed
    share = groups.weight / groups.weight.sum()
    stretch = _stretch(fleet, groups.instances, residual)
    waits = _waits(fleet, groups)
    for number in range(share.size):
        _add(
            mixed, fleet, residual, groups, (number, float(share[number]), float(waits[number]), float(stretch[number]))
        )
    return mixed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    instances: Ints
    rho: Floats
    weight: Floats


def _groups(fleet: Fleet, instances: Ints, rate_per_s: Floats, weight: Floats) -> _Groups:
    """Stretches of equal instances and about equal load, as one each with the mean load."""
    loaded = (weight > 0) & (instances > 0)
    instances, weight = instances[loaded], weight[loaded]
    rho = rate_per_s[loaded] * fleet.mean_s / (instances * fleet.places)
    # Evenly fine in the logarithm of the load, and of what is left to 1.
    fine = _ROUGH_FINE if fleet.rough else _FINE
    level = np.rint(fine * (np.log(np.maximum(rho, 1e-6)) - np.log(np.maximum(1 - rho, 1e-3)))).astype(np.int64)
    _, first, inverse = np.unique(instances * 100_000 + level, return_index=True, return_inverse=True)
    total = np.bincount(inverse, weights=weight).astype(np.float64)
    return _Groups(instances=instances[first], rho=np.bincount(inverse, weights=weight * rho) / total, weight=total)


def _variation(fleet: Fleet, instances: Ints) -> Floats:
    """Variance over mean of the arrivals at one line: thinned at random they come nearer to Poisson."""
    if fleet.lines == "own":
        return 1 + (fleet.clumping - 1) / instances
    return np.full(instances.size, fleet.clumping)


def _stretch(fleet: Fleet, instances: Ints, residual: waiting.Residual) -> Floats:
    """Factor on waits for arrivals that are not Poisson (Allen and Cunneen)."""
    square = 2 * residual.mean_s / fleet.mean_s  # 1 + squared variation of the service time
    return (_variation(fleet, instances) - 1 + square) / square


def _waits(fleet: Fleet, groups: _Groups) -> Floats:
    """Share that waits, for each group."""
    rho = np.minimum(groups.rho, FULL)
    servers = np.full(rho.size, fleet.places) if fleet.lines == "own" else groups.instances * fleet.places
    peakedness = 1 + (_variation(fleet, groups.instances) - 1) / 2
    load = np.asarray(rho * servers, dtype=np.float64)
    if np.all(peakedness == 1):
        return waiting.erlang_c(servers, load)
    return waiting.peaked_erlang_c(servers, load, peakedness)


def _add(
    mixed: Mixed, fleet: Fleet, residual: waiting.Residual, groups: _Groups, group: tuple[int, float, float, float]
) -> None:
    number, share, waits, stretch = group
    rho, instances = float(groups.rho[number]), int(groups.instances[number])
    servers = fleet.places * (1 if fleet.lines == "own" else instances)
    if rho >= 1 or (rho >= FULL and math.isinf(fleet.room)):
        _add_full(mixed, fleet, rho, share)
        return
    if rho >= FULL:  # no minute is long enough for more than this
        mixed.full, rho = mixed.full + share, FULL
    mixed.waiting += share * waits
    if (residual.mean_s / servers) / (1 - rho) ** 2 > SLOW_S and waits > 0.1:
        mixed.near += share
    if share * waits < (_ROUGH_NEGLIGIBLE if fleet.rough else _NEGLIGIBLE):
        mixed.wait[0] += share
        return
    masses = waiting.wait(
        _line(fleet, (rho, instances, servers), stretch), residual, _ROUGH_POINTS if fleet.rough else waiting.POINTS
    )
    longest_s = fleet.room * fleet.mean_s / fleet.places
    lost = (
        waiting.refused(waits * time_distribution.beyond(masses, longest_s), rho) if math.isfinite(longest_s) else 0.0
    )
    within_time = time_distribution.up_to(masses, longest_s)
    mixed.wait[0] += share * (1 - waits)
    mixed.wait += (
        share
        * max(waits - lost, 0.0)
        * (within_time / within_time.sum() if within_time.sum() > 0 else waiting.nothing())
    )
    mixed.refused += share * lost


def _add_full(mixed: Mixed, fleet: Fleet, rho: float, share: float) -> None:
    """Beyond its limit a queue is full: what does not fit is refused, the rest waits for all of it."""
    lost = max(0.0, 1 - 1 / rho)
    mixed.full += share
    mixed.waiting += share
    mixed.refused += share * lost
    if math.isfinite(fleet.room):
        mixed.wait += share * (1 - lost) * time_distribution.fixed(fleet.room * fleet.mean_s / fleet.places)


def _line(fleet: Fleet, operating_point: tuple[float, int, int], stretch: float) -> waiting.Line:
    """Who takes the shortest of many lines finds one more ahead only when one more stands in all of them."""
    rho, instances, servers = operating_point
    if fleet.lines == "shortest":
        return waiting.Line(first=fleet.places, speed=fleet.places, ratio=rho**instances, stretch=stretch)
    return waiting.Line(first=servers, speed=servers, ratio=rho, stretch=stretch)
