"""Where the settings of a transform job may hold it up."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.batch.limits import time_limits
from simulator.patterns.bottlenecks import Bottlenecks


def bottlenecks(case: Case, deployment: BatchDeployment) -> Bottlenecks:
    """The time limit of a call, and objects that are handed out whole (facts row 5.3)."""
    return Bottlenecks(
        time_limit=min(time_limits(case, deployment), key=lambda limit: limit.seconds),
        input_objects=deployment.input_objects,
        job_instances=deployment.instance_count,
    )
