"""Service times of a container that slows down under concurrency, as one number: for formulas and first guesses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.engine.replication import Case
from simulator.kernels import Floats
from simulator.model.service import slowdown_table
from simulator.patterns.common import Machine, slowdown

_STEPS = 100


def by_concurrency(case: Case, here: Machine) -> Floats:
    """float64[workers + 1]: factor of the service time by the number of requests in work on this type."""
    return slowdown(slowdown_table(case.workload, here.kind.name), here.workers)


def at_rate(case: Case, here: Machine, rate_per_s: float) -> Machine:
    """The machine with the service time that one instance has at a steady rate of requests.

    The mean number in work is the rate times the service time at that number (Little 1961): found by repetition from
    the bottom, so that of several it is the smallest; all workers where there is none.
    """
    factors = by_concurrency(case, here)
    alone_s = case.workload.service_time.mean_ms / 1000 * here.factor
    in_work = 0.0
    for _ in range(_STEPS):
        in_work = min(rate_per_s * alone_s * _factor(factors, in_work), float(here.workers))
    return replace(here, factor=here.factor * _factor(factors, in_work))


def at_full_rate(case: Case, here: Machine) -> Machine:
    """The machine with the service time at which one instance with all its workers does as much as it ever can."""
    factors = by_concurrency(case, here)
    numbers = np.arange(1, here.workers + 1)
    return replace(here, factor=here.factor * here.workers / float(np.max(numbers / factors[1:])))


def _factor(factors: Floats, in_work: float) -> float:
    """Of a request that begins beside so many others on average, itself included; at least that of one alone."""
    return float(np.interp(max(1.0, in_work), np.arange(factors.size), factors))
