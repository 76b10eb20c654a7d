"""Distributions of times as masses on the buckets of simulator.kernels.buckets: made, added, mixed and read off.

A spread is float64[BUCKETS]; its sum is the chance that the time exists at all. A time of 0 is in the first bucket.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.engine.histogram import bucket, edges
from simulator.kernels.buckets import BUCKETS
from simulator.model.service import demand_cv
from simulator.model.workload import ServiceTime

Floats = NDArray[np.float64]

EDGES = edges()
MIDDLE: Floats = (EDGES[:-1] + EDGES[1:]) / 2
MIDDLE[0] = 0.0
_PARTS = 4
_NEGLIGIBLE = 1e-8

_erf = np.vectorize(math.erf, otypes=[np.float64])


def at(times_s: Floats, masses: Floats) -> Floats:
    """Put masses at times (seconds) into the buckets of the latency histogram."""
    return np.bincount(bucket(times_s), weights=masses, minlength=BUCKETS).astype(np.float64)


def fixed(time_s: float) -> Floats:
    """The distribution of a constant time in seconds."""
    return at(np.array([time_s]), np.ones(1))


@lru_cache(maxsize=512)
def lognormal(median_s: float, sigma: float) -> Floats:
    """A log-normal time; sigma 0 is fixed. Not to be written to."""
    if sigma <= 0 or median_s <= 0:
        return fixed(median_s)
    reached = 0.5 * (1 + _erf((np.log(EDGES) - math.log(median_s)) / (sigma * math.sqrt(2))))
    masses: Floats = np.diff(reached)
    masses[0] += reached[0]
    masses[-1] += 1 - reached[-1]
    masses.setflags(write=False)
    return masses


def gamma(mean_s: float, cv: float) -> Floats:
    """A gamma time: its density at several places of each bucket; what lies below all buckets goes to the first."""
    shape = cv**-2
    scale_s = mean_s / shape
    fine = (np.arange(_PARTS) + 0.5) / _PARTS
    x = (EDGES[:-1, None] + np.diff(EDGES)[:, None] * fine) / scale_s
    masses: Floats = np.exp((shape - 1) * np.log(x) - x - math.lgamma(shape)).mean(axis=1) * np.diff(EDGES) / scale_s
    masses[0] += max(0.0, 1 - masses.sum())
    masses /= masses.sum()
    return masses


def service(time: ServiceTime, factor: float) -> Floats:
    """Service times of a worker that takes `factor` of the reference's time."""
    mean_s, cv = time.mean_ms / 1000 * factor, demand_cv(time)
    if cv == 0:
        return fixed(mean_s)
    if time.distribution == "lognormal":
        sigma2 = math.log1p(cv**2)
        return lognormal(mean_s * math.exp(-sigma2 / 2), math.sqrt(sigma2))
    return gamma(mean_s, cv)


def add(first: Floats, second: Floats) -> Floats:
    """The sum of two independent times."""
    i, j = (np.flatnonzero(masses > _NEGLIGIBLE * masses.max()) for masses in (first, second))
    if i.size == 0 or j.size == 0:
        return np.zeros(BUCKETS)
    times = (MIDDLE[i][:, None] + MIDDLE[j]).ravel()
    masses = (first[i][:, None] * second[j]).ravel()
    binned: Floats = at(times, masses)
    binned *= first.sum() * second.sum() / binned.sum()
    return binned


def shift(masses: Floats, by_s: float) -> Floats:
    """The distribution of the same times, each later by by_s seconds."""
    return at(MIDDLE + by_s, masses)


def dot(first: Floats, second: Floats) -> float:
    """Sum of the products. Not `@`: its threads fight for the cores that exact runs use meanwhile."""
    return float((first * second).sum())


def mean_s(masses: Floats) -> float:
    """Mean of the distribution, in seconds."""
    return dot(masses, MIDDLE) / float(masses.sum())


def up_to(masses: Floats, limit_s: float) -> Floats:
    """The masses of times that are not above limit_s, unscaled."""
    within_limit: Floats = masses * (np.less_equal(MIDDLE, limit_s))
    return within_limit


def beyond(masses: Floats, limit_s: float) -> float:
    """Total mass of the times above limit_s."""
    return float(masses[int(bucket(np.array([limit_s]))[0]) + 1 :].sum())


def quantile(masses: Floats, share: float) -> float:
    """The time below which this share of the mass is; interpolated inside a bucket."""
    reached = np.cumsum(masses)
    target = share * reached[-1]
    k = min(int(np.searchsorted(reached, target)), BUCKETS - 1)
    before = reached[k - 1] if k else 0.0
    part = (target - before) / masses[k] if masses[k] > 0 else 0.5
    return float(EDGES[k] + part * (EDGES[k + 1] - EDGES[k]))
