"""Limits that several patterns share: what is given, what is allowed, whose limit it is, and its fact row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from simulator.engine.replication import Case
from simulator.model.hardware import InstanceType
from simulator.model.limits import BrokenLimit, TimeLimit
from simulator.model.service import workers
from simulator.model.workload import Workload
from simulator.patterns import accelerator_limits

_MINUTE_S = 60.0


def peak_rate_per_s(case: Case) -> tuple[float, float | None]:
    """Largest expected arrival rate of any minute of the horizon, and when that minute begins.

    The moment is None where the rate never changes.
    """
    begins = np.arange(0.0, case.simulation.duration_s, _MINUTE_S)
    rates = case.source.rate_per_s(begins + _MINUTE_S / 2)
    peak, least = float(np.max(rates)), float(np.min(rates))
    return peak, None if peak == least else float(begins[np.argmax(rates)])


def users(workload: Workload) -> Iterator[BrokenLimit]:
    """Users who wait for their answers need the only pattern that they are simulated on; elsewhere they would be passed
    over, and the deployment would look cheaper than it is.
    """
    if workload.population:
        allowed = "no [workload.population]: they are simulated on real-time endpoints only"
        yield BrokenLimit("users who wait", f"{workload.population.users:,}", allowed, "headroom")


def gateway(workload: Workload) -> Iterator[BrokenLimit]:
    """Users who are told 504 think and send again while the work goes on, which no kernel of Headroom does."""
    population, timeout_s = workload.population, workload.client.gateway_timeout_s
    if population and timeout_s:
        given = f"{population.users:,}, behind a gateway that waits {timeout_s:g} s"
        allowed = "client.gateway_timeout_s = 0: Headroom cannot simulate [workload.population] behind one"
        yield BrokenLimit("users who wait", given, allowed, "headroom")


def payload(workload: Workload, allowed_mb: float, row: str) -> Iterator[BrokenLimit]:
    """Request and answer must fit the pattern's payload limit."""
    for what, size_mb in (("payload in", workload.largest_request_mb), ("payload out", workload.response_mb)):
        if size_mb > allowed_mb:
            yield BrokenLimit(what, f"{size_mb:.5g} MB", f"at most {allowed_mb:g} MB", "aws", row)


def duration(mean_s: float, time_limits: Iterable[TimeLimit], what: str = "time per request") -> Iterator[BrokenLimit]:
    """The mean time of a call must stay within each of the times after which it is ended."""
    for limit in time_limits:
        if mean_s > limit.seconds:
            yield BrokenLimit(
                what, f"{mean_s:.3g} s on average", f"at most {limit}", limit.whose or "setting", limit.row
            )


def instance(case: Case, kind: InstanceType, *, batch: bool) -> Iterator[BrokenLimit]:
    """The instance type must be offered for the pattern, have the GPU the model needs and memory for all workers."""
    offered = kind.batch_transform if batch else kind.hosting
    if not offered:
        api = "batch transform" if batch else "endpoints"
        yield BrokenLimit("instance type", kind.name, f"a type that SageMaker accepts for {api}", "aws", "5.13")
    yield from accelerator_limits.accelerators(case, kind, batch=batch)
    needed_mb = case.workload.memory_mb * workers(case.workload, kind, case.requirement.needs_gpu)
    if needed_mb > kind.memory_mb:
        # With room for one worker, it is the container that starts too many; without, the instance type is too small.
        yield BrokenLimit(
            "memory",
            f"{needed_mb / 1024:.3g} GB for all workers",
            f"{kind.memory_mb / 1024:g} GB on {kind.name}",
            "container" if case.workload.memory_mb <= kind.memory_mb else "setting",
            "1.5",
        )
