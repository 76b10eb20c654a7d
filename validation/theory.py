"""A grid of loads for which queueing theory has closed forms: predicted, simulated, inside the interval or not."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from simulator import theory
from simulator.engine.accumulators import Result
from simulator.kernels.fates import EXPIRED, REJECTED, THROTTLED
from simulator.model.assumptions import Assumptions
from simulator.model.workload import ServiceTime, Workload
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.traffic.kinds import Jobs
from validation.runs import Draws, environments, interval, results, work

REQUESTS = 200_000
"""Requests of a replication, about."""

MEAN_S = 0.1
SHAPES = (
    ("M/D/1", "deterministic", 0.0),
    ("M/G/1", "gamma", 0.5),
    ("M/G/1", "lognormal", 1.5),
    ("M/G/1", "gamma", 2.0),
)
WAITING = {
    1: (0.3, 0.5, 0.7, 0.8, 0.9, 0.95),
    4: (0.3, 0.5, 0.7, 0.8, 0.9, 0.95),
    16: (0.6, 0.7, 0.8, 0.9, 0.95),
    64: (0.9, 0.95),
}
"""Workers, and loads at which enough requests wait."""

LOSING = {1: (0.5, 0.8, 1.0, 1.3), 10: (0.5, 0.8, 1.0, 1.3), 50: (0.8, 1.0, 1.3), 200: (0.8, 1.0, 1.3)}
"""Places, and loads at which enough requests are lost."""

POOLS = ((0.2, 5.0), (0.2, 20.0), (1.0, 10.0), (1.0, 60.0), (5.0, 30.0), (5.0, 100.0), (20.0, 50.0))
"""Load, and idle time kept in mean service times."""


@dataclass(frozen=True, slots=True)
class Row:
    """One prediction held against the mean of 20 replications and half of its 95 % interval."""

    model: str
    case: str
    what: str
    predicted: float
    simulated: float
    half: float
    inside: bool


@dataclass(frozen=True, slots=True)
class Bound:
    """A quantity that must lie between two bounds, a simulated mean as far as its interval tells."""

    model: str
    case: str
    least: float
    simulated: float
    most: float
    within: bool


def row(model: str, case: str, what: str, predicted: float, values: Sequence[float]) -> Row:
    """The row of one prediction."""
    found = interval(values)
    return Row(model, case, what, predicted, found.mean, found.half, found.contains(predicted))


def wait(result: Result) -> float:
    """Mean seconds that a completed request queued."""
    return float(result.sums.parts[1] / result.sums.fates[:, 0].sum())


def lost(result: Result, fate: int) -> float:
    """Share of the offered requests that ended so."""
    return float(result.sums.fates[:, fate].sum() / result.offered.sum())


def one_instance(rate_per_s: float, distribution: str, cv: float, workers: int, queue: int = 10_000) -> list[Result]:
    """A real-time endpoint with one instance, never changed."""
    workload = work(rate_per_s, distribution, MEAN_S, cv, container_workers=workers)
    deployment = RealtimeDeployment(job_queue_size=queue)
    return results(workload, deployment, REQUESTS / rate_per_s, warmup_s=3600)


def mmc(workers: int, load: float) -> Iterator[Row]:
    """M/M/c: a real-time instance with c workers."""
    rate = load * workers / MEAN_S
    waits = [wait(result) for result in one_instance(rate, "exponential", 1.0, workers)]
    case = f"c = {workers}, load {load:g}"
    yield row("M/M/c", case, "mean wait, s (Erlang C)", theory.mmc_wait_s(workers, rate, MEAN_S), waits)


def mg1(name: str, distribution: str, cv: float, load: float) -> Iterator[Row]:
    """M/G/1: a real-time instance with one worker."""
    rate = load / MEAN_S
    waits = [wait(result) for result in one_instance(rate, distribution, cv, 1)]
    predicted = theory.mg1_wait_s(rate, MEAN_S, cv)
    yield row(name, f"{distribution}, cv {cv:g}, load {load:g}", "mean wait, s", predicted, waits)


def mmck(workers: int, queue: int, load: float) -> Iterator[Row]:
    """M/M/c/K: an instance whose queue is full refuses."""
    found = one_instance(load * workers / MEAN_S, "exponential", 1.0, workers, queue)
    shares = [lost(result, REJECTED) for result in found]
    case = f"c = {workers}, K = {workers + queue}, load {load:g}"
    yield row("M/M/c/K", case, "share refused", theory.mmck_loss(workers, workers + queue, load * workers), shares)


def erlang_b(servers: int, load: float, distribution: str) -> Iterator[Row]:
    """M/G/c/c: serverless environments that start in no time."""
    sizes, assumptions = environments(serverless_keep_warm_s=7200.0)
    rate = load * servers
    workload = work(rate, distribution, 1.0, 1.5, **sizes)
    found = results(
        workload, ServerlessDeployment(max_concurrency=servers), REQUESTS / rate, warmup_s=600, assumptions=assumptions
    )
    case = f"c = {servers}, load {load:g}, {distribution}"
    yield row(
        "Erlang B", case, "share lost", theory.erlang_b(servers, load * servers), [lost(r, THROTTLED) for r in found]
    )


def warm_pool(load: float, keep: float) -> Iterator[Row]:
    """M/M/infinity with environments kept warm: first passage times of the requests in flight."""
    sizes, assumptions = environments(serverless_keep_warm_s=keep)
    found = results(
        work(load, "exponential", 1.0, **sizes),
        ServerlessDeployment(max_concurrency=200),
        REQUESTS / load,
        warmup_s=5000,
        assumptions=assumptions,
    )
    cold, kept = theory.warm_pool(load, keep)
    case = f"load {load:g}, kept {keep:g} service times"
    yield row("M/M/inf warm pool", case, "share cold", cold, [r.sums.cold.sum() / r.offered.sum() for r in found])
    warm = [r.gauges["environments"].integral.sum() / r.horizon_s for r in found]
    yield row("M/M/inf warm pool", case, "mean environments", kept, warm)


def in_flight(load: float, distribution: str) -> Iterator[Row]:
    """M/G/infinity: requests in flight are Poisson with mean the load, whatever the distribution."""
    sizes, assumptions = environments()
    found = results(
        work(load, distribution, 1.0, 2.0, **sizes),
        ServerlessDeployment(max_concurrency=200),
        REQUESTS / load,
        warmup_s=1000,
        assumptions=assumptions,
    )
    values = [r.gauges["in_flight"].integral.sum() / r.horizon_s for r in found]
    yield row("M/G/inf", f"load {load:g}, {distribution}", "mean in flight", load, values)


def asynchronous(instances: int, workers: int, load: float) -> Iterator[Row]:
    """M/M/c: all slots of an asynchronous endpoint behind one queue."""
    c = instances * workers
    deployment = AsynchronousDeployment(scaling=None, initial_instance_count=instances)
    workload = work(load * c, "exponential", 1.0, container_workers=workers)
    found = results(workload, deployment, REQUESTS / (load * c), warmup_s=5000)
    case = f"c = {instances} x {workers}, load {load:g}"
    yield row(
        "M/M/c, asynchronous", case, "mean wait, s", theory.mmc_wait_s(c, load * c, 1.0), [wait(r) for r in found]
    )


def expired(load: float) -> Iterator[Row]:
    """M/M/1 with patience: an asynchronous queue with a time to live."""
    deployment = AsynchronousDeployment(
        scaling=None, initial_instance_count=1, request_ttl_s=90.0, invocation_timeout_s=3600.0
    )
    workload = work(load / 30, "exponential", 30.0, container_workers=1)
    found = results(workload, deployment, 600_000, warmup_s=10_000)
    predicted = theory.mm1_expired(load / 30, 30.0, 90.0)
    yield row(
        "M/M/1 with patience",
        f"load {load:g}, 3 service times",
        "share expired",
        predicted,
        [lost(r, EXPIRED) for r in found],
    )


def rows() -> list[Row]:
    """The grid."""
    parts = [mmc(c, load) for c, loads in WAITING.items() for load in loads]
    for shape in SHAPES:
        parts += [mg1(*shape, load) for load in (0.4, 0.6, 0.8, 0.9)]
    parts += [mmck(4, k, load) for k in (0, 3, 10) for load in (0.7, 0.9, 1.2, 1.5)]
    for c, loads in LOSING.items():
        parts += [erlang_b(c, load, shape) for load in loads for shape in ("exponential", "lognormal")]
    parts += [warm_pool(*pool) for pool in POOLS]
    parts += [in_flight(load, "lognormal") for load in (0.5, 5.0, 50.0)]
    parts += [asynchronous(n, w, load) for n, w in ((1, 1), (2, 4)) for load in (0.5, 0.8, 0.9)]
    parts += [expired(load) for load in (0.6, 0.9, 1.2, 1.5)]
    return list(itertools.chain.from_iterable(parts))


def few() -> list[Row]:
    """A point of each model."""
    parts = [mmc(16, 0.9), mg1(*SHAPES[2], 0.4), mmck(4, 3, 0.9), erlang_b(10, 0.8, "lognormal"), warm_pool(1.0, 10.0)]
    parts += [asynchronous(2, 4, 0.8), expired(1.2)]
    return list(itertools.chain.from_iterable(parts))


def shortest_queue(instances: int, load: float) -> Bound:
    """Least outstanding requests waits no less than one queue for all, no more than queues apart (GH 4.5)."""
    rate = load * instances / MEAN_S
    deployment = RealtimeDeployment(
        initial_instance_count=instances, job_queue_size=10_000, routing_strategy="LEAST_OUTSTANDING_REQUESTS"
    )
    found = results(work(rate, "exponential", MEAN_S, container_workers=1), deployment, REQUESTS / rate, warmup_s=3600)
    mean = interval([wait(result) for result in found])
    least, most = theory.mmc_wait_s(instances, rate, MEAN_S), theory.mmc_wait_s(1, rate / instances, MEAN_S)
    return Bound(
        "JSQ",
        f"{instances} instances, load {load:g}",
        least,
        mean.mean,
        most,
        least - mean.half <= mean.mean <= most + mean.half,
    )


def makespan(records: int, objects: int, instances: int, slots: int) -> Bound:
    """Graham's bounds of list scheduling: total / c <= makespan <= total / c + longest, on the busiest instance."""
    start_s, mean_s = 100.0, 0.5
    workload = Workload(
        traffic=Jobs(records=records),
        service_time=ServiceTime(distribution="deterministic", mean_ms=1000 * mean_s),
        container_workers=slots,
        request_mb=0.0,
        response_mb=0.0,
        model_load_s=0.0,
    )
    assumptions = Assumptions(batch_start_median_s=start_s, provisioning_sigma=0.0, minibatch_overhead_ms=0.0)
    deployment = BatchDeployment(
        input_objects=objects, instance_count=instances, batch_strategy="SingleRecord", max_payload_in_mb=1
    )
    (result,) = results(workload, deployment, 86_400, assumptions=assumptions, draws=Draws(1))
    took_s = (result.jobs[0].finished_s or math.inf) - result.jobs[0].ready_s - start_s
    sizes = [records // objects + (k < records % objects) for k in range(objects)]
    busiest = max(sum(sizes[k::instances]) for k in range(instances))
    least, most = busiest * mean_s / slots, busiest * mean_s / slots + mean_s
    case = f"{records} records, {objects} objects, {instances} x {slots} slots"
    return Bound("list scheduling", case, least, took_s, most, least - 1e-9 <= took_s <= most + 1e-9)


def bounds() -> list[Bound]:
    """Joining the shortest queue, and jobs."""
    queues = [shortest_queue(n, load) for n in (2, 8, 32) for load in (0.5, 0.8, 0.95)]
    jobs = [
        makespan(*job) for job in ((1000, 10, 3, 4), (1000, 7, 7, 1), (999, 100, 5, 8), (37, 5, 2, 3), (5000, 1, 4, 4))
    ]
    return queues + jobs


def laws() -> dict[str, float]:
    """The largest deviations from Little's law and scale invariance, and how often more workers made waits grow."""
    grew, pairs = more_workers()
    return {
        "little_deviation": max(little(*point) for point in ((1, 0.8), (4, 0.8), (16, 0.9))),
        "scale_deviation": stretched(),
        "more_workers_pairs": pairs,
        "more_workers_grew": grew,
    }


def little(workers: int, load: float) -> float:
    """Deviation from Little's law: the mean number waiting is the rate of arrivals times the mean wait."""
    found = one_instance(load * workers / MEAN_S, "exponential", 1.0, workers)
    queued = sum(result.gauges["queued"].integral.sum() for result in found)
    waited = sum(result.sums.parts[1] for result in found)
    return abs(float(queued / waited) - 1)


def stretched() -> float:
    """Ten times the time between arrivals and for the work, on the same draws: deviation from ten times the waits."""
    deployment = RealtimeDeployment(job_queue_size=10_000)
    fast = results(
        work(28.0, "lognormal", 0.1, container_workers=4), deployment, 7200, warmup_s=600, draws=Draws(5, seed=1)
    )
    slow = results(
        work(2.8, "lognormal", 1.0, container_workers=4), deployment, 72_000, warmup_s=6000, draws=Draws(5, seed=1)
    )
    return max(abs(wait(b) / wait(a) / 10 - 1) for a, b in zip(fast, slow, strict=True))


def more_workers() -> tuple[int, int]:
    """On the same draws, steps to more workers on which the mean wait grew, and all such steps."""
    deployment = RealtimeDeployment(job_queue_size=10_000)
    waits = []
    for workers in (4, 5, 6, 8, 12, 16):
        found = results(
            work(35.0, "lognormal", 0.1, container_workers=workers), deployment, 3600, draws=Draws(5, seed=1)
        )
        waits.append([wait(result) for result in found])
    steps = [now > before for a, b in itertools.pairwise(waits) for before, now in zip(a, b, strict=True)]
    return sum(steps), len(steps)


def report() -> dict[str, object]:
    """All of it as plain values."""
    return {"rows": [asdict(r) for r in rows()], "bounds": [asdict(b) for b in bounds()], "laws": laws()}
