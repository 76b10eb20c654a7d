"""What rules a transform job out: size of a record, of an object and of a call, time of a call, container."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from statistics import NormalDist

from simulator.engine.replication import Case
from simulator.model.limits import BrokenLimit, TimeLimit
from simulator.patterns import container
from simulator.patterns import hard_limits as hard
from simulator.patterns.batch.calls import MAX_CALL_MB, records_per_call
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.batch.intake import data_sets_s, job_times_s, records_of
from simulator.patterns.common import MB_PER_GB, Machine, machine
from simulator.traffic.kinds import Jobs

CALL_LIMIT_S = 3600.0  # facts row 5.9
DISK_MB = 30 * MB_PER_GB  # facts row 5.10


def limits(case: Case, deployment: BatchDeployment) -> tuple[BrokenLimit, ...]:
    """Instance type, GPU and memory; size of a record, of an object and of a call, and the time of a call."""
    here = machine(case, deployment.instance_type, "instance_type")
    return (
        *hard.users(case.workload),
        *hard.instance(case, here.kind, batch=True),
        *_record_limits(case, deployment),
        *_object_limits(case, deployment, here),
    )


def _record_limits(case: Case, deployment: BatchDeployment) -> Iterator[BrokenLimit]:
    largest_mb = case.workload.largest_request_mb
    if largest_mb > MAX_CALL_MB:
        yield BrokenLimit("record", f"{largest_mb:g} MB", f"at most {MAX_CALL_MB:g} MB", "aws", "1.1")
    elif largest_mb > deployment.max_payload_in_mb:
        allowed = f"at most {deployment.max_payload_in_mb} MB (MaxPayloadInMB)"
        yield BrokenLimit("record", f"{largest_mb:g} MB", allowed, "setting", "5.5")


def _object_limits(case: Case, deployment: BatchDeployment, here: Machine) -> Iterator[BrokenLimit]:
    """For the largest job that is expected."""
    per_object = _largest_per_object(case, deployment)
    object_mb = per_object * case.workload.request_mb
    most_mb = deployment.max_payload_in_mb
    if object_mb > DISK_MB:
        given = f"{object_mb / MB_PER_GB:.3g} GB"
        yield BrokenLimit("input object", given, "at most 30 GB, the disk of an instance", "aws", "5.10")
    elif deployment.split_type == "None" and object_mb > most_mb:
        allowed = f"at most {most_mb} MB (MaxPayloadInMB)"
        yield BrokenLimit("input object, not split", f"{object_mb:.3g} MB", allowed, "setting", "5.4")
    per_call = records_of_call(case, deployment)
    call_mb, answer_mb = per_call * case.workload.request_mb, per_call * case.workload.response_mb
    yield from container.sizes(case.workload, max(call_mb, case.workload.largest_request_mb), answer_mb)
    mean_s = per_call * case.workload.service_time.mean_ms / 1000 * here.factor
    yield from hard.duration(mean_s, _longest(mean_s / per_call, time_limits(case, deployment)), "time per mini-batch")


def time_limits(case: Case, deployment: BatchDeployment) -> tuple[TimeLimit, ...]:
    """InvocationsTimeoutInSeconds, and the container's own; both of a mini-batch."""
    field = BatchDeployment.model_fields["invocations_timeout_s"]
    limits = container.configured(deployment.invocations_timeout_s, field), *container.time_limit(case.workload)
    return tuple(replace(limit, of="call of the container") for limit in limits)


def worth_knowing(case: Case, deployment: BatchDeployment) -> Iterator[str]:
    """What is assumed of the container."""
    here, workload = machine(case, deployment.instance_type, "instance_type"), case.workload
    per_call = records_of_call(case, deployment)
    call_mb = max(per_call * workload.request_mb, workload.largest_request_mb)
    yield from container.assumed(case, here, call_mb, per_call * workload.response_mb)


def records_of_call(case: Case, deployment: BatchDeployment) -> int:
    """Records of a full mini-batch of the largest job that is expected."""
    return records_per_call(deployment, case.workload.request_mb, _largest_per_object(case, deployment))


def _longest(record_s: float, time_limits: tuple[TimeLimit, ...]) -> tuple[TimeLimit, ...]:
    """The same; where a record alone takes more than the setting may be, it is AWS that forbids it."""
    if record_s <= CALL_LIMIT_S:
        return time_limits
    return (
        TimeLimit(name="the largest InvocationsTimeoutInSeconds", seconds=CALL_LIMIT_S, whose="aws", row="5.9"),
        *time_limits[1:],
    )


def _largest_per_object(case: Case, deployment: BatchDeployment) -> int:
    """Records of the largest object of the largest job, as expected."""
    records = max(1, math.ceil(_largest_job(case, deployment)))
    objects = min(deployment.input_objects, records)
    return min(records, math.ceil(records / objects * _largest_object(deployment.object_size_cv, objects)))


def _largest_object(cv: float, objects: int) -> float:
    """Size of the largest of so many objects over the mean: about the quantile that one of them passes."""
    sigma = math.sqrt(math.log1p(cv**2))
    return math.exp(sigma * NormalDist().inv_cdf(objects / (objects + 1)) - sigma**2 / 2) if objects > 1 and cv else 1.0


def _largest_job(case: Case, deployment: BatchDeployment) -> float:
    """Expected records of the largest job."""
    traffic = case.workload.traffic
    if isinstance(traffic, Jobs):
        sets = data_sets_s(traffic, case.simulation.duration_s)
        return max((records_of(case, traffic, float(at_s)) for at_s in sets), default=traffic.records)
    offset_s, every_s = deployment.schedule_offset_s, deployment.schedule_every_s

    def largest() -> float:
        times = job_times_s(offset_s, every_s, case.simulation.duration_s)
        return max(case.source.expected(float(since), float(until)) for since, until in pairwise(times))

    # The same for all instance types, which a search asks about in a row.
    return float(case.tables.once(("largest job", case.simulation, offset_s, every_s), largest))
