"""What rules a real-time endpoint out: payload, time, instance type, GPU, memory, quota."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.model.limits import BrokenLimit
from simulator.patterns import autoscaling
from simulator.patterns import hard_limits as hard
from simulator.patterns.common import machine
from simulator.patterns.realtime.clients import TIME_LIMIT_S
from simulator.patterns.realtime.deployment import RealtimeDeployment


def limits(case: Case, deployment: RealtimeDeployment) -> tuple[BrokenLimit, ...]:
    """Payload, time, instance type, GPU and memory (facts section 1)."""
    here = machine(case, deployment.instance_type, "instance_type")
    mean_s = case.workload.service_time.mean_ms / 1000 * here.factor
    return (
        *hard.gateway(case.workload),
        *hard.payload(case.workload, case.assumptions.realtime_max_payload_mb, "1.1"),
        *hard.duration(mean_s, TIME_LIMIT_S, "1.3"),
        *hard.instance(case, here.kind, batch=False),
        *autoscaling.beyond_quota(case, deployment.initial_instance_count),
    )
