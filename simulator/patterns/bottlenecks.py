"""Where its own settings may hold a deployment up: what each pattern states of itself, for whoever names a cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from simulator.engine.replication import Case, Stream
from simulator.model.limits import TimeLimit
from simulator.model.service import demands
from simulator.patterns.common import Machine, slowdown

_DRAWN = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottlenecks:
    """What of a deployment's settings may be why requests wait or fail, or why it costs more than it need.

    workers: requests that an instance works on at once; 0 where the word has no meaning. queue: requests that may wait
    on an instance; None where nothing limits them. per_minute: requests that an instance can answer a minute, 0 where
    that is not known; target_per_minute: at how many scaling adds an instance. least_instances: the fewest that
    scaling may reach; None where nothing scales. wakes_above: backlog above which the first instance is started where
    no policy wakes the endpoint; None where one does. input_objects, job_instances: what is handed out whole, and to
    how many instances of a job. jobs_every_s: time from one job to the next, 0 where data sets start them.
    slow_start_s, slow_start_factor: how long an instance is slower at first, and how much.
    """

    time_limit: TimeLimit | None = None
    workers: int = 0
    queue: int | None = None
    per_minute: float = 0.0
    target_per_minute: float | None = None
    least_instances: int | None = None
    wakes_above: float | None = None
    input_objects: int = 0
    job_instances: int = 0
    jobs_every_s: float = 0.0
    slow_start_s: float = 0.0
    slow_start_factor: float = 1.0


def no_bottlenecks(_case: Case, _deployment: object) -> Bottlenecks:
    """Of a pattern that states none."""
    return Bottlenecks()


def first_limit(case: Case, factor: float, limits: Iterable[TimeLimit]) -> TimeLimit:
    """The shortest of these, with the share of requests whose work alone takes longer on hardware with this factor."""
    first = min(limits, key=lambda limit: limit.seconds)
    return replace(first, work_beyond=work_beyond(case, factor, first.seconds))


def work_beyond(case: Case, factor: float, limit_s: float) -> float:
    """Share of requests whose work takes longer than that on hardware with this factor, of 20,000 that are drawn."""
    drawn_s = demands(case.rng(Stream.DEMAND), case.workload.service_time, _DRAWN) * factor
    return float(np.mean(drawn_s > limit_s))


def per_minute(case: Case, here: Machine) -> float:
    """Requests that one instance can answer a minute when all its workers are busy; 0 where it works on batches."""
    if case.workload.batching:
        return 0.0
    alone_s = case.workload.service_time.mean_ms / 1000 * here.factor
    return 60 * here.workers / (alone_s * float(slowdown(case.workload.slowdown, here.workers)[here.workers]))
