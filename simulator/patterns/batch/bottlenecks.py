"""Where the settings of a transform job may hold it up."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.patterns.batch.deployment import BatchDeployment
from simulator.patterns.bottlenecks import Bottlenecks, TimeLimit


def bottlenecks(_case: Case, deployment: BatchDeployment) -> Bottlenecks:
    """The time limit of a call, and objects that are handed out whole (facts row 5.3)."""
    return Bottlenecks(
        time_limit=TimeLimit(
            name="InvocationsTimeoutInSeconds",
            of="call of the container",
            seconds=deployment.invocations_timeout_s,
            whose="setting",
            row="5.9",
            waits=False,
            work_beyond=0.0,
        ),
        input_objects=deployment.input_objects,
        job_instances=deployment.instance_count,
    )
