"""What a workload takes of the things that all share, over the common clock: instances, concurrency, hourly costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from headroom.advisor.baseline import AlwaysOn
from headroom.advisor.evaluation import Evaluation
from headroom.advisor.fast import Preview
from headroom.advisor.monthly import MONTH_H
from headroom.advisor.portfolio.common_clock import HOUR_S, Axis, FloatArray, means, peaks
from pricing import savings_plan
from pricing.bill import Bill
from simulator.model.simulation import Simulation
from simulator.patterns.protocol import Quota
from simulator.patterns.registry import ALWAYS_ON, BY_KEY
from simulator.scenario import Scenario

COVERED = (*savings_plan.INSTANCES, *savings_plan.SERVERLESS)
_BILLED = "instances_billed"
_SHAPES = {
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
    """Of one workload. kind: whose quota counts. instance_type: "" for serverless.

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


def demand(scenario: Scenario, evaluation: Evaluation, axis: Axis) -> Demand | None:
    """What a simulated deployment takes; None when it was ruled out."""
    deployment, outcome = evaluation.deployment, evaluation.outcome
    if outcome is None:
        return None
    account = BY_KEY[deployment.pattern].account
    series, simulation = outcome.series, scenario.simulation
    return Demand(
        workload=scenario.workload.name,
        region=scenario.region,
        kind=account.quota,
        instance_type=account.instance_type(deployment),
        configured=account.most(deployment),
        peaks=_plain(peaks(series.peaks[account.gauge], series.bin_s, simulation, axis)),
        costs=tuple(_hourly(evaluation.bill, series.means, series.bin_s, simulation, axis)),
    )


def expected_demand(scenario: Scenario, preview: Preview, axis: Axis) -> Demand | None:
    """What a deployment on instances will probably take; None without instances, since no preview tells the requests in
    flight, and when it was ruled out.
    """
    deployment, quick, simulation = preview.deployment, preview.quick, scenario.simulation
    pattern = BY_KEY[deployment.pattern]
    if quick is None or pattern.api is None:
        return None
    account = pattern.account
    instances, step_s = quick.over_time.capacity, quick.over_time.step_s
    return Demand(
        workload=scenario.workload.name,
        region=scenario.region,
        kind=account.quota,
        instance_type=account.instance_type(deployment),
        configured=account.most(deployment),
        peaks=_plain(np.minimum(np.ceil(peaks(instances, step_s, simulation, axis)), account.most(deployment))),
        costs=tuple(_hourly(preview.bill, {_BILLED: instances}, step_s, simulation, axis)),
    )


def constant_demand(scenario: Scenario, part: AlwaysOn, axis: Axis) -> Demand:
    """What an always-on real-time endpoint takes: the same at any time."""
    usd = () if part.cost_usd_per_month is None else (part.cost_usd_per_month / MONTH_H,) * axis.hours
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
    bill: Bill | None, gauges: Mapping[str, FloatArray], bin_s: float, simulation: Simulation, axis: Axis
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
