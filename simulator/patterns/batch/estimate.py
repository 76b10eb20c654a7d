"""The fast answer of batch transform: arrivals as expected, start-up times as the exact run draws them.

Calls of the container are handed out as in the exact run while they are few. Else the time of a job is in closed form
(facts row 5.7): an instance has its objects one after the other, and its slots share the calls evenly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.engine.replication import Case, Stream
from simulator.estimate import time_distribution
from simulator.estimate.analytic import AnalyticFigures, conclude
from simulator.estimate.figures import Estimate, Figure, OverTime
from simulator.kernels.batch import Spans
from simulator.kernels.buckets import BUCKETS
from simulator.model.service import demand_cv
from simulator.model.startup import more_to_fetch_s
from simulator.model.usage import Usage
from simulator.patterns import container
from simulator.patterns.batch.calls import slots_per_instance
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.batch.intake import Order, data_sets_s, job_times_s
from simulator.patterns.batch.limits import records_of_call, time_limits
from simulator.patterns.batch.run import Job
from simulator.patterns.batch.usage import usage
from simulator.patterns.common import Machine, machine
from simulator.traffic.curve import RateCurve
from simulator.traffic.kinds import DAY_S, Jobs

Floats = NDArray[np.float64]

MODELLED = frozenset(
    {
        "instance_type",
        "instance_count",
        "input_objects",
        "split_type",
        "batch_strategy",
        "max_payload_in_mb",
        "max_concurrent_transforms",
        "schedule_offset_s",
        "schedule_every_s",
    }
)

SAMPLE = 400
"""Records of a job that stand for all."""

OBJECTS = 2_000_000
"""Objects that are looked at, in all jobs and replications together."""

CALLS = 400_000
"""Calls of the container that are handed out one by one, in all jobs together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """since_s, ready_s: what arrives in between is taken. counted: the part of it that is inside the horizon."""

    since_s: float
    ready_s: float
    records: float
    counted: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Load:
    """One replication: the jobs of a schedule, each with some of its records."""

    curve: RateCurve
    jobs: list[tuple[_Job, tuple[Floats, Floats]]]


@dataclass(slots=True, kw_only=True)
class _Total:
    """Sums over all jobs of all replications."""

    latency: Floats
    records: float = 0.0
    instance_s: float = 0.0
    objects: float = 0.0
    worked_s: float = 0.0
    capacity_s: float = 0.0
    longest_s: float = 0.0


def asking_ms(case: Case, deployment: BatchDeployment, replications: int) -> float:
    """Milliseconds of one core that this answer takes, about."""
    every_s = DAY_S if isinstance(case.workload.traffic, Jobs) else deployment.schedule_every_s
    return 2.0 + 0.2 * replications * case.simulation.duration_s / every_s


