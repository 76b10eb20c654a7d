"""How long a deployment suffers from a fault: measured on the series over time, bin by bin of arrival.

A bin is well when its latency percentile and its share of requests without an answer are within the requirement, or,
where the requirement sets no limit or the time before the fault was already beyond it, within 10 % of the worst bin of
the hour before. Recovered is the end of the last bin that is not well before all are well for 5 minutes on end; the
time is exact to one bin. Requests that fail while in work count where they arrived, so the bin before the fault
belongs to it when the fault falls on its end.
"""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from simulator.engine.outcome import FloatArray, Recovery, Series
from simulator.engine.replication import Case
from simulator.model.faults import EndpointUpdate, Fault, ends_s, touching
from simulator.model.requirement import Requirement
from simulator.model.startup import more_to_fetch_s

STEADY_S = 300.0
BEFORE_S = 3600.0
TOLERANCE = 1.1

Flags = NDArray[np.bool_]


def recoveries(series: Series, case: Case, kinds: Collection[str]) -> tuple[Recovery, ...]:
    """One for each fault of these kinds that happens within the horizon, by time."""
    faults = (fault for fault in touching(case.faults, kinds) if fault.at_s < case.simulation.duration_s)
    return tuple(_recovery(series, fault, case) for fault in faults)


def _recovery(series: Series, fault: Fault, case: Case) -> Recovery:
    requirement, horizon_s = case.requirement, case.simulation.duration_s
    latency_s = series.latency_s[f"p{requirement.latency_percentile:g}"]
    errors = error_shares(series)
    first = max(math.ceil(fault.at_s / series.bin_s) - 1, 0)
    before = slice(max(first - math.ceil(BEFORE_S / series.bin_s), 0), first)
    limit_s = _limit(requirement.latency_limit_s or None, latency_s[before])
    limit = _limit(requirement.max_error_share, errors[before])
    # Where nothing was answered there is no percentile, and errors alone say how it was.
    well = ~(latency_s > limit_s) & ~(errors > limit)
    ended_s = min(_over_s(fault, case), horizon_s)
    ended = int(ended_s / series.bin_s)
    begin = _recovered_bin(well, first, ended, math.ceil(STEADY_S / series.bin_s))
    stop = well.size if begin is None else max(begin, ended + 1)
    offered = series.counts["offered"][first:stop].sum()
    return Recovery(
        kind=fault.kind,
        at_s=fault.at_s,
        ended_s=ended_s,
        recovered_s=None if begin is None else max(begin * series.bin_s if begin > first else 0.0, fault.at_s),
        p99_before_s=_worst(series.latency_s["p99"][before]),
        p99_worst_s=_worst(series.latency_s["p99"][first:stop]),
        error_share=float(1 - series.counts["completed"][first:stop].sum() / offered) if offered else 0.0,
        beyond_before=_beyond(requirement, latency_s[before], errors[before]),
    )


def _beyond(requirement: Requirement, latency_s: FloatArray, errors: FloatArray) -> float:
    """Share of these bins that are beyond a limit of the requirement."""
    limit_s = requirement.latency_limit_s or math.inf
    return float(np.mean((latency_s > limit_s) | (errors > requirement.max_error_share))) if errors.size else 0.0


def _over_s(fault: Fault, case: Case) -> float:
    """When the cause is over; of an update nearly the longest that provisioning takes, and its waits."""
    if not isinstance(fault, EndpointUpdate):
        return ends_s(fault)
    given = case.assumptions
    median_s = max(given.provisioning_cpu_median_s, given.provisioning_gpu_median_s)
    median_s += more_to_fetch_s(case.workload, given, cached=False)
    fleet_s = median_s * math.exp(2 * given.provisioning_sigma) + case.workload.model_load_s
    return fault.at_s + fleet_s + (len(fault.shares) - 1) * fault.wait_s + fault.termination_wait_s


def error_shares(series: Series) -> FloatArray:
    """Share of the requests of each bin that ended without an answer; 0 where none came."""
    offered, completed = series.counts["offered"], series.counts["completed"]
    shares: FloatArray = 1 - np.divide(completed, offered, out=np.ones_like(offered), where=offered > 0)
    return shares


def _recovered_bin(well: Flags, first: int, ended: int, steady: int) -> int | None:
    """The first bin of the first steady time that goes on after the bin in which the cause ended; `first` when all was
    well.
    """
    begin = first
    for at in range(first, well.size):
        if not well[at]:
            begin = at + 1
        elif at - max(begin - 1, ended) >= steady:
            return begin
    return None


def _limit(required: float | None, before: FloatArray) -> float:
    """What counts as well. Without a requirement and without a time before, everything does."""
    worst = _worst(before)
    if worst is None:
        return math.inf if required is None else required
    return required if required is not None and worst <= required else worst * TOLERANCE


def _worst(values: FloatArray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.max()) if known.size else None
