"""What it would cost to put a workload on an always-on real-time endpoint, the usual habit, and what would forbid it.

The endpoint is sized for its busiest minute:
instances = ceil(peak rate over 60 s x service time / (workers x utilisation)), at least 1, and where the requirement
spares a zone (`min_zones`) at least so many that those of the other zones can do the work,
cost a month = what this many instances use in 730 h, priced like any real-time endpoint: their volumes, and the payload
of all expected requests, included. Utilisation is the assumption `always_on_utilisation`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from headroom.advisor.prepared import PreparedScenario, prepare
from headroom.advisor.world import World
from pricing.bill import Bill
from simulator import simulate as simulator
from simulator.engine.replication import Case, Stream
from simulator.model.limits import BrokenLimit
from simulator.patterns import sizing
from simulator.patterns.common import machine
from simulator.patterns.registry import ALWAYS_ON
from simulator.scenario import Scenario
from simulator.traffic.summary import preview


@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysOn:
    """One workload on an always-on real-time endpoint.

    cost_usd_per_month is None when the price of the instances is missing; `gap` says why, or which other price is, so
    that the cost is a lower bound. machines_usd: what of it is for the instances alone. price_estimated: a price in it
    is an estimate. peak_per_s: rate over the busiest minute.
    service_s: mean service time on that instance type. limits: what forbids it all the same.
    note: how the peak was found, where it was not counted arrival by arrival.
    """

    workload: str
    instance_type: str
    instances: int
    peak_per_s: float
    service_s: float
    workers: int
    utilisation: float
    cost_usd_per_month: float | None
    machines_usd: float
    price_estimated: bool
    gap: str
    limits: tuple[BrokenLimit, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysOnTotal:
    """Several workloads together. cost_usd_per_month: the sum of the known ones; complete: no price is missing."""

    parts: tuple[AlwaysOn, ...]
    instances: int
    cost_usd_per_month: float
    complete: bool
    forbidden: int


def always_on(scenario: Scenario, world: World) -> AlwaysOn:
    """Size and price the endpoint; its type is that of the first real-time deployment, else the reference type.

    Raises InvalidScenario where a name of the scenario is not known.
    """
    return always_on_prepared(prepare(scenario, world))


def always_on_prepared(prepared: PreparedScenario) -> AlwaysOn:
    """Size and price the endpoint for a prepared scenario."""
    scenario, case = prepared.scenario, prepared.case
    instance_type, source = _instance_type(scenario)
    endpoint = machine(case, instance_type, source)
    service_s = scenario.workload.service_time.mean_ms / 1000 * endpoint.factor
    traffic = preview(case.source, case.rng(Stream.PREVIEW), case.simulation.duration_s)
    utilisation = scenario.assumptions.always_on_utilisation
    busy = traffic.peak_60s_per_s * service_s / endpoint.workers
    without_a_zone = sizing.spread(sizing.whole(busy), scenario.requirement.zones)
    instances = max(sizing.whole(busy / utilisation), without_a_zone)
    bill = _bill(prepared, instance_type, instances)
    machines_usd = sum(float(line.amount_usd or 0) for line in bill.lines if line.usage in ALWAYS_ON.compute)
    return AlwaysOn(
        workload=scenario.workload.name,
        instance_type=instance_type,
        instances=instances,
        peak_per_s=traffic.peak_60s_per_s,
        service_s=service_s,
        workers=endpoint.workers,
        utilisation=utilisation,
        cost_usd_per_month=float(bill.total_usd) if machines_usd else None,
        machines_usd=machines_usd,
        price_estimated=bool(bill.estimates),
        gap="" if bill.complete else bill.gaps[0].reason,
        limits=_limits(case, instance_type),
        note=traffic.note,
    )


def together(parts: Sequence[AlwaysOn]) -> AlwaysOnTotal:
    """The totals of several workloads, each on an endpoint of its own."""
    known_usd = [part.cost_usd_per_month for part in parts if part.cost_usd_per_month is not None]
    return AlwaysOnTotal(
        parts=tuple(parts),
        instances=sum(part.instances for part in parts),
        cost_usd_per_month=math.fsum(known_usd),
        complete=not any(part.gap for part in parts),
        forbidden=sum(bool(part.limits) for part in parts),
    )


def _instance_type(scenario: Scenario) -> tuple[str, str]:
    """The type, and the dotted path of the field that names it."""
    for index, deployment in enumerate(scenario.deployments):
        if deployment.pattern == ALWAYS_ON.key:
            return ALWAYS_ON.account.instance_type(deployment), f"deployments[{index}].instance_type"
    return scenario.workload.reference_instance_type, "workload.reference_instance_type"


def _limits(case: Case, instance_type: str) -> tuple[BrokenLimit, ...]:
    """Without those of Headroom: the baseline is priced, not simulated."""
    limits = simulator.limits(case, ALWAYS_ON.deployment.model_validate({"instance_type": instance_type}))
    return tuple(limit for limit in limits if limit.whose != "headroom")


def _bill(prepared: PreparedScenario, instance_type: str, instances: int) -> Bill:
    """The bill of a month in which every expected request is answered."""
    same_pattern = (kept for kept in prepared.scenario.deployments if kept.pattern == ALWAYS_ON.key)
    deployment = next(same_pattern, ALWAYS_ON.deployment())
    sized = deployment.model_copy(update={"instance_type": instance_type, "initial_instance_count": instances})
    assert ALWAYS_ON.always_on_usage is not None
    return prepared.bill(ALWAYS_ON.always_on_usage(prepared.case, sized), prepared.case.simulation.duration_s)
