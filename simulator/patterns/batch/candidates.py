"""Candidates of transform jobs: instance types, how many of them, and how often a job runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from simulator.estimate import time_distribution
from simulator.model.requirement import Requirement
from simulator.model.service import demand_cv
from simulator.patterns import container, sizing
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.batch.limits import CALL_LIMIT_S, limits, records_of_call, time_limits
from simulator.patterns.candidates import SLACK, SLOWER, SPARE, Candidates, Ladder, Sought, changed
from simulator.patterns.sizing import Kind, Load
from simulator.traffic.kinds import DAY_S, Jobs

MOST_JOB_INSTANCES = 100
LEAST_EVERY_S = 900.0
_HOURLY_S = 3600.0
EVERY_S = (LEAST_EVERY_S, _HOURLY_S, 4 * 3600.0, DAY_S)

_PAYLOADS_MB = (50, 25, 12, 6, 4, 3, 2, 1)

_NEARLY = 0.97
"""Of the time that the limit leaves, since starts scatter."""


def candidates(sought: Sought, load: Load) -> Candidates:
    """Sizes of jobs of every type, for each time between two jobs."""
    own = sought.template(BatchDeployment)
    workload = sought.case.workload
    if own == BatchDeployment() and workload.largest_request_mb > own.max_payload_in_mb:
        own = changed(own, max_payload_in_mb=min(100, sizing.whole(workload.largest_request_mb)))
    own = _with_calls_in_time(sought, _with_time_enough(sought, own))
    kinds, forbidden = sizing.kinds(sought, "batch_instance_s", own, limits, 0.0)
    quota = sought.transform_instances_quota
    most = min(sought.most_instances(MOST_JOB_INSTANCES), quota or MOST_JOB_INSTANCES)
    every = (own.schedule_every_s,) if isinstance(workload.traffic, Jobs) else _every_s(sought, own)
    ladders = [_jobs(sought, own, kind, load, (_always(every_s), most)) for kind in kinds for every_s in every]
    if _may_be_stretched(sought):
        ladders += [_jobs(sought, own, kind, load, (_as_seldom(sought, kind, load), most)) for kind in kinds]
    return Candidates(tuple(ladders), tuple(forbidden))


def _with_time_enough(sought: Sought, own: BatchDeployment) -> BatchDeployment:
    """With the largest InvocationsTimeoutInSeconds, which costs nothing, where AWS's default would end more calls of
    single records than may fail; one that is set otherwise stays.
    """
    if own.invocations_timeout_s != BatchDeployment.model_fields["invocations_timeout_s"].default:
        return own
    times = time_distribution.service(sought.case.workload.service_time, SLOWER)
    ended = time_distribution.beyond(times, own.invocations_timeout_s)
    few = ended <= SPARE * sought.case.requirement.max_error_share
    return own if few else changed(own, invocations_timeout_s=CALL_LIMIT_S)


def _with_calls_in_time(sought: Sought, own: BatchDeployment) -> BatchDeployment:
    """With so many records in a call of the container, where AWS packs them, that no call is likely to be cut off: what
    a search sets itself must not rule the pattern out. A single record that takes too long is for its limits to tell.
    """
    case, service = sought.case, sought.case.workload.service_time
    if own.split_type == "None" or own.batch_strategy == "SingleRecord":
        return own
    limit_s = container.shortest(time_limits(case, own)) / SLOWER
    seldom = own if isinstance(case.workload.traffic, Jobs) else changed(own, schedule_every_s=DAY_S)
    least = max(1, sizing.whole(case.workload.largest_request_mb))
    payloads = [
        own.max_payload_in_mb,
        *(payload for payload in _PAYLOADS_MB if least <= payload < own.max_payload_in_mb),
    ]
    for payload in payloads:
        calls = records_of_call(case, changed(seldom, max_payload_in_mb=payload))
        if service.mean_ms / 1000 * calls * (1 + 4 * demand_cv(service) / math.sqrt(calls)) <= limit_s:
            return changed(own, max_payload_in_mb=payload)
    return changed(own, batch_strategy="SingleRecord")


class _Every(NamedTuple):
    """How often a job of so many instances runs, in seconds, and in words."""

    what: str
    at: Callable[[int], float]


def _always(every_s: float) -> _Every:
    return _Every(f"every {every_s:g}", lambda _: every_s)


def _may_be_stretched(sought: Sought) -> bool:
    """Whether it is a limit on latency that decides how seldom a job may run."""
    requirement = sought.case.requirement
    jobs = isinstance(sought.case.workload.traffic, Jobs)
    return requirement.answer_may_be_deferred and requirement.latency_limit_s > LEAST_EVERY_S and not jobs


def _as_seldom(sought: Sought, kind: Kind, load: Load) -> _Every:
    """As seldom as the limit allows, since each start is paid: a record waits for its job, and in the job for those
    before it. With fewer instances jobs take longer, so they run more often.
    """
    case = sought.case
    share = case.requirement.latency_percentile / 100
    left_s = case.requirement.latency_limit_s - case.assumptions.batch_start_median_s - case.workload.model_load_s

    def at(count: int) -> float:
        busy = load.mean_per_s / kind.per_s / count
        every_s = max(0.0, left_s) * _NEARLY / (share + (1 - share) * busy)
        return float(min(DAY_S, max(LEAST_EVERY_S, 60 * round(every_s / 60))))

    return _Every("as seldom as the limit allows", at)


def _every_s(sought: Sought, own: BatchDeployment) -> tuple[float, ...]:
    """How often a job may run: no more seldom than the latency limit allows."""
    requirement = sought.case.requirement
    if not requirement.answer_may_be_deferred:
        return (min(own.schedule_every_s, _HOURLY_S),)  # it cannot meet: one that does not miss by a day will do
    limit_s = requirement.latency_limit_s
    intervals_s = tuple(sorted({*EVERY_S, own.schedule_every_s}))
    return (
        tuple(
            interval_s
            for interval_s in intervals_s
            if not limit_s or interval_s * requirement.latency_percentile / 100 < limit_s
        )
        or intervals_s[:1]
    )


def _deadline_s(requirement: Requirement, every_s: float) -> float:
    """How long after its start a job may end; where the answer may not be late, jobs should just not pile up."""
    if not requirement.answer_may_be_deferred and not requirement.deadline_s:
        return every_s
    return requirement.deadline_s or requirement.latency_limit_s or DAY_S


def _jobs(sought: Sought, own: BatchDeployment, kind: Kind, load: Load, bounds: tuple[_Every, int]) -> Ladder:
    every, most = bounds
    traffic, assumptions = sought.case.workload.traffic, sought.case.assumptions
    start_s = 0.5 * assumptions.batch_start_median_s if assumptions.bill_while_provisioning else 0.0

    def work_s(every_s: float) -> float:
        per_job = traffic.records if isinstance(traffic, Jobs) else load.mean_per_s * every_s
        return per_job / kind.per_s * SLACK

    def usd(count: int) -> float:
        gap_s = traffic.every_days * DAY_S if isinstance(traffic, Jobs) else every.at(count)
        return (work_s(every.at(count)) + count * start_s) * kind.usd / gap_s

    def make(count: int) -> BatchDeployment:
        return changed(
            own,
            instance_type=kind.name,
            instance_count=count,
            input_objects=max(own.input_objects, count),
            schedule_every_s=every.at(count),
        )

    every_s = every.at(1)
    deadline_s = _deadline_s(sought.case.requirement, every_s)
    guess = min(most, sizing.whole(work_s(every_s) / max(deadline_s - 3 * assumptions.batch_start_median_s, 60.0)))
    return Ladder(
        what=every.what,
        make=make,
        least=1,
        most=most,
        guess=guess,
        usd=usd,
        floor=every_s,
    )
