"""What a workload needs of any machine: its load by the minute, and what follows for instance types without asking.

A type is left out when a hard limit forbids it, when it has no price, or when the service time alone is over the
latency limit there. Burstable types (their CPU credits are not simulated) and types whose chips need a model compiled
for them are looked at only when their family is named; Graviton types also when the container is said to run there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headroom.advisor.monthly import MONTH_S
from headroom.advisor.search.surrogate import Asker
from simulator import simulate as simulator
from simulator.estimate import time_distribution
from simulator.estimate.load import DRAW_MOST, ground
from simulator.model.hardware import family_of, is_arm64
from simulator.patterns.common import machine
from simulator.patterns.registry import Deployment

Floats = NDArray[np.float64]

UNASKED = ("ml.t2", "ml.t3", "ml.inf1", "ml.inf2", "ml.trn1", "ml.trn1n")
"""Families that must be named to be looked at: burstable, or for models that are compiled for their chips."""

_SLACK = 1.02
"""A percentile of the fast answer is known to half a bucket of its histogram."""

_LEVELS = 128
_WHATEVER_TYPE = ("payload in", "payload out")
"""Limits that no other type helps."""

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


def load(asker: Asker) -> Load:
    """Of the first replication."""
    found = ground(asker.case, DRAW_MOST)
    inside = found.edges_s[:-1] >= 0
    minute_s = np.diff(found.edges_s)[inside]
    weight = found.expected[inside]
    rate = weight / minute_s
    rising = np.array_split(np.sort(rate), min(_LEVELS, rate.size))
    share = np.array([part.size for part in rising]) / rate.size
    return Load(rate, weight, minute_s, np.array([part.mean() for part in rising]), share)


def kinds(asker: Asker, usage: str, sample: Deployment, limit_s: float) -> tuple[list[Kind], list[Deployment]]:
    """Instance types for deployments like the sample, by price for their power, and what hard limits forbid.

    Of those with the same price for their power, in three digits, small ones come first: they leave less idle.
    """
    allowed: list[Kind] = []
    slow: list[Kind] = []
    forbidden: list[Deployment] = []
    reference_s = asker.scenario.workload.service_time.mean_ms / 1000
    least_s = tail_s(asker) if limit_s else 0.0
    for name in _named(asker, usage):
        here = machine(asker.case, name, "instance_type")
        candidate = sample.model_copy(update={"instance_type": name})
        broken = simulator.limits(asker.case, candidate)
        if broken:
            forbidden.append(candidate)
            if all(limit.what in _WHATEVER_TYPE for limit in broken):
                return [], forbidden
            continue
        unit_usd = asker.unit_usd(usage, name)
        if unit_usd is None:
            continue
        kind = Kind(name=name, workers=here.workers, service_s=reference_s * here.factor, usd=unit_usd * MONTH_S)
        too_slow = limit_s and overhead_s(asker) + least_s * here.factor > limit_s * _SLACK
        (slow if too_slow else allowed).append(kind)
    if not allowed:
        allowed = sorted(slow, key=lambda one: (one.service_s, one.usd))[:_FASTEST]
    return sorted(allowed, key=lambda one: (float(f"{one.usd / one.per_s:.3g}"), one.usd)), forbidden


def tail_s(asker: Asker) -> float:
    """The required percentile of the service time on the reference."""
    requirement, time = asker.scenario.requirement, asker.scenario.workload.service_time
    return time_distribution.quantile(time_distribution.service(time, 1.0), requirement.latency_percentile / 100)


def overhead_s(asker: Asker) -> float:
    """Of every call."""
    return asker.scenario.assumptions.overhead_ms / 1000


def least_rate_per_s(asker: Asker, found: Load, patience_s: float) -> float:
    """What a fleet of fixed size must be able to work off, when requests may wait so long."""
    requirement = asker.scenario.requirement
    spare = requirement.max_error_share
    if requirement.latency_limit_s:
        spare += 1 - requirement.latency_percentile / 100
    busiest = found.busiest_per_s(spare, patience_s) * _ALMOST / (1 + min(patience_s, 60.0) / 60)
    return max(busiest, found.mean_per_s * _ALMOST)


def most_instances(asker: Asker, allowed: int) -> int:
    """Of one deployment: what AWS, the account and the search space allow."""
    limits = (asker.scenario.search.max_instances, asker.scenario.assumptions.instances_per_endpoint_quota)
    return min(allowed, *(limit for limit in limits if limit), allowed)


def whole(number: float) -> int:
    """Rounded up, at least 1."""
    return max(1, math.ceil(number - 1e-9))


def _named(asker: Asker, usage: str) -> Sequence[str]:
    priced = asker.world.prices.instance_types(asker.scenario.region, usage)
    return [name for name in priced if name in asker.world.hardware and _may_be_asked(asker, name)]


def _may_be_asked(asker: Asker, name: str) -> bool:
    search = asker.scenario.search
    if search.families:
        return family_of(name) in search.families
    return family_of(name) not in UNASKED and (search.arm64 or not is_arm64(name))
