"""Which transform job takes which records.

Data sets start their own jobs. Other traffic is taken up by jobs on a schedule: each takes what has arrived since the
one before. Arrivals are counted by the minute, so memory does not grow with them.

A job at either end of the horizon also takes records that are not counted. Those of the warm-up are drawn like all
others; beyond what is drawn their expected number stands for them. So every job has its full size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simulator.engine.replication import Case, Stream
from simulator.kernels import Floats, Ints
from simulator.kernels.batch import Spans
from simulator.model.faults import TrafficSpike
from simulator.traffic.kinds import DAY_S, Jobs

_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one job takes: its records in order of arrival, of which first to stop - 1 arrived within the horizon."""

    ready_s: float
    spans: Spans
    first: int
    stop: int

    @property
    def records(self) -> int:
        """All records of the job."""
        return int(self.spans.records.sum())

    @property
    def share(self) -> float:
        """Share of the job's records that count."""
        return (self.stop - self.first) / self.records


def orders(case: Case, offset_s: float, every_s: float) -> list[Order]:
    """The jobs that take records of the horizon, by time. The schedule is not used by data sets."""
    traffic = case.workload.traffic
    if isinstance(traffic, Jobs):
        ready = data_sets_s(traffic, case.simulation.duration_s)
        return [_data_set(float(at_s), records_of(case, traffic, float(at_s))) for at_s in ready]
    return list(_scheduled(case, job_times_s(offset_s, every_s, case.simulation.duration_s)))


def data_sets_s(traffic: Jobs, horizon_s: float) -> Floats:
    """When the data sets of the horizon are ready."""
    return np.arange(traffic.at_s, horizon_s, traffic.every_days * DAY_S)


def job_times_s(offset_s: float, every_s: float, horizon_s: float) -> Floats:
    """Times of the jobs of a schedule: the last at or before 0, and all up to the first at or after the horizon."""
    first = math.floor(-offset_s / every_s)
    last = math.ceil((horizon_s - offset_s) / every_s)
    return offset_s + every_s * np.arange(first, last + 1, dtype=np.float64)


def records_of(case: Case, traffic: Jobs, ready_s: float) -> int:
    """Records of a data set: with spikes, as many as a client would send to an endpoint."""
    if not any(isinstance(fault, TrafficSpike) for fault in case.faults):
        return traffic.records
    return round(case.source.expected(ready_s, ready_s + traffic.submit_over_s))


def _data_set(ready_s: float, records: int) -> Order:
    return Order(ready_s=ready_s, spans=Spans(np.full(2, ready_s), np.array([records])), first=0, stop=records)


def _scheduled(case: Case, times_s: Floats) -> Iterator[Order]:
    horizon_s = case.simulation.duration_s
    edges = _edges(case, times_s)
    records = _count(case, edges)
    for since_s, ready_s in pairwise(times_s):
        low, high = np.searchsorted(edges, (since_s, ready_s))
        spans = Spans(edges[low : high + 1], records[low:high])
        begins = spans.edges_s[:-1]
        first = int(spans.records[begins < 0].sum())
        stop = first + int(spans.records[(begins >= 0) & (begins < horizon_s)].sum())
        if stop > first:
            yield Order(ready_s=float(ready_s), spans=spans, first=first, stop=stop)


def _edges(case: Case, times_s: Floats) -> Floats:
    """Whole minutes of the time that is drawn, its ends, and the times of jobs."""
    horizon_s = case.simulation.duration_s
    drawn_from_s = max(-case.simulation.warmup_s, times_s[0])
    minutes = np.arange(math.ceil(drawn_from_s / _MINUTE_S), math.ceil(horizon_s / _MINUTE_S)) * _MINUTE_S
    edges: Floats = np.unique(np.concatenate((times_s, [drawn_from_s, 0.0, horizon_s], minutes)))
    return edges


def _count(case: Case, edges: Floats) -> Ints:
    """Records between the edges: drawn where arrivals are drawn, else as many as are expected."""
    source, horizon_s, warmup_s = case.source, case.simulation.duration_s, case.simulation.warmup_s
    records = np.zeros(edges.size - 1, dtype=np.int64)
    for t in source.times(case.rng(Stream.ARRIVALS), -warmup_s, horizon_s):
        low = max(0, int(np.searchsorted(edges, t[0], side="right")) - 1)
        here = edges[low : int(np.searchsorted(edges, t[-1], side="right")) + 1]
        records[low : low + max(here.size - 1, 0)] += np.diff(np.searchsorted(t, here))
    if edges[0] < -warmup_s:
        records[0] = round(source.expected(float(edges[0]), float(edges[1])))
    if edges[-1] > horizon_s:
        records[-1] = round(source.expected(float(edges[-2]), float(edges[-1])))
    return records
