"""Batch transform: jobs that start instances, work through S3 objects and end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise

import numpy as np

from simulator.engine.accumulators import Gauge, Result, Tally
from simulator.engine.driver import FloatArray
from simulator.engine.engines.choice import engine_of
from simulator.engine.gauges import GaugeName
from simulator.engine.outcome import JobRun
from simulator.engine.replication import Case, Stream
from simulator.engine.stages import stages_of
from simulator.kernels import Ints
from simulator.kernels import batch as kernel
from simulator.kernels import batch_joined as joined
from simulator.model.faults import InstanceLoss, SlowDependency, ZoneLoss, ends_s, touching
from simulator.model.service import demand_cv, demands, slowdown_table
from simulator.model.startup import more_to_fetch_s
from simulator.model.usage import Usage
from simulator.model.workload import ServiceTime
from simulator.patterns import container
from simulator.patterns.batch.arrays import job_state, new_calls
from simulator.patterns.batch.calls import records_per_call, slots_per_instance
from simulator.patterns.batch.deployment import CALL, BatchDeployment
from simulator.patterns.batch.intake import Order, orders
from simulator.patterns.batch.limits import time_limits
from simulator.patterns.batch.usage import usage
from simulator.patterns.common import Machine, machine, slowdown
from simulator.patterns.instances import OF_INSTANCES
from simulator.scaling.disturbances import Disturbances
from simulator.traffic.kinds import DAY_S

GIVE_UP_S = 31 * DAY_S
"""What is not finished this long after the horizon counts as not finished."""

CHUNK = 1 << 17


def run(case: Case, deployment: BatchDeployment) -> Result:
    """One replication: all jobs that take records of the horizon, however long they take."""
    here = machine(case, deployment.instance_type, "instance_type")
    due = orders(case, deployment.schedule_offset_s, deployment.schedule_every_s)
    tally = Tally(case.simulation.duration_s, stages_of(case, CALL))
    runner = _Runner(case, deployment, here)
    every, done = sum(order.records for order in due), 0
    jobs = []
    for order in due:
        job = runner.run(order, partial(_tell, case, done, every))
        done += order.records
        job.answer(tally)
        jobs.append(job)
    _hold(case, deployment, tally, jobs)
    for number, one in enumerate(tally.stages.applied):
        if one.stage.place == "inside":
            tally.stages.call(number, int(tally.offered.sum()))
    tally.attempts[:] = tally.offered
    case.progress(1.0)
    return tally.result(
        _usage(case, deployment, tally, jobs),
        _utilisation(here, deployment, jobs),
        tuple(job.summary() for job in jobs),
        _notes(case, deployment, here),
    )


def _tell(case: Case, before: int, every: int, records: int) -> None:
    case.progress((before + records) / every)


def call_demands(rng: np.random.Generator, service: ServiceTime, sizes: Ints, *, single: bool) -> FloatArray:
    """Demand of mini-batches of so many records on the reference instance, float64[n], seconds.

    The sum over a mini-batch is a gamma variable with the sum's mean and variance: exact when service times are
    deterministic, exponential or gamma. single: all sizes are 1, and the demand has its own distribution.
    """
    if single:
        return demands(rng, service, sizes.size)
    mean_s, variance = service.mean_ms / 1000, demand_cv(service) ** 2
    if variance == 0:
        return sizes.astype(np.float64) * mean_s
    return rng.standard_gamma(sizes / variance) * (mean_s * variance)


def object_edges(rng: np.random.Generator, records: int, deployment: BatchDeployment) -> Ints:
    """Records before each object and at the end, int64[objects + 1]: equal shares, or log-normal ones; at least one."""
    objects, cv = min(deployment.input_objects, records), deployment.object_size_cv
    if cv == 0:
        return np.arange(objects + 1) * records // objects
    weights = np.cumsum(rng.lognormal(0.0, math.sqrt(math.log1p(cv**2)), objects))
    edges = np.arange(objects + 1)
    edges[1:] += np.floor(weights / weights[-1] * (records - objects)).astype(np.int64)
    return edges


class _Runner:
    """The jobs of one replication, in order, with the streams they share.

    A job that loses an instance fails and is run again from its beginning; what it did until then is paid for.
    """

    def __init__(self, case: Case, deployment: BatchDeployment, here: Machine) -> None:
        self._case, self._deployment, self._here = case, deployment, here
        self._demand, self._provisioning = case.rng(Stream.DEMAND), case.rng(Stream.PROVISIONING)
        self._objects, self._calls = case.rng(Stream.OBJECTS), case.rng(Stream.CALLS)
        inside = [one for one in stages_of(case, CALL) if one.stage.place == "inside"]
        self._inside = [(one.terms.law, case.rng(one.stage.stream)) for one in inside]
        self._held_s = self._inside_s if inside else None
        self._starts_s = Disturbances(case).starts_s
        # An instance loss hits one job, the first that runs then; the loss of a zone hits all.
        losses = (fault for fault in touching(case.faults, OF_INSTANCES) if isinstance(fault, InstanceLoss | ZoneLoss))
        self._strikes = [[one.at_s, one.instances if isinstance(one, InstanceLoss) else math.inf] for one in losses]

    def run(self, order: Order, tell: Callable[[int], None]) -> Job:
        """The job, worked through, again while it fails; tell: how many records are done."""
        edges = object_edges(self._objects, order.records, self._deployment)
        begins_s, lost = self._starts_s(order.ready_s), list[tuple[float, float, float]]()
        while True:
            start_s = begins_s - order.ready_s + _start_s(self._case, self._provisioning)
            job = Job(self._case, self._deployment, self._here, order, start_s, edges)
            job.begins_s, job.lost = begins_s, lost
            done = 0
            for records in job.work(self._demand, self._calls, self._held_s):
                done += records
                tell(done)
            struck_s = self._struck_s(job)
            if struck_s is None:
                return job
            lost = [*lost, (_paid_from_s(self._case, job), job.began_s, struck_s)]
            begins_s = self._starts_s(struck_s)

    def _inside_s(self, sizes: Ints) -> FloatArray:
        """Time that mini-batches of so many records spend in stages inside the model, one record after the other."""
        total_s = np.zeros(sizes.size)
        for law, rng in self._inside:
            total_s += law.fixed_s * sizes
            varying = ServiceTime.model_construct(distribution="gamma", mean_ms=1000 * law.mean_s, cv=law.cv)
            total_s += call_demands(rng, varying, sizes, single=False) if law.varies else law.mean_s * sizes
        return total_s

    def _struck_s(self, job: Job) -> float | None:
        """When the job loses an instance; None when it does not."""
        for strike in self._strikes:
            if strike[1] > 0 and job.began_s <= strike[0] < job.ended_s:
                strike[1] -= 1
                return strike[0]
        return None


class Job:
    """One transform job: asks for its instances when its data is ready, works through its objects, ends.

    begins_s: when their provisioning begins. lost: of each run that failed, from when it was paid for, when it began to
    work and when it failed. edges: see object_edges; equal objects when there are none.
    """

    def __init__(
        self,
        case: Case,
        deployment: BatchDeployment,
        here: Machine,
        order: Order,
        start_s: float,
        edges: Ints | None = None,
    ) -> None:
        workload, rate = case.workload, case.assumptions.s3_mb_per_s
        objects = min(deployment.input_objects, order.records)
        if edges is None:
            edges = np.arange(objects + 1) * order.records // objects
        self.order = order
        self.begins_s = order.ready_s
        self.began_s = order.ready_s + start_s
        self.lost: list[tuple[float, float, float]] = []
        self.failing = deployment.failing_call_share, deployment.invocations_max_retries
        self.service = workload.service_time
        self.last_s = case.simulation.duration_s + GIVE_UP_S
        self.params = kernel.Params(
            records=order.records,
            objects=objects,
            instances=deployment.instance_count,
            per_batch=records_per_call(deployment, workload.request_mb, int(np.diff(edges).max())),
            factor=here.factor,
            overhead_s=case.assumptions.minibatch_overhead_ms / 1000,
            download_s=workload.request_mb / rate,
            upload_s=workload.response_mb / rate,
            limit_s=container.shortest(time_limits(case, deployment)),
            most_tries=deployment.invocations_max_retries + 1,
        )
        engine = engine_of(workload)
        slots = slots_per_instance(deployment, engine.requests_at_once(here.workers))
        table = slowdown_table(workload, deployment.instance_type)
        self.state = job_state(self.params, slots)._replace(
            edges=edges,
            slow=_slow(case, self.began_s),
            slowdown=slowdown(table, here.workers) if table else np.zeros(0),
        )
        self.calls = new_calls(engine.rule, self.state, here.workers) if engine.rule else None

    def work(
        self,
        rng: np.random.Generator,
        calls: np.random.Generator | None = None,
        held_s: Callable[[Ints], FloatArray] | None = None,
    ) -> Iterator[int]:
        """Work through the objects; yields how many records were worked on. calls: draws which calls fail. held_s: time
        that mini-batches of so many records spend in stages inside the model, seconds.
        """
        sizes = np.zeros(CHUNK, dtype=np.int64)
        while n := kernel.lay_out(self.state, self.params, sizes):
            drawn = call_demands(rng, self.service, sizes[:n], single=self.params.per_batch == 1)
            if held_s:
                drawn = drawn + held_s(sizes[:n]) / self.params.factor
            tries = self._tries(calls, n)
            if self.calls:
                joined.hand_out(self.state, self.params, self.calls, sizes, drawn, tries, n)
            else:
                kernel.work(self.state, self.params, sizes, drawn, tries, n)
            yield int(sizes[:n].sum())
        if self.calls:
            joined.drain(self.state, self.params, self.calls)

    def _tries(self, rng: np.random.Generator | None, n: int) -> Ints:
        """Tries that each of n calls needs, were none cut off, negative when all of them fail (facts row 5.9)."""
        share, retries = self.failing
        if rng is None or not share:
            return np.ones(n, dtype=np.int64)
        tries = rng.geometric(1 - share, n)
        return np.where(tries > retries + 1, -(retries + 1), tries)

    @property
    def ended_s(self) -> float:
        """When the last answer is written and the instances are given back."""
        return self.began_s + float(self.state.finished.max())

    def worked(self) -> Iterator[tuple[float, float]]:
        """For each instance: when it has nothing more to do, and its seconds of model time."""
        for number, worked_s in enumerate(self.state.worked_s):
            mine = self.state.finished[number :: self.params.instances]
            if mine.size:
                yield self.began_s + float(mine.max()), float(worked_s)

    def answer(self, tally: Tally) -> None:
        """Count the records and their answers."""
        order, spans = self.order, self.order.spans
        begins = spans.edges_s[:-1]
        inside = (begins >= 0) & (begins < tally.horizon_s)
        tally.arrive_in_groups((begins + spans.edges_s[1:])[inside] / 2, spans.records[inside])
        counted = np.array([order.first, order.stop])
        times = np.array([order.ready_s, self.began_s, self.last_s])
        kernel.answer(self.state, self.params, spans, counted, times, tally.sums, tally.bin_s)

    def summary(self) -> JobRun:
        """For the outcome."""
        return JobRun(
            ready_s=self.order.ready_s,
            began_s=self.began_s,
            finished_s=self.ended_s if self.ended_s <= self.last_s else None,
            records=self.order.records,
        )


def _slow(case: Case, began_s: float) -> FloatArray:
    """Times in which a dependency is slow, since the job began: from, to, what it adds; float64[m, 3]."""
    slow = [fault for fault in case.faults if isinstance(fault, SlowDependency)]
    rows = [(fault.at_s - began_s, ends_s(fault) - began_s, fault.added_ms / 1000) for fault in slow]
    return np.array(rows).reshape(-1, 3)


def _start_s(case: Case, rng: np.random.Generator) -> float:
    """From asking for the instances until they work (facts row 5.2), model loaded."""
    assumptions = case.assumptions
    median_s = assumptions.batch_start_median_s + more_to_fetch_s(case.workload, assumptions, cached=False)
    started_s = median_s * rng.lognormal(0.0, assumptions.provisioning_sigma)
    return float(started_s + case.workload.model_load_s)


def _hold(case: Case, deployment: BatchDeployment, tally: Tally, jobs: list[Job]) -> None:
    """Records that wait for their job, instances of all jobs at a time, and work, even over each instance's time."""
    tally.hold("queued", 0.0, 0.0, 0.0)
    for order in (job.order for job in jobs):
        waiting = 0
        for (since_s, until_s), records in zip(pairwise(order.spans.edges_s), order.spans.records, strict=True):
            tally.hold("queued", float(since_s), float(until_s), waiting + records / 2, waiting + int(records))
            waiting += int(records)
    count, lost = deployment.instance_count, [run for job in jobs for run in job.lost]
    working = [(job.began_s, job.ended_s) for job in jobs] + [(began_s, until_s) for _, began_s, until_s in lost]
    paid = [(_paid_from_s(case, job), job.ended_s) for job in jobs] + [(from_s, until_s) for from_s, _, until_s in lost]
    _hold_steps(tally, "instances_in_service", count, working)
    _hold_steps(tally, "instances_billed", count, paid)
    busy = Gauge(tally.bin_s, tally.horizon_s, tally.bins)
    for job in jobs:
        for until_s, worked_s in job.worked():
            busy.hold(job.began_s, until_s, worked_s / (until_s - job.began_s), 0.0)
    tally.sums.work[:] += busy.integral


