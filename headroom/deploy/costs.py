"""What a form costs while it is there, now and with everything scaled out, and which quotas it needs for that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from headroom.deploy.form import Form, NamedResource
from headroom.deploy.values import Known, plain
from pricing.book import PriceBook
from pricing.errors import NoPrice
from simulator.patterns.resources import Json, ResourceKind

MONTH_H: Final = 730.0
SERVERLESS_QUOTA: Final = "Maximum total concurrency that can be allocated across all serverless endpoints"
_ALARMS_OF_TRACKING: Final = 2
"""Target tracking has CloudWatch watch both sides of its target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyCost:
    """One thing that is billed by the time it is there: how many of them now and at most, and USD for one in an hour,
    None where no price is known. while_running: only while a job runs, not all month.
    """

    what: str
    count: float
    most: float
    usd_per_hour: float | None
    source: str = ""
    while_running: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaNeed:
    """How much of an account's quota is needed now and at most, by the name that Service Quotas has for it."""

    quota: str
    now: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What is billed by the hour, and the quotas. Requests, data and requests' compute come on top."""

    lines: tuple[HourlyCost, ...]
    quotas: tuple[QuotaNeed, ...]

    @property
    def unpriced(self) -> tuple[str, ...]:
        """What has no known price, so that the sums are lower bounds."""
        return tuple(line.what for line in self.lines if line.usd_per_hour is None)

    @property
    def usd_per_hour(self) -> float:
        """From the start, while nothing is scaled."""
        return sum(line.count * (line.usd_per_hour or 0.0) for line in self.lines)

    @property
    def most_usd_per_hour(self) -> float:
        """With everything at its maximum."""
        return sum(line.most * (line.usd_per_hour or 0.0) for line in self.lines)

    @property
    def usd_per_month(self) -> float:
        """The start's cost for 730 h; of jobs only what is billed all the time."""
        return MONTH_H * sum(line.count * (line.usd_per_hour or 0.0) for line in self.lines if not line.while_running)

    @property
    def most_usd_per_month(self) -> float:
        """The ceiling: everything at its maximum for 730 h."""
        return MONTH_H * self.most_usd_per_hour


def costs_of(form: Form, prices: PriceBook, on: date) -> Costs:
    """The costs and quotas of a form at the prices of a day."""
    known = Known(form.names, form.given, {})
    requests: dict[str, tuple[ResourceKind, Any]] = {
        entry.logical_id: (entry.resource.kind, plain(_asked(entry), known)) for entry in form.resources
    }
    book = _Book(prices, form.region, on)
    return Costs(lines=tuple(_lines(requests, book)), quotas=tuple(_quotas(requests)))


@dataclass(frozen=True, slots=True)
class _Book:
    prices: PriceBook
    region: str
    on: date

    def line(
        self, what: str, usage: str, dimension: str, hours_per_unit: float, amounts: tuple[float, float]
    ) -> HourlyCost:
        """One line. hours_per_unit: of the unit of the rate. amounts: now and at most."""
        count, most = amounts
        try:
            rate = self.prices.price(usage, self.region, dimension, self.on)
        except NoPrice:
            return HourlyCost(what=what, count=count, most=most, usd_per_hour=None)
        usd, source = float(rate.usd) / hours_per_unit, f"{rate.source}, {rate.from_date}, {rate.evidence}"
        return HourlyCost(what=what, count=count, most=most, usd_per_hour=usd, source=source)


Requests = Mapping[str, tuple[ResourceKind, Any]]


def _lines(requests: Requests, book: _Book) -> Iterator[HourlyCost]:
    most = _most_capacity(requests)
    for kind, request in requests.values():
        if kind == "endpoint_config":
            for variant in request["ProductionVariants"]:
                yield from _of_variant(variant, "AsyncInferenceConfig" in request, most, book)
        elif kind in {"transform_job", "schedule"}:
            resources = request["TransformResources"]
            count, instance_type = resources["InstanceCount"], resources["InstanceType"]
            what = f"{instance_type}, while a job runs"
            yield replace(book.line(what, "batch_instance_s", instance_type, 1, (count, count)), while_running=True)
    alarms = sum(kind == "alarm" for kind, _ in requests.values())
    tracked = sum("TargetTrackingScalingPolicyConfiguration" in request for _, request in requests.values())
    watched = alarms + _ALARMS_OF_TRACKING * tracked
    if watched:
        yield book.line("CloudWatch alarms", "cloudwatch_alarm_months", "", MONTH_H, (watched, watched))


def _of_variant(variant: Any, deferred: bool, most: float, book: _Book) -> Iterator[HourlyCost]:
    settings = variant.get("ServerlessConfig")
    if settings is None:
        count, kind = float(variant["InitialInstanceCount"]), variant["InstanceType"]
        most = max(count, most)
        yield book.line(kind, "async_instance_s" if deferred else "hosting_instance_s", kind, 1, (count, most))
        if "VolumeSizeInGB" in variant:
            size = variant["VolumeSizeInGB"]
            yield book.line("GB of volumes", "endpoint_volume_gb_month", "", MONTH_H, (size * count, size * most))
    elif "ProvisionedConcurrency" in settings:
        memory, kept = str(settings["MemorySizeInMB"]), float(settings["ProvisionedConcurrency"])
        what = f"provisioned environments of {memory} MB"
        yield book.line(what, "serverless_pc_usage_s", memory, 1 / 3600, (kept, max(kept, most)))


def _most_capacity(requests: Requests) -> float:
    """The most that a target or a scheduled action allows; 0 where nothing is scaled."""
    bounds = [request for kind, request in requests.values() if kind == "scalable_target"]
    bounds += [request["ScalableTargetAction"] for kind, request in requests.values() if kind == "scheduled_action"]
    return max((float(bound.get("MaxCapacity", 0)) for bound in bounds), default=0.0)


def _asked(entry: NamedResource) -> Any:
    """What a resource asks for; of a schedule the job that it starts, whatever is left open in it."""
    starts: Json | None = entry.parameters["Target"]["Input"] if entry.resource.kind == "schedule" else None
    return entry.parameters if starts is None else starts.value


def _quotas(requests: Requests) -> Iterator[QuotaNeed]:
    most = _most_capacity(requests)
    for kind, request in requests.values():
        if kind == "endpoint_config":
            for variant in request["ProductionVariants"]:
                if "ServerlessConfig" in variant:
                    at_once = float(variant["ServerlessConfig"]["MaxConcurrency"])
                    yield QuotaNeed(quota=SERVERLESS_QUOTA, now=at_once, most=at_once)
                else:
                    count = float(variant["InitialInstanceCount"])
                    quota = f"{variant['InstanceType']} for endpoint usage"
                    yield QuotaNeed(quota=quota, now=count, most=max(count, most))
        elif kind in {"transform_job", "schedule"}:
            resources = request["TransformResources"]
            count = float(resources["InstanceCount"])
            yield QuotaNeed(quota=f"{resources['InstanceType']} for transform job usage", now=count, most=count)
