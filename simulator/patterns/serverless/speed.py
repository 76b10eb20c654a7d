"""How long a request takes in a serverless environment, against the reference instance."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.model.hardware import find
from simulator.model.service import serverless_factor
from simulator.patterns.common import slowdown
from simulator.patterns.serverless.deployment import ServerlessDeployment


def service_factor(case: Case, deployment: ServerlessDeployment) -> float:
    """Service time in an environment of this memory over that on the reference instance."""
    workload = case.workload
    reference = find(case.hardware, workload.reference_instance_type, "workload.reference_instance_type")
    factor = serverless_factor(workload, reference, deployment.memory_size_in_mb, case.assumptions)
    # One request at a time: of a slowdown under concurrency only its first line.
    return factor * float(slowdown(workload.slowdown, 1)[1])
