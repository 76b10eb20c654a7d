"""Closed forms of queueing theory, each with its conditions and reference. Used to check the simulator and, later, to
screen.

Symbols: a offered load in Erlang (arrival rate x mean service time), c servers, rates per second, times in seconds.
References: Gross, Shortle, Thompson, Harris, Fundamentals of Queueing Theory, 4th ed., 2008 ("GH"); Cooper,
Introduction to Queueing Theory, 2nd ed., 1981 ("C").
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def erlang_b(c: int, a: float) -> float:
    """Share of Poisson arrivals lost with c servers and no waiting room; any service distribution (GH 2.6, C 3.3)."""
    blocked = 1.0
    for k in range(1, c + 1):
        blocked = a * blocked / (k + a * blocked)
    return blocked


def erlang_c(c: int, a: float) -> float:
    """Share of Poisson arrivals that wait with c exponential servers and an endless queue; 1 when a >= c (GH 2.3)."""
    if a >= c:
        return 1.0
    blocked = erlang_b(c, a)
    return blocked / (1 - (a / c) * (1 - blocked))


def mmc_wait_s(c: int, rate_per_s: float, mean_service_s: float) -> float:
    """Mean wait in M/M/c; infinite when the load is c or more (GH 2.3)."""
    a = rate_per_s * mean_service_s
    return erlang_c(c, a) * mean_service_s / (c - a) if a < c else math.inf


def mg1_wait_s(rate_per_s: float, mean_service_s: float, service_cv: float) -> float:
    """Mean wait in M/G/1 by Pollaczek and Khinchine; infinite when the load is 1 or more (GH 5.1)."""
    a = rate_per_s * mean_service_s
    return a * mean_service_s * (1 + service_cv**2) / (2 * (1 - a)) if a < 1 else math.inf


def mmck_loss(c: int, k: int, a: float) -> float:
    """Share of Poisson arrivals refused with c exponential servers and room for k in all, k >= c (GH 2.5)."""
    weights = [1.0]
    for n in range(1, k + 1):
        weights.append(weights[-1] * a / min(n, c))
    return weights[-1] / math.fsum(weights)


def mm1_expired(rate_per_s: float, mean_service_s: float, patience_s: float) -> float:
    """Share of arrivals that leave M/M/1 because they would wait longer than a fixed time, first come first served.

    Any load. The work found by an arrival is 0 with probability p, has density rate p exp(-(1/mean - rate) x) up to the
    patience, and falls as exp(-x/mean) beyond, where arrivals are lost (Barrer, Operations Research 5(5), 1957).
    """
    drift = 1 / mean_service_s - rate_per_s
    within = -math.expm1(-drift * patience_s) / drift if drift else patience_s
    beyond = math.exp(-drift * patience_s) * mean_service_s
    return rate_per_s * beyond / (1 + rate_per_s * (within + beyond))


def warm_pool(load: float, keep: float) -> tuple[float, float]:
    """Share of cold arrivals and mean number of environments in M/M/infinity whose environments are reused last used
    first and kept idle for `keep` mean service times; starting takes no time.

    An arrival that finds n in flight is cold just when n + 1 were not reached within the time kept, and k environments
    exist just when k were. The stationary process looks the same backwards (it is a birth and death process), so both
    are times of first passage, here from the eigenvalues of the generator cut off below the level. Exact; `load` in
    Erlang, up to a few hundred.
    """
    most = int(load + 12 * math.sqrt(load) + 20)
    weight = np.exp(-load + np.arange(most) * math.log(load) - np.cumsum(np.log(np.maximum(np.arange(most), 1))))
    cold = environments = 0.0
    for level in range(1, most):
        missed = _not_reached(load, level, keep)
        cold += weight[level - 1] * missed[-1]
        reached = 1 - float(weight[:level] @ missed)
        environments += reached
        if level > load and reached < 1e-12:
            break
    return float(cold), environments


def _not_reached(load: float, level: int, time: float) -> NDArray[np.float64]:
    """Probability that M/M/infinity with mean service 1 stays below `level` for so long, from each state below it."""
    states = np.arange(level, dtype=np.float64)
    # Symmetric with respect to the stationary weights: sqrt(weight) x generator / sqrt(weight).
    beside = np.sqrt(load * states[1:])
    values, vectors = np.linalg.eigh(np.diag(-(load + states)) + np.diag(beside, 1) + np.diag(beside, -1))
    root = np.exp(0.5 * (states * math.log(load) - np.cumsum(np.log(np.maximum(states, 1)))))
    stays: NDArray[np.float64] = (vectors * np.exp(values * time)) @ (vectors.T @ root) / root
    return np.clip(stays, 0.0, 1.0)


def closed_mmc(users: int, c: int, think_s: float, mean_service_s: float) -> tuple[float, float]:
    """Requests per second and mean time from sending to answer of a closed population in front of c exponential
    servers, think times of any distribution with that mean (the machine repairman; GH 2.7, C 3.7).
    """
    weights = [1.0]
    for n in range(1, users + 1):
        weights.append(weights[-1] * (users - n + 1) / think_s * mean_service_s / min(n, c))
    busy = math.fsum(weight * min(n, c) for n, weight in enumerate(weights)) / math.fsum(weights)
    rate_per_s = busy / mean_service_s
    return rate_per_s, users / rate_per_s - think_s
