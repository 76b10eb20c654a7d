"""What a workload needs of any machine: its load by the minute, and what follows for instance types without asking.

A type is left out when a hard limit forbids it, when it has no price, or when the service time alone is over the
latency limit there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.engine.replication import Case
from simulator.estimate import time_distribution
from simulator.estimate.load import DRAW_MOST, ground
from simulator.model.limits import BrokenLimit
from simulator.patterns import slowed
from simulator.patterns.base import BaseDeployment
from simulator.patterns.candidates import Sought
from simulator.patterns.common import machine

Floats = NDArray[np.float64]
Sample = TypeVar("Sample", bound=BaseDeployment)
Limits = Callable[[Case, Sample], tuple[BrokenLimit, ...]]

_SLACK = 1.02
"""A percentile of the fast answer is known to half a bucket of its histogram."""

_LEVELS = 128
_WHATEVER_TYPE = ("payload in", "payload out")
"""Limits that no other type helps."""

_OF_THE_COUNT = ("CPU credits",)
"""Limits that more instances of the type help."""

_FASTEST = 3
"""Types that are looked at for the nearest miss where all are too slow."""

_ALMOST = 0.9
"""Of what a queue must be able to work off: a busy minute may borrow from the next."""


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """Arrivals of each minute of the horizon, expected: rate_per_s, and its weight in arrivals.

    level_per_s: the rates in rising order, about equal ones together; level_share: of time.
    """

    rate_per_s: Floats
    weight: Floats
    minute_s: Floats
    level_per_s: Floats
    level_share: Floats

    @property
    def mean_per_s(self) -> float:
        """Over the horizon."""
        return float(self.weight.sum() / self.minute_s.sum())

    @property
    def peak_per_s(self) -> float:
        """Of the busiest minute."""
        return float(self.rate_per_s.max(initial=0.0))

    @property
    def varies(self) -> bool:
        """Whether a fleet that follows the load could be smaller than one that does not."""
        return self.peak_per_s > 1.15 * self.mean_per_s

    def busiest_per_s(self, spare: float, window_s: float) -> float:
        """The rate over such a window that all but this share of the arrivals come at or below."""
        minutes = max(1, min(self.rate_per_s.size, int(window_s / 60)))
        total = np.concatenate(([0.0], np.cumsum(self.weight)))
        length = np.concatenate(([0.0], np.cumsum(self.minute_s)))
        rate = (total[minutes:] - total[:-minutes]) / (length[minutes:] - length[:-minutes])
        order = np.argsort(rate)
        reached = np.cumsum(self.weight[: rate.size][order])
        if not reached.size or reached[-1] <= 0:
            return 0.0
        at = int(np.searchsorted(reached, (1 - spare) * reached[-1]))
        return float(rate[order][min(at, rate.size - 1)])

    def mean_instances(self, per_instance_per_s: float, least: int) -> float:
        """Of a fleet that always has just enough, at least so many; of about equal minutes together."""
        needed = np.maximum(np.ceil(self.level_per_s / per_instance_per_s - 1e-9), least)
        return float((needed * self.level_share).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """An instance type as the search sees it. per_s: requests per second of one instance whose workers never wait.
    usd: of one instance for a month.
    """

    name: str
    workers: int
    service_s: float
    usd: float

    @property
    def per_s(self) -> float:
        """Requests per second."""
        return self.workers / self.service_s


def load(case: Case) -> Load:
    """The load of the first replication."""
    draw = ground(case, DRAW_MOST)
    inside = draw.edges_s[:-1] >= 0
    minute_s = np.diff(draw.edges_s)[inside]
    weight = draw.expected[inside]
    rate = weight / minute_s
    rising = np.array_split(np.sort(rate), min(_LEVELS, rate.size))
    share = np.array([part.size for part in rising]) / rate.size
    return Load(rate, weight, minute_s, np.array([part.mean() for part in rising]), share)


def kinds(
    sought: Sought, usage: str, sample: Sample, limits: Limits[Sample], limit_s: float
) -> tuple[list[Kind], list[Sample]]:
    """Instance types for deployments like the sample, by price for their power, and what hard limits forbid.

    Of those with the same price for their power, in three digits, small ones come first: they leave less idle.
    """
    allowed: list[Kind] = []
    slow: list[Kind] = []
    forbidden: list[Sample] = []
    case = sought.case
    reference_s = case.workload.service_time.mean_ms / 1000
    least_s = tail_s(case) if limit_s else 0.0
    for name in sought.instance_types(usage):
        here = machine(case, name, "instance_type")
        candidate = sample.model_copy(update={"instance_type": name})
        broken = [limit for limit in limits(case, candidate) if limit.what not in _OF_THE_COUNT]
        if broken:
            forbidden.append(candidate)
            if all(limit.what in _WHATEVER_TYPE for limit in broken):
                return [], forbidden
            continue
        unit_usd = sought.unit_usd(usage, name)
        if unit_usd is None:
            continue
        service_s = reference_s * slowed.at_full_rate(case, here).factor
        kind = Kind(name=name, workers=here.workers, service_s=service_s, usd=unit_usd * sought.month_s)
        too_slow = limit_s and overhead_s(case) + least_s * here.factor > limit_s * _SLACK
        (slow if too_slow else allowed).append(kind)
    if not allowed:
        allowed = sorted(slow, key=lambda kind: (kind.service_s, kind.usd))[:_FASTEST]
    return sorted(allowed, key=lambda kind: (float(f"{kind.usd / kind.per_s:.3g}"), kind.usd)), forbidden


def tail_s(case: Case) -> float:
    """The required percentile of the service time on the reference."""
    time, percentile = case.workload.service_time, case.requirement.latency_percentile
    return time_distribution.quantile(time_distribution.service(time, 1.0), percentile / 100)


def overhead_s(case: Case) -> float:
    """What is added to every call."""
    return case.assumptions.overhead_ms / 1000


def least_rate_per_s(case: Case, load: Load, patience_s: float) -> float:
    """What a fleet of fixed size must be able to work off, when requests may wait so long."""
    requirement = case.requirement
    spare = requirement.max_error_share
    if requirement.latency_limit_s:
        spare += 1 - requirement.latency_percentile / 100
    busiest = load.busiest_per_s(spare, patience_s) * _ALMOST / (1 + min(patience_s, 60.0) / 60)
    return max(busiest, load.mean_per_s * _ALMOST)


def spread(needed: int, zones: int) -> int:
    """The fewest instances of which this many are left when one of the zones is lost (n - ceil(n / zones))."""
    return needed if zones < 2 else max(zones, -(-needed * zones // (zones - 1)))


def at_rest_of(share: float, zones: int) -> float:
    """How busy instances may be so that those of the other zones are this busy when one is lost."""
    return share if zones < 2 else share * (zones - 1) / zones


def whole(number: float) -> int:
    """Rounded up, at least 1."""
    return max(1, math.ceil(number - 1e-9))
