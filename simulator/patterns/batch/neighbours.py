"""Small changes of transform jobs: what their ladders leave out, and finer steps of what they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.engine.replication import Case
from simulator.patterns import neighbours as common
from simulator.patterns.batch.candidates import LEAST_EVERY_S, MOST_JOB_INSTANCES
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.candidates import Sought, Way
from simulator.traffic.kinds import Jobs

PAYLOADS_MB = (1, 2, 6, 12, 25, 50, 100)
OBJECT_TIMES = (0.25, 0.5, 2.0, 4.0)
EVERY_TIMES = (0.5, 0.8, 0.93, 1.03, 1.08, 1.25, 2.0)


def neighbours(case: Case, deployment: BatchDeployment) -> Iterator[BatchDeployment]:
    """Deployments that differ in one setting. Data sets start their own jobs, so for them there is no schedule."""
    return common.neighbours(deployment, _changes(deployment, scheduled=not isinstance(case.workload.traffic, Jobs)))


def _changes(deployment: BatchDeployment, *, scheduled: bool) -> Iterator[dict[str, Any]]:
    for by in (-1, 1):
        yield {"instance_count": deployment.instance_count + by}
    for factor in OBJECT_TIMES:
        yield {"input_objects": max(deployment.instance_count, round(deployment.input_objects * factor))}
    for payload in PAYLOADS_MB:
        # None at once means as many as 100 MB allow, which suits every payload.
        yield {"max_payload_in_mb": payload, "max_concurrent_transforms": 0}
    yield {"batch_strategy": "SingleRecord" if deployment.batch_strategy == "MultiRecord" else "MultiRecord"}
    if scheduled:
        for factor in EVERY_TIMES:
            yield {"schedule_every_s": float(max(LEAST_EVERY_S, round(deployment.schedule_every_s * factor)))}


def within_quotas(sought: Sought, deployment: BatchDeployment) -> bool:
    """Whether the account and the search space allow its instances."""
    most = sought.most_instances(MOST_JOB_INSTANCES)
    return deployment.instance_count <= min(most, sought.transform_instances_quota or most)


def machine(deployment: BatchDeployment) -> str:
    """The type of its instances."""
    return deployment.instance_type


def way(_deployment: BatchDeployment) -> Way:
    """Every job has the count that was set."""
    return Way("jobs", 0)
