"""Burstable instance types: what the expected load needs of their CPU credits, and that they cannot be scaled.

A vCPU at work for a minute spends one credit; an instance earns `baseline_vcpu` credits a minute and keeps what it
earned in 24 hours (facts row 1.42). Without credits it works at its baseline. A run does not simulate that, so a
deployment whose credits do not last is ruled out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from simulator.engine.replication import Case
from simulator.kernels import Floats
from simulator.model.limits import BrokenLimit
from simulator.model.service import cpu_factor
from simulator.patterns.common import Machine
from simulator.scaling.policies import is_scaled

KEPT_MINUTES = 24 * 60.0
_MINUTE_S = 60.0


class Fixed(Protocol):
    """A fleet whose first count is known."""

    @property
    def initial_instance_count(self) -> int:
        """Instances at the start."""


def limits(case: Case, deployment: Fixed, here: Machine) -> Iterator[BrokenLimit]:
    """No scaling of burstable types, and CPU credits that last under the expected load; nothing for other types."""
    kind = here.kind
    if not kind.baseline_vcpu:
        return
    if is_scaled(deployment):
        allowed = f"a fixed count: Application Auto Scaling does not take {kind.name}"
        yield BrokenLimit("scaling of a burstable type", kind.name, allowed, "aws", "1.41")
        return
    count = max(1, deployment.initial_instance_count)
    load_vcpu = _load_vcpu(case, here) / count
    mean_vcpu = float(load_vcpu[load_vcpu.size - _horizon_minutes(case) :].mean())
    fleet = f"{count} x {kind.name}" if count > 1 else kind.name
    if mean_vcpu > kind.baseline_vcpu:
        given, allowed = f"{mean_vcpu * count:.3g} vCPU on average", f"{kind.baseline_vcpu * count:.3g} vCPU of {fleet}"
        yield BrokenLimit("CPU credits", given, f"{allowed}, what is left when they are used up", "aws", "1.42")
        return
    empty_s = _empty_s(case, kind.baseline_vcpu, np.minimum(load_vcpu, kind.vcpu))
    if empty_s is not None:
        given = f"{load_vcpu.max() * count:.3g} vCPU at the peak, for which the credits of 24 hours do not last"
        allowed = f"{kind.baseline_vcpu * count:.3g} vCPU of {fleet} when they are used up"
        yield BrokenLimit("CPU credits", given, allowed, "aws", "1.42", empty_s)


def assumed(here: Machine) -> Iterator[str]:
    """What to know of a burstable type that is not ruled out; nothing for other types."""
    kind = here.kind
    if kind.baseline_vcpu:
        yield (
            f"{kind.name} is burstable: {kind.baseline_vcpu:g} of its {kind.vcpu} vCPU last, more as long as it has CPU"
            " credits. These last for the expected load, begun with those of 24 idle hours; a busier day may use them"
            " up, and a new instance has fewer. It cannot be scaled (facts rows 1.41, 1.42)."
        )


def _load_vcpu(case: Case, here: Machine) -> Floats:
    """vCPU at work by the minute, warm-up included, over the whole fleet: rate times vCPU-seconds of a request."""
    workload, simulation = case.workload, case.simulation
    alone_s = workload.service_time.mean_ms / 1000 * here.factor
    vcpu_s = alone_s / cpu_factor(here.kind.vcpu / here.workers, workload.parallel_fraction)
    if workload.batching:
        vcpu_s *= 1 - workload.batching.fixed_share
    middles_s = np.arange(-simulation.warmup_s, simulation.duration_s, _MINUTE_S) + _MINUTE_S / 2
    rate_per_s = case.source.rate_per_s(middles_s)
    if workload.population:
        rate_per_s = rate_per_s + workload.population.users / (workload.population.think_time_s + alone_s)
    load: Floats = rate_per_s * vcpu_s
    return load


def _horizon_minutes(case: Case) -> int:
    return max(1, round(case.simulation.duration_s / _MINUTE_S))


def _empty_s(case: Case, baseline_vcpu: float, load_vcpu: Floats) -> float | None:
    """When a balance that begins full is first empty, seconds from the start of the horizon; None where it never is."""
    earned = np.concatenate(([0.0], np.cumsum(baseline_vcpu - load_vcpu)))
    spent = np.maximum.accumulate(earned) - earned
    empty = np.flatnonzero(spent > baseline_vcpu * KEPT_MINUTES)
    return float(empty[0] * _MINUTE_S - case.simulation.warmup_s) if empty.size else None
