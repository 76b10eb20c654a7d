"""The metrics that policies look at, each declared once: how often it is published, how it is read from an endpoint.

A new metric is a name in the list of its pattern and an entry of METRICS, both here: step scaling then offers it in
files and forms, reads it in every run, and bills its alarm by its period. Formulas that cannot foretell it say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from simulator.scaling.tracking import HIGH_RESOLUTION_LOW_PERIODS, LOW_PERIODS

PERIOD_S: Final = 60.0  # standard metrics, facts row 2.1
HIGH_RESOLUTION_S: Final = 10.0  # facts row 2.3

RealtimeMetric = Literal["InvocationsPerInstance", "ConcurrentRequestsPerModel"]
BacklogMetric = Literal["ApproximateBacklogSizePerInstance", "ApproximateBacklogSize", "HasBacklogWithoutCapacity"]
EnvironmentMetric = Literal["ProvisionedConcurrencyUtilization"]


@dataclass(slots=True, kw_only=True)
class Reading:
    """What is known of an endpoint when a period ends. Not frozen: formulas lead one through millions of periods.

    in_service: instances, or provisioned environments. desired: these and those on their way. per_instance: requests of
    the last minute for each in service. most_at_once: the most requests that any of them has had in the last ten
    seconds. busy, queued: requests now in work and waiting. worked_s, there_s: time that they have worked in the last
    minute, and that they have been there.
    """

    in_service: int
    desired: int
    per_instance: float = 0.0
    most_at_once: float = 0.0
    busy: int = 0
    queued: int = 0
    worked_s: float = 0.0
    there_s: float = 0.0


Statistic = Literal["Average", "Sum", "Maximum"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric of CloudWatch. title: its full name there, or of its like. row: the fact row.

    read(reading): its datum; None where it has none. statistic: what an alarm on it takes over a period. of_variant:
    whether CloudWatch has it by endpoint and variant, else by endpoint alone. predefined: whether target tracking knows
    it by its title. foretold: whether the fast answer knows it.
    """

    title: str
    unit: str
    period_s: float
    row: str
    read: Callable[[Reading], float | None]
    statistic: Statistic = "Average"
    of_variant: bool = True
    predefined: bool = True
    foretold: bool = False

    @property
    def low_periods(self) -> int:
        """Periods that target tracking waits before it takes away (facts rows 2.10, 2.11)."""
        return LOW_PERIODS if self.period_s == PERIOD_S else HIGH_RESOLUTION_LOW_PERIODS


METRICS: Final[dict[str, Metric]] = {
    "InvocationsPerInstance": Metric(
        title="SageMakerVariantInvocationsPerInstance",
        unit="1/min",
        period_s=PERIOD_S,
        row="2.1",
        read=lambda now: now.per_instance if now.in_service else None,
        statistic="Sum",
        foretold=True,
    ),
    "ConcurrentRequestsPerModel": Metric(
        title="SageMakerVariantConcurrentRequestsPerModelHighResolution",
        unit="requests",
        period_s=HIGH_RESOLUTION_S,
        row="2.3",
        read=lambda now: now.most_at_once if now.in_service else None,
        statistic="Maximum",
        foretold=True,
    ),
    "ApproximateBacklogSizePerInstance": Metric(
        title="ApproximateBacklogSizePerInstance",
        unit="requests",
        period_s=PERIOD_S,
        row="4.8",
        read=lambda now: (now.queued + now.busy) / now.in_service if now.in_service else None,
        of_variant=False,
        predefined=False,
        foretold=True,
    ),
    "ApproximateBacklogSize": Metric(
        title="ApproximateBacklogSize",
        unit="requests",
        period_s=PERIOD_S,
        row="4.8",
        read=lambda now: float(now.queued + now.busy),
        of_variant=False,
        predefined=False,
    ),
    "HasBacklogWithoutCapacity": Metric(
        title="HasBacklogWithoutCapacity",
        unit="0 or 1",
        period_s=PERIOD_S,
        row="4.8",
        read=lambda now: float(now.queued > 0 and now.in_service == 0),
        of_variant=False,
        predefined=False,
    ),
    "ProvisionedConcurrencyUtilization": Metric(
        title="SageMakerVariantProvisionedConcurrencyUtilization",
        unit="share",
        period_s=PERIOD_S,
        row="3.41",
        read=lambda now: now.worked_s / now.there_s if now.there_s else None,
    ),
}
"""By the name that policies use."""
