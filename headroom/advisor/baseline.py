"""What it would cost to put a workload on an always-on real-time endpoint, the usual habit, and what would forbid it.

The endpoint is sized for its busiest minute:
instances = ceil(peak rate over 60 s x service time / (workers x utilisation)), at least 1, and where the requirement
spares a zone (`min_zones`) at least so many that those of the other zones can do the work,
cost a month = instances x price per hour x 730 h. Utilisation is the assumption `always_on_utilisation`.
Charges for payload and for data leaving AWS are left out: any endpoint has them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from headroom.advisor.monthly import MONTH_S
from headroom.advisor.prepared import PreparedScenario, prepare
from headroom.advisor.world import World
from pricing.bill import Quantity, make_bill
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

    cost_usd_per_month is None when the price is missing, and `gap` says why. peak_per_s: rate over the busiest minute.
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
    gap: str
    limits: tuple[BrokenLimit, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysOnTotal:
    """Several workloads together. cost_usd_per_month is the sum of the known ones; `complete` when all are known."""

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
    cost, gap = _cost(prepared, instance_type, instances)
    return AlwaysOn(
        workload=scenario.workload.name,
        instance_type=instance_type,
        instances=instances,
        peak_per_s=traffic.peak_60s_per_s,
        service_s=service_s,
        workers=endpoint.workers,
        utilisation=utilisation,
        cost_usd_per_month=cost,
        gap=gap,
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
        complete=len(known_usd) == len(parts),
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


def _cost(prepared: PreparedScenario, instance_type: str, instances: int) -> tuple[float | None, str]:
    """USD a month, or None and why the price is missing."""
    quantity = Quantity(ALWAYS_ON.billing.machines, instance_type, Decimal(instances * MONTH_S))
    bill = make_bill([quantity], prepared.world.prices, prepared.scenario.region, prepared.world.on)
    return (float(bill.total_usd), "") if bill.complete else (None, bill.gaps[0].reason)
