"""What the endpoint patterns share: named instance types, retry parameters and payload usage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.engine.accumulators import Tally
from simulator.engine.replication import Case
from simulator.kernels import Floats
from simulator.model.hardware import InstanceType, find
from simulator.model.service import instance_factor, workers
from simulator.model.usage import Usage, UsageName
from simulator.model.workload import Slowdown, Workload

MB_PER_GB = 1024.0
SAFE_DRAIN_S = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """An instance type as this workload sees it: requests it works on at once, service time over that on the
    reference.
    """

    kind: InstanceType
    workers: int
    factor: float


def machine(case: Case, instance_type: str, where: str) -> Machine:
    """The machine called instance_type; raises InvalidScenario when it, or the reference type, is not known."""
    kind = find(case.hardware, instance_type, where)
    reference = find(case.hardware, case.workload.reference_instance_type, "workload.reference_instance_type")
    needs_gpu = case.requirement.needs_gpu
    return Machine(
        kind=kind,
        workers=workers(case.workload, kind, needs_gpu),
        factor=instance_factor(case.workload, case.assumptions, reference, kind, needs_gpu),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """botocore's retry mode as numbers (facts rows 8.1 to 8.3). cost 0: no quota."""

    max_attempts: int
    delay_cap_s: float
    tokens: float
    cost: float


def retries(case: Case) -> Retries:
    """The client's retry behaviour."""
    client = case.workload.client
    attempts = client.max_attempts
    if client.retry_mode == "none":
        return Retries(max_attempts=1, delay_cap_s=1.0, tokens=0.0, cost=0.0)
    if client.retry_mode == "legacy":
        return Retries(max_attempts=attempts or 5, delay_cap_s=2.0**30, tokens=0.0, cost=0.0)
    return Retries(max_attempts=attempts or 3, delay_cap_s=20.0, tokens=500.0 * client.processes, cost=5.0)


def slowdown(table: tuple[Slowdown, ...], workers: int) -> Floats:
    """float64[workers + 1]: factor of the service time by the number of requests in work; 1 for one unless stated."""
    at, factor = [row.concurrency for row in table], [row.factor for row in table]
    if not table or at[0] > 1:
        at, factor = [1, *at], [1.0, *factor]
    factors: Floats = np.interp(np.arange(workers + 1), at, factor)
    return factors


def utilisation(tally: Tally) -> float | None:
    """Work over what the slots of instances in service could have done. What drains works too, without slots, so a
    fleet that is always busy is cut off at 1.
    """
    capacity_s = tally.integral("slots")
    return min(1.0, float(tally.sums.work.sum()) / capacity_s) if capacity_s else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payloads:
    """Requests whose payload went through the endpoint: those that came in, all that it answered, and those whose
    answer reached its client, which may have stopped waiting.
    """

    received: float
    answered: float
    delivered: float


def payloads(tally: Tally, received: float) -> Payloads:
    """What was counted; `received` requests came in."""
    delivered = float(tally.sums.attempts.sum())
    return Payloads(received=received, answered=delivered + tally.stages.late, delivered=delivered)


def endpoint_usage(workload: Workload, data: tuple[UsageName, ...], requests: Payloads) -> tuple[Usage, ...]:
    """Data through the endpoint, under the keys for what goes in and what comes out; part of what reaches its client
    goes to the internet.
    """
    key_in, key_out = data
    out_gb = requests.delivered * workload.response_mb / MB_PER_GB
    return (
        Usage(key=key_in, quantity=requests.received * workload.request_mb / MB_PER_GB),
        Usage(key=key_out, quantity=requests.answered * workload.response_mb / MB_PER_GB),
        Usage(key="internet_out_gb", quantity=out_gb * workload.internet_egress_share),
    )
