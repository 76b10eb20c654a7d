"""What rules a transform job out: size of a record, of an object and of a call, and the time of a call."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from statistics import NormalDist

from simulator.engine.replication import Case
from simulator.model.limits import BrokenLimit, Whose
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
    records = max(1, math.ceil(_largest_job(case, deployment)))
    objects = min(deployment.input_objects, records)
    per_object = min(records, math.ceil(records / objects * _largest_object(deployment.object_size_cv, objects)))
    object_mb = per_object * case.workload.request_mb
    most_mb = deployment.max_payload_in_mb
    if object_mb > DISK_MB:
        given = f"{object_mb / MB_PER_GB:.3g} GB"
        yield BrokenLimit("input object", given, "at most 30 GB, the disk of an instance", "aws", "5.10")
    elif deployment.split_type == "None" and object_mb > most_mb:
        allowed = f"at most {most_mb} MB (MaxPayloadInMB)"
        yield BrokenLimit("input object, not split", f"{object_mb:.3g} MB", allowed, "setting", "5.4")
    per_call = records_per_call(deployment, case.workload.request_mb, per_object)
    mean_s = per_call * case.workload.service_time.mean_ms / 1000 * here.factor
    limit_s = deployment.invocations_timeout_s
    if mean_s > limit_s:
        allowed = f"at most {limit_s:g} s (InvocationsTimeoutInSeconds)"
        whose: Whose = "setting" if mean_s / per_call <= CALL_LIMIT_S else "aws"
        yield BrokenLimit("time per mini-batch", f"{mean_s:.3g} s on average", allowed, whose, "5.9")


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