def batch(case: Case, deployment: BatchDeployment, replications: int, *, rough: bool = False) -> Estimate:
    """The fast answer; at most so many replications of the start-up times and the demand. There is nothing to make
    coarser when it is rough.
    """
    here = machine(case, deployment.instance_type, "instance_type")
    total = _Total(latency=np.zeros(BUCKETS))
    paid: list[tuple[float, float]] = []
    loads = []
    replications = max(1, min(replications, OBJECTS // max(1, _most_objects(case, deployment))))
    for k in range(replications):
        one = replace(case, replication=k)
        loads.append(_load(one, deployment))
        runner = _Runner(one, deployment, here)
        for job, sample in loads[-1].jobs:
            ran = runner.run(job, sample, total)
            if k == 0:
                paid.append(ran)
    offered = total.records / replications
    answer = AnalyticFigures(
        pattern="batch",
        offered=offered,
        latency=total.latency,
        floor=total.latency,
        approximate=0.0,
        # Start-up times are the exact run's own: what is left of its noise is little.
        together=1.0,
        error_share=Figure(value=0.0, error=0.0),
        utilisation=total.worked_s / total.capacity_s if total.capacity_s else None,
        over_time=_over_time(deployment, here, (loads[0].curve, case.simulation.duration_s), paid),
        usage=_usage(case, deployment, total, replications),
        usage_error=_usage_error(case, offered * replications),
        full=0.0,
        near=0.0,
        overload="",
        longest_job_s=total.longest_s or None,
        doubts=_cut_off(case, deployment, here),
    )
    return conclude(case, answer)


def _cut_off(case: Case, deployment: BatchDeployment, here: Machine) -> list[str]:
    """Whether calls, up to four standard deviations over their mean, may pass a time limit: no formula follows that."""
    limit_s, calls = container.shortest(time_limits(case, deployment)), records_of_call(case, deployment)
    mean_s = case.workload.service_time.mean_ms / 1000 * here.factor * calls
    longest_s = mean_s * (1 + 4 * demand_cv(case.workload.service_time) / math.sqrt(calls))
    return ["calls may be cut off"] if longest_s > limit_s else []


def _most_objects(case: Case, deployment: BatchDeployment) -> int:
    horizon_s = case.simulation.duration_s
    return math.ceil(horizon_s / deployment.schedule_every_s) * deployment.input_objects


def _load(case: Case, deployment: BatchDeployment) -> _Load:
    """What all deployments of one schedule share is worked out once."""
    schedule = deployment.schedule_offset_s, deployment.schedule_every_s
    simulation = case.simulation

    def load() -> _Load:
        curve = case.source.curve(case.rng(Stream.ARRIVALS), -simulation.warmup_s, simulation.duration_s)
        jobs = _jobs(case, deployment, curve)
        return _Load(curve=curve, jobs=[(job, _sample(job, curve, simulation.duration_s)) for job in jobs])

    return case.tables.once(("jobs", simulation, case.replication, schedule), load)


def _jobs(case: Case, deployment: BatchDeployment, curve: RateCurve) -> list[_Job]:
    traffic, horizon_s = case.workload.traffic, case.simulation.duration_s
    if isinstance(traffic, Jobs):
        return [
            _Job(since_s=float(at_s), ready_s=float(at_s), records=float(traffic.records), counted=1.0)
            for at_s in data_sets_s(traffic, horizon_s)
        ]
    times = job_times_s(deployment.schedule_offset_s, deployment.schedule_every_s, horizon_s)
    since, ready = times[:-1], times[1:]
    records = np.diff(curve.cumulative(times))
    counted = curve.cumulative(np.minimum(ready, horizon_s)) - curve.cumulative(np.maximum(since, 0.0))
    counts_in_horizon = (ready > 0) & (since < horizon_s) & (counted > 0)
    rows = zip(*(one[counts_in_horizon].tolist() for one in (since, ready, records, counted)), strict=True)
    return [_Job(since_s=a, ready_s=b, records=all_, counted=inside / all_) for a, b, all_, inside in rows]


class _Runner:
    """The jobs of one replication, in order, with the exact run's streams."""

    def __init__(self, case: Case, deployment: BatchDeployment, here: Machine) -> None:
        self.case, self.deployment, self.here = case, deployment, here
        self.provisioning, self.demand = case.rng(Stream.PROVISIONING), case.rng(Stream.DEMAND)
        self.calls = 0.0

    def run(self, job: _Job, sample: tuple[Floats, Floats], total: _Total) -> tuple[float, float]:
        """Add one job to the sums; returns from when to when its instances are paid for."""
        case, deployment = self.case, self.deployment
        start_s = self._start_s()
        finished = self._finished(job)
        ended_s = job.ready_s + start_s + float(finished.max())
        paid_s = job.ready_s if case.assumptions.bill_while_provisioning else job.ready_s + start_s
        arrived, number = sample
        answered = job.ready_s + start_s + finished[np.minimum((number * finished.size).astype(int), finished.size - 1)]
        count = job.records * job.counted
        total.latency += time_distribution.at(answered - arrived, np.full(arrived.size, count / arrived.size))
        total.records += count
        total.instance_s += job.counted * (ended_s - paid_s) * deployment.instance_count
        total.objects += job.counted * finished.size
        total.worked_s += job.records * case.workload.service_time.mean_ms / 1000 * self.here.factor
        total.capacity_s += float(finished.max()) * deployment.instance_count * self.here.workers
        total.longest_s = max(total.longest_s, ended_s - job.ready_s)
        return paid_s, ended_s

    def _start_s(self) -> float:
        assumptions = self.case.assumptions
        spread = self.provisioning.lognormal(0.0, assumptions.provisioning_sigma)
        workload = self.case.workload
        median_s = assumptions.batch_start_median_s + more_to_fetch_s(workload, assumptions, cached=False)
        return float(median_s * spread) + workload.model_load_s

    def _finished(self, job: _Job) -> Floats:
        """When each object is finished, from the beginning of work: handed out call by call while calls are few."""
        records = max(1, round(job.records))
        spans = Spans(np.array([job.since_s, job.ready_s]), np.array([records]))
        order = Order(ready_s=job.ready_s, spans=spans, first=0, stop=records)
        work = Job(self.case, self.deployment, self.here, order, 0.0)
        per_object = records / work.params.objects
        calls = math.ceil(per_object / work.params.per_batch)
        self.calls += calls * work.params.objects
        if self.calls > CALLS:
            return _closed_form(work, calls, self._demand(per_object))
        for _ in work.work(self.demand):
            pass
        return work.state.finished

    def _demand(self, records: float) -> Floats:
        """Demand of every object, seconds on the reference instance: normal numbers, for many records."""
        service = self.case.workload.service_time
        mean_s = service.mean_ms / 1000
        objects = self.deployment.input_objects
        drawn = self.demand.standard_normal(objects) * demand_cv(service) * math.sqrt(records)
        return np.maximum(mean_s * (records + drawn), 0.0)


def _closed_form(work: Job, calls: int, demand_s: Floats) -> Floats:
    """calls and demand_s of each object. The last calls end about half a call after their fair share."""
    params, slots = work.params, work.state.slot_t.shape[1]
    each_s = calls * params.overhead_s + demand_s[: params.objects] * params.factor
    call_s = float(each_s.mean()) / calls
    turn = np.arange(params.objects) // params.instances
    even = np.zeros(params.objects)
    for number in range(min(params.instances, params.objects)):
        even[number :: params.instances] = np.cumsum(each_s[number :: params.instances])
    even = even / slots + call_s * (1 - 1 / slots) / 2
    per_object = params.records / params.objects
    done: Floats = even + per_object * (params.download_s * (1 + turn / slots) + params.upload_s)
    return done


def _sample(job: _Job, curve: RateCurve, horizon_s: float) -> tuple[Floats, Floats]:
    """Some of the job's counted records, evenly: when each arrived, and its place in the job as a share of all."""
    if job.since_s == job.ready_s:
        return np.full(SAMPLE, job.ready_s), (np.arange(SAMPLE) + 0.5) / SAMPLE
    times = np.linspace(job.since_s, job.ready_s, 2001)
    reached = curve.cumulative(times)
    reached = reached - reached[0]
    low, high = np.interp((max(job.since_s, 0.0), min(job.ready_s, horizon_s)), times, reached)
    number = low + (np.arange(SAMPLE) + 0.5) / SAMPLE * (high - low)
    return np.interp(number, reached, times), number / reached[-1]


def _usage(case: Case, deployment: BatchDeployment, total: _Total, replications: int) -> tuple[Usage, ...]:
    amounts = (total.instance_s / replications, total.objects / replications, total.records / replications)
    return usage(case.workload, deployment, *amounts)


def _usage_error(case: Case, records: float) -> float:
    """Two standard errors of the number of records and of their demand."""
    scatter = 1 + demand_cv(case.workload.service_time) ** 2
    return 0.003 + 2 * math.sqrt(scatter / max(records, 1.0))


def _over_time(
    deployment: BatchDeployment, here: Machine, load: tuple[RateCurve, float], paid: list[tuple[float, float]]
) -> OverTime:
    """By the minute of the horizon."""
    curve, horizon_s = load
    edges = np.append(np.arange(0.0, horizon_s, 60.0), horizon_s)
    held = np.zeros(edges.size - 1)
    for begin_s, end_s in paid:
        held += np.diff(np.clip(edges, begin_s, end_s))
    lengths = np.diff(edges)
    capacity = held / lengths * deployment.instance_count
    return OverTime(
        step_s=60.0,
        rate_per_s=np.maximum(np.diff(curve.cumulative(edges)), 0.0) / lengths,
        slots=capacity * slots_per_instance(deployment, here.workers),
        capacity=capacity,
    )
