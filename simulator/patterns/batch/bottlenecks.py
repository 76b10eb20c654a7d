"""Where the settings of a transform job may hold it up."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.batch.limits import time_limits
from simulator.patterns.bottlenecks import Bottlenecks
from simulator.traffic.kinds import Jobs


def bottlenecks(case: Case, deployment: BatchDeployment) -> Bottlenecks:
    """The time limit of a call, objects that are handed out whole (facts row 5.3), and the schedule of the jobs."""
    return Bottlenecks(
        time_limit=min(time_limits(case, deployment), key=lambda limit: limit.seconds),
        input_objects=deployment.input_objects,
        job_instances=deployment.instance_count,
        jobs_every_s=0.0 if isinstance(case.workload.traffic, Jobs) else deployment.schedule_every_s,
    )
