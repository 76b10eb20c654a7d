"""The load that the fast answer reckons with: expected and drawn arrivals by the minute, from the warm-up on.

The rate is the one that the exact run of the same replication has, drawn where it is random (bursts), so both see the
same bursts. Arrivals of a minute are drawn as it makes them when they are few enough, else as normal numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.engine.replication import Case, Stream
from simulator.traffic.binned import BinnedSource
from simulator.traffic.curve import RateCurve
from simulator.traffic.jobs import JobSource
from simulator.traffic.replay import ReplaySource
from simulator.traffic.spiked import SpikedSource

Floats = NDArray[np.float64]

STEP_S = 60.0
DRAW_MOST = 600_000
"""Arrivals that are drawn one by one, in all replications together."""

MINUTES = 24_000
"""Minutes that are led through the scaling policy, in all replications together."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """One replication's load. edges_s: [m + 1], whole minutes from the start of the warm-up to the end of the horizon
    (the last may be shorter); expected, counts: [m], arrivals between the edges. same: the counts are those of the
    exact run.
    """

    curve: RateCurve
    edges_s: Floats
    expected: Floats
    counts: Floats
    horizon_s: float
    same: bool

    def expected_between(self, edges_s: Floats) -> Floats:
        """Expected arrivals between neighbouring edges (seconds, float64[m + 1]), float64[m]."""
        return np.maximum(np.diff(self.curve.cumulative(edges_s)), 0.0)


def ground(case: Case, most_drawn: float) -> Ground:
    """The load of the case's replication; its arrivals are drawn when at most so many are expected."""
    key = ("ground", case.simulation, case.replication, most_drawn)
    return case.tables.once(key, lambda: _ground(case, most_drawn))


def _ground(case: Case, most_drawn: float) -> Ground:
    warmup_s, horizon_s = case.simulation.warmup_s, case.simulation.duration_s
    curve = case.source.curve(case.rng(Stream.ARRIVALS), -warmup_s, horizon_s)
    edges = np.append(np.arange(-warmup_s, horizon_s, STEP_S), horizon_s)
    expected = np.maximum(np.diff(curve.cumulative(edges)), 0.0)
    drawable = expected.sum() <= most_drawn
    counts = _drawn(case, edges) if drawable else _normal(case, expected)
    identical = bool(drawable) or noise(case) == 0
    return Ground(curve=curve, edges_s=edges, expected=expected, counts=counts, horizon_s=horizon_s, same=identical)


def _drawn(case: Case, edges: Floats) -> Floats:
    counts = np.zeros(edges.size - 1)
    for t in case.source.times(case.rng(Stream.ARRIVALS), float(edges[0]), float(edges[-1])):
        minutes = np.minimum(((t - edges[0]) / STEP_S).astype(np.int64), counts.size - 1)
        counts += np.bincount(minutes, minlength=counts.size)
    return counts


def _normal(case: Case, expected: Floats) -> Floats:
    rng = case.rng(Stream.PREVIEW)
    deviation = np.sqrt(expected * noise(case))
    return np.maximum(np.rint(expected + deviation * rng.standard_normal(expected.size)), 0.0)


def noise(case: Case) -> float:
    """Variance over mean of the arrivals of a minute, given the rate: 0 where a bin of a trace has its exact count."""
    source = case.source
    if isinstance(source, SpikedSource):
        return max(1.0, source.dispersion)  # what a spike adds is Poisson
    if isinstance(source, JobSource | ReplaySource):
        return 0.0
    if isinstance(source, BinnedSource):
        longest_s = float(np.max(source.bins.ends_s - source.bins.starts_s, initial=STEP_S))
        return source.dispersion * (1 - STEP_S / longest_s) if longest_s > STEP_S else 0.0
    return source.dispersion


def clumping(case: Case) -> float:
    """Variance over mean of arrivals within a second or so: what queues feel. Traces and even paces count as Poisson
    when they are cut to a second, which is what is known of them.
    """
    source = case.source.inner if isinstance(case.source, SpikedSource) else case.source
    if isinstance(source, JobSource):
        return 0.3
    if isinstance(source, ReplaySource):
        return _replayed(source)
    return source.dispersion


def _replayed(source: ReplaySource) -> float:
    """Of the seconds of a replayed trace, against a rate that is level over 20 s."""
    seconds = np.zeros(max(20, math.ceil(source.seconds.span_s / 20) * 20))
    np.add.at(seconds, source.t_s.astype(np.int64), 1.0)
    blocks = seconds.reshape(-1, 20)
    busy = blocks[blocks.sum(axis=1) >= 5]
    return float(busy.var(axis=1, ddof=1).sum() / busy.mean(axis=1).sum()) if busy.size else 1.0


def noise_matters(case: Case) -> bool:
    """Whether two replications see different rates."""
    return case.workload.traffic.kind == "bursts"


def loads(case: Case, replications: int, most_minutes: int = MINUTES) -> list[Ground]:
    """The loads of the first replications, fewer than asked for when together they exceed most_minutes."""
    minutes = (case.simulation.warmup_s + case.simulation.duration_s) / 60
    count = max(1, min(replications, int(most_minutes / minutes)))
    return [ground(replace(case, replication=k), DRAW_MOST / count) for k in range(count)]
