"""What rules an asynchronous endpoint out: payload, time, instance type, GPU, memory, quota."""

from __future__ import annotations

from simulator.engine.replication import Case
from simulator.model.limits import BrokenLimit
from simulator.patterns import autoscaling
from simulator.patterns import hard_limits as hard
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.common import machine

MAX_PAYLOAD_MB = 1024.0  # facts row 1.1
TIME_LIMIT_S = 3600.0  # facts row 1.3


def limits(case: Case, deployment: AsynchronousDeployment) -> tuple[BrokenLimit, ...]:
    """Payload, time, instance type, GPU and memory (facts section 1)."""
    here = machine(case, deployment.instance_type, "instance_type")
    mean_s = case.workload.service_time.mean_ms / 1000 * here.factor
    return (
        *hard.users(case.workload),
        *hard.payload(case.workload, MAX_PAYLOAD_MB, "1.1"),
        *hard.duration(mean_s, TIME_LIMIT_S, "1.3"),
        *_timeout(mean_s, deployment.invocation_timeout_s),
        *hard.instance(case, here.kind, batch=False),
        *autoscaling.beyond_quota(case, deployment.initial_instance_count),
    )


def _timeout(mean_s: float, timeout_s: float) -> tuple[BrokenLimit, ...]:
    if not timeout_s < mean_s <= TIME_LIMIT_S:
        return ()
    given, allowed = f"{mean_s:.3g} s on average", f"at most {timeout_s:g} s as configured"
    return (BrokenLimit("InvocationTimeoutSeconds", given, allowed, "setting", "4.5"),)
