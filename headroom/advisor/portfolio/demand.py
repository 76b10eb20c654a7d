"""What a workload takes of the things that all share, over the common clock: instances, concurrency, hourly costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from headroom.advisor.answer import Answer
from headroom.advisor.baseline import AlwaysOn
from headroom.advisor.monthly import MONTH_H
from headroom.advisor.portfolio.common_clock import HOUR_S, Axis, FloatArray, means, peaks
from pricing import savings_plan
from pricing.bill import Bill
from simulator.engine.gauges import GaugeName
from simulator.model.simulation import Simulation
from simulator.patterns.protocol import Quota
from simulator.patterns.registry import ALWAYS_ON, BY_KEY
from simulator.scenario import Scenario

COVERED = (*savings_plan.INSTANCES, *savings_plan.SERVERLESS)
_BILLED: Final = "instances_billed"
_SHAPES: Mapping[str, GaugeName] = {
    **dict.fromkeys(savings_plan.INSTANCES, _BILLED),
    "serverless_duration_s": "busy",
    "serverless_pc_usage_s": "provisioned_billed",
    "serverless_pc_duration_s": "busy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyCost:
    """What one kind of usage costs on demand in each hour of the common clock, USD; over a month it is the bill's."""

    usage: str
    dimension: str
    usd: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one workload takes of a shared limit. kind: whose quota counts. instance_type: "" for serverless.

    configured: the most that the configuration allows at once (MaxConcurrency, MaxCapacity, InstanceCount). peaks: the
    most that was in use at once in each step of the common clock: instances paid for, or requests in flight.
    """

    workload: str
    region: str
    kind: Quota
    instance_type: str
    configured: int
    peaks: tuple[float, ...]
    costs: tuple[HourlyCost, ...]


def demand(scenario: Scenario, answer: Answer, axis: Axis) -> Demand | None:
    """What a deployment takes; None when it was ruled out, and for an estimate without instances, which does not tell
    the requests in flight.
    """
    pattern = BY_KEY[answer.deployment.pattern]
    account = pattern.account
    if answer.outcome is not None:
        series = answer.outcome.series
        peak = peaks(series.peaks[account.gauge], series.bin_s, scenario.simulation, axis)
        return _demand(scenario, answer, axis, peak, series.means, series.bin_s)
    if answer.estimate is not None and pattern.api is not None:
        over_time = answer.estimate.over_time
        instances = peaks(over_time.capacity, over_time.step_s, scenario.simulation, axis)
        peak = np.minimum(np.ceil(instances), account.most(answer.deployment))
        return _demand(scenario, answer, axis, peak, {_BILLED: over_time.capacity}, over_time.step_s)
    return None


def _demand(
    scenario: Scenario,
    answer: Answer,
    axis: Axis,
    peak: FloatArray,
    gauges: Mapping[GaugeName, FloatArray],
    bin_s: float,
) -> Demand:
    deployment = answer.deployment
    account = BY_KEY[deployment.pattern].account
    return Demand(
        workload=scenario.workload.name,
        region=scenario.region,
        kind=account.quota,
        instance_type=account.instance_type(deployment),
        configured=account.most(deployment),
        peaks=_plain(peak),
        costs=tuple(_hourly(answer.bill, gauges, bin_s, scenario.simulation, axis)),
    )


def constant_demand(scenario: Scenario, part: AlwaysOn, axis: Axis) -> Demand:
    """What an always-on real-time endpoint takes: the same at any time."""
    usd = (part.machines_usd / MONTH_H,) * axis.hours if part.machines_usd else ()
    return Demand(
        workload=part.workload,
        region=scenario.region,
        kind=ALWAYS_ON.account.quota,
        instance_type=part.instance_type,
        configured=part.instances,
        peaks=(float(part.instances),) * axis.cells,
        costs=(HourlyCost(usage=ALWAYS_ON.billing.machines, dimension=part.instance_type, usd=usd),) if usd else (),
    )


def _hourly(
    bill: Bill | None, gauges: Mapping[GaugeName, FloatArray], bin_s: float, simulation: Simulation, axis: Axis
) -> Iterator[HourlyCost]:
    """The amounts of the bill, spread over the clock as the gauge of their usage was."""
    edges_s = HOUR_S * np.arange(axis.hours + 1, dtype=np.float64)
    for line in bill.lines if bill else ():
        if line.usage not in COVERED or not line.amount_usd:
            continue
        bins = gauges.get(_SHAPES[line.usage])
        shape = np.zeros(axis.hours) if bins is None else means(bins, bin_s, simulation, edges_s)
        if not shape.any():
            shape = np.ones(axis.hours)
        usd = float(line.amount_usd) / MONTH_H * shape / shape.mean()
        yield HourlyCost(usage=line.usage, dimension=line.dimension, usd=_plain(usd))


def _plain(values: FloatArray) -> tuple[float, ...]:
    return tuple(values.tolist())
