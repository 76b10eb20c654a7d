"""Where the settings of a real-time endpoint may hold it up."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.patterns.bottlenecks import Bottlenecks, TimeLimit, per_minute, work_beyond
from simulator.patterns.common import machine
from simulator.patterns.realtime.clients import TIME_LIMIT_S
from simulator.patterns.realtime.deployment import RealtimeDeployment


def bottlenecks(case: Case, deployment: RealtimeDeployment) -> Bottlenecks:
    """The time limit of a call, the workers and the queue of an instance, and the target of scaling."""
    here = machine(case, deployment.instance_type, "instance_type")
    return Bottlenecks(
        time_limit=TimeLimit(
            name="AWS's limit for InvokeEndpoint",
            seconds=TIME_LIMIT_S,
            whose="aws",
            row="1.3",
            waits=True,
            work_beyond=work_beyond(case, here.factor, TIME_LIMIT_S),
        ),
        workers=here.workers,
        queue=deployment.job_queue_size,
        per_minute=per_minute(case, here),
        target_per_minute=deployment.scaling.target_value if deployment.scaling else None,
        slow_start_s=case.assumptions.warmup_hazard_s,
        slow_start_factor=case.assumptions.warmup_slowdown,
    )
