"""Where the settings of a real-time endpoint may hold it up."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.patterns.bottlenecks import Bottlenecks, first_limit, per_minute
from simulator.patterns.common import machine
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.realtime.limits import time_limits
from simulator.scaling.policies import capacities, is_scaled


def bottlenecks(case: Case, deployment: RealtimeDeployment) -> Bottlenecks:
    """The time limit of a call, the workers and the queue of an instance, and the target of scaling."""
    here = machine(case, deployment.instance_type, "instance_type")
    return Bottlenecks(
        time_limit=first_limit(case, here.factor, time_limits(case)),
        workers=here.workers,
        queue=deployment.job_queue_size,
        per_minute=per_minute(case, here),
        least_instances=capacities(deployment)[0] if is_scaled(deployment) else None,
        target_per_minute=deployment.scaling.target_value if deployment.scaling else None,
        slow_start_s=case.assumptions.warmup_hazard_s,
        slow_start_factor=case.assumptions.warmup_slowdown,
    )