def _hold_steps(tally: Tally, name: GaugeName, count: int, runs: Iterable[tuple[float, float]]) -> None:
    """The sum of jobs that may overlap."""
    steps = sorted([(0.0, 0), *((begin, count) for begin, _ in runs), *((end, -count) for _, end in runs)])
    level = 0
    for (at_s, step), (next_s, _) in pairwise([*steps, (tally.horizon_s, 0)]):
        level += step
        tally.hold(name, at_s, next_s, level)


def _paid_from_s(case: Case, job: Job) -> float:
    return job.begins_s if case.assumptions.bill_while_provisioning else job.began_s


def _paid_s(case: Case, job: Job) -> float:
    """Time for which each instance of the job is paid, runs that failed included."""
    return job.ended_s - _paid_from_s(case, job) + sum(until_s - from_s for from_s, _, until_s in job.lost)


def _usage(case: Case, deployment: BatchDeployment, tally: Tally, jobs: list[Job]) -> tuple[Usage, ...]:
    """Of each job the share that its counted records have in it, whole, also where the job ends after the horizon."""
    instance_s = sum(job.order.share * _paid_s(case, job) for job in jobs)
    objects = sum(job.order.share * job.params.objects for job in jobs)
    return usage(
        case.workload, deployment, deployment.instance_count * instance_s, objects, float(tally.sums.attempts.sum())
    )


def _utilisation(here: Machine, deployment: BatchDeployment, jobs: list[Job]) -> float | None:
    """Model time of all jobs over what their instances' workers could have done from the first call to the last
    answer.
    """
    capacity_s = sum(job.ended_s - job.began_s for job in jobs) * deployment.instance_count * here.workers
    return float(sum(job.state.worked_s.sum() for job in jobs)) / capacity_s if capacity_s else None


def _notes(case: Case, deployment: BatchDeployment, here: Machine) -> tuple[str, ...]:
    at_once = engine_of(case.workload).requests_at_once(here.workers)
    asked, used = deployment.max_concurrent_transforms, slots_per_instance(deployment, at_once)
    if asked > at_once:
        return (
            f"MaxConcurrentTransforms is {asked}, but the container works on {at_once} at once; more would only "
            "wait inside it",
        )
    if not asked and used < here.workers:
        return (
            f"{used} of the container's {here.workers} workers are used, because their calls of "
            f"{deployment.max_payload_in_mb} MB must together stay within 100 MB; a smaller MaxPayloadInMB uses more",
        )
    return ()
