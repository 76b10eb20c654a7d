"""How a deployment is now: status, drift, what CloudWatch observed; and what is left of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from headroom.deploy.costs import Costs
from headroom.deploy.differences import Difference
from headroom.deploy.form import Form
from headroom.deploy.kinds import KINDS
from headroom.deploy.live.aws import Aws, Identity, Refused
from headroom.deploy.live.look import EVERY, Found, everything_of, look
from headroom.deploy.live.observe import Live, drift
from headroom.deploy.live.waiting import TOLD
from headroom.deploy.names import BY_TAG, DELETE_AFTER_TAG, DEPLOYMENT_TAG
from pricing.book import PriceBook
from pricing.errors import NoPrice

LATE_S: Final = 180.0
"""Points come late: the window ends that long before now."""
_MICROSECONDS: Final = 1e6
_STATISTICS: Final = (
    ("requests", "Invocations", "Sum"),
    ("errors_4xx", "Invocation4XXErrors", "Sum"),
    ("errors_5xx", "Invocation5XXErrors", "Sum"),
    ("model_p50", "ModelLatency", "p50"),
    ("model_p90", "ModelLatency", "p90"),
    ("model_p99", "ModelLatency", "p99"),
    ("overhead_p50", "OverheadLatency", "p50"),
    ("overhead_p99", "OverheadLatency", "p99"),
)
"""Each is published under endpoint and variant, and under nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What CloudWatch has of a variant in a window: percentiles over all of it, and requests by bin.

    latency_s: of the model, with the queue inside the container, by the name of the percentile. times_s: the start of
    each bin, in seconds since 1970. partial: whether CloudWatch did not have all.
    """

    start_s: float
    end_s: float
    bin_s: int
    requests: float
    errors: float
    latency_s: Mapping[str, float]
    times_s: tuple[float, ...]
    requests_by_bin: tuple[float, ...]
    p99_by_bin_s: tuple[float, ...]
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A deployment now. told: in words. drift: by logical id. capacity: of each variant, in words."""

    name: str
    told: str
    drift: Mapping[str, tuple[Difference, ...]]
    capacity: tuple[str, ...]
    costs: Costs
    observed: Observed | None
    notes: tuple[str, ...] = ()


def status_of(aws: Aws, form: Form, live: Live, costs: Costs, hours: float) -> Status:
    """The state of a form's deployment, with what CloudWatch observed in the last hours."""
    endpoint = live.endpoint
    notes: list[str] = []
    observed = None
    if endpoint is not None:
        variant = str(endpoint.description["ProductionVariants"][0]["VariantName"])
        try:
            observed = observe_variant(aws, form.name, variant, hours)
        except Refused as refused:
            notes.append(f"CloudWatch was not asked: {refused}")
    return Status(
        name=form.name,
        told=_told(form, live),
        drift=drift(form, live),
        capacity=tuple(_capacity(endpoint, live)) if endpoint is not None else (),
        costs=costs,
        observed=observed,
        notes=tuple(notes),
    )


def _told(form: Form, live: Live) -> str:
    if live.endpoint is not None:
        status = live.endpoint.status
        reason = live.endpoint.description.get("FailureReason")
        return f"{form.name} is {TOLD.get(status, status)}." + (f" {reason}" if reason else "")
    first = next((found for found in live.found.values() if KINDS[found.kind].billed), None)
    if first is None:
        return f"{form.name} is not there."
    state = first.status or str(first.description.get("State", "there"))
    return f"{form.name}: the {KINDS[first.kind].title} {first.name} is {state}."


def _capacity(endpoint: Found, live: Live) -> Iterator[str]:
    target = live.found.get("ScalableTarget")
    bounds = (
        f", scaled between {target.description['MinCapacity']} and {target.description['MaxCapacity']}"
        if target
        else ""
    )
    for variant in endpoint.description.get("ProductionVariants", ()):
        if "CurrentInstanceCount" in variant:
            now, wanted = variant["CurrentInstanceCount"], variant.get("DesiredInstanceCount", 0)
            yield f"{variant['VariantName']}: {now} instances, {wanted} wanted{bounds}"
        else:
            serverless = variant.get("CurrentServerlessConfig") or {}
            kept = serverless.get("ProvisionedConcurrency", 0)
            most = serverless.get("MaxConcurrency", 0)
            yield f"{variant['VariantName']}: {kept} environments kept ready, at most {most} at once{bounds}"


def observe_variant(aws: Aws, endpoint: str, variant: str, hours: float) -> Observed | None:
    """What CloudWatch has of the last hours; None where nothing was called. Raises Refused."""
    end = (aws.pace.now() - LATE_S) // 60 * 60
    bin_s = next(size for size in (60, 300, 900, 3600, 21_600, 86_400) if hours * 3600 / size <= 300 or size == 86_400)
    start = (end - hours * 3600) // bin_s * bin_s
    whole = max(bin_s, round(end - start) // 60 * 60)
    rows = _Asked(aws, {"EndpointName": endpoint, "VariantName": variant}, start, end)
    totals, partial = rows.ask(whole)
    binned, partly = rows.ask(bin_s)
    requests = dict(binned["requests"])
    if not sum(requests.values()):
        return None
    p99 = dict(binned["model_p99"])
    times = tuple(sorted(requests))
    percentiles = {name: totals[f"model_{name}"] for name in ("p50", "p90", "p99")}
    return Observed(
        start_s=start,
        end_s=end,
        bin_s=bin_s,
        requests=sum(requests.values()),
        errors=sum(value for key in ("errors_4xx", "errors_5xx") for _, value in binned[key]),
        latency_s={name: points[0][1] / _MICROSECONDS for name, points in percentiles.items() if points},
        times_s=times,
        requests_by_bin=tuple(requests[time] for time in times),
        p99_by_bin_s=tuple(p99.get(time, float("nan")) / _MICROSECONDS for time in times),
        partial=partial or partly,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    aws: Aws
    dimensions: Mapping[str, str]
    start: float
    end: float

    def ask(self, period: int) -> tuple[dict[str, list[tuple[float, float]]], bool]:
        """Every statistic in bins of so many seconds, all pages of it, and whether anything was missing."""
        named = [{"Name": key, "Value": value} for key, value in self.dimensions.items()]
        queries = [
            {
                "Id": key,
                "MetricStat": {
                    "Metric": {"Namespace": "AWS/SageMaker", "MetricName": name, "Dimensions": named},
                    "Period": period,
                    "Stat": stat,
                },
            }
            for key, name, stat in _STATISTICS
        ]
        window = {
            "StartTime": datetime.fromtimestamp(self.start, UTC),
            "EndTime": datetime.fromtimestamp(self.end, UTC),
        }
        points: dict[str, list[tuple[float, float]]] = {key: [] for key, _, _ in _STATISTICS}
        partial = False
        for row in self.aws.pages(
            "cloudwatch",
            "GetMetricData",
            "MetricDataResults",
            MetricDataQueries=queries,
            ScanBy="TimestampAscending",
            **window,
        ):
            partial = partial or row.get("StatusCode") not in {"Complete", None}
            times = (moment.timestamp() for moment in row["Timestamps"])
            points[row["Id"]] += zip(times, (float(value) for value in row["Values"]), strict=True)
        return points, partial


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What belongs to one deployment of the account. usd_per_hour: None where a price is missing. overdue: whether it
    should have been removed by now.
    """

    name: str
    found: tuple[Found, ...]
    usd_per_hour: float | None
    delete_after: str
    overdue: bool

    @property
    def without_endpoint(self) -> bool:
        """Whether nothing of it serves any more."""
        return not any(found.kind in {"endpoint", "schedule", "transform_job"} for found in self.found)


def sweep(aws: Aws, identity: Identity, prices: PriceBook, on: date) -> tuple[Left, ...]:
    """All in the account and Region that Headroom made, by deployment, with its price and whether it is overdue."""
    names = sorted(set(_names(aws)))
    today = datetime.fromtimestamp(aws.pace.now(), UTC).date().isoformat()
    return tuple(
        _left(aws, name, everything_of(aws, identity, name, EVERY).found, prices, (on, today)) for name in names
    )


def _names(aws: Aws) -> Iterator[str]:
    """Names of deployments, from the tags of what SageMaker has, alarms and topics."""
    for kind, operation, member in (
        ("endpoint", "ListEndpoints", "Endpoints"),
        ("endpoint_config", "ListEndpointConfigs", "EndpointConfigs"),
        ("model", "ListModels", "Models"),
    ):
        described = KINDS[kind]  # type: ignore[index]
        for row in aws.pages("sagemaker", operation, member):
            found = look(aws, kind, row[described.name], {described.name: row[described.name]})  # type: ignore[arg-type]
            yield from _named(found)
    for row in aws.pages("cloudwatch", "DescribeAlarms", "MetricAlarms"):
        yield from _named(look(aws, "alarm", row["AlarmName"], {"AlarmNames": [row["AlarmName"]]}))
    for row in aws.pages("sns", "ListTopics", "Topics"):
        arn = str(row["TopicArn"])
        yield from _named(look(aws, "topic", arn.rpartition(":")[2], {"TopicArn": arn}))


def _named(found: Found | None) -> Iterator[str]:
    if found is not None and found.tags.get(BY_TAG) == "headroom" and DEPLOYMENT_TAG in found.tags:
        yield found.tags[DEPLOYMENT_TAG]


def _left(aws: Aws, name: str, found: tuple[Found, ...], prices: PriceBook, days: tuple[date, str]) -> Left:
    on, today = days
    until = next((entry.tags[DELETE_AFTER_TAG] for entry in found if DELETE_AFTER_TAG in entry.tags), "")
    return Left(
        name=name,
        found=found,
        usd_per_hour=_price(aws, found, prices, on),
        delete_after=until,
        overdue=bool(until) and until < today,
    )


def _price(aws: Aws, found: tuple[Found, ...], prices: PriceBook, on: date) -> float | None:
    """USD an hour of the instances and provisioned environments that are there now."""
    configs = {entry.name: entry.description for entry in found if entry.kind == "endpoint_config"}
    total = 0.0
    for endpoint in (entry for entry in found if entry.kind == "endpoint" and entry.status != "Failed"):
        config = configs.get(endpoint.description["EndpointConfigName"], {})
        types = {
            variant["VariantName"]: variant.get("InstanceType", "") for variant in config.get("ProductionVariants", ())
        }
        usage = "async_instance_s" if "AsyncInferenceConfig" in config else "hosting_instance_s"
        for variant in endpoint.description.get("ProductionVariants", ()):
            try:
                total += _of_variant(variant, types.get(variant["VariantName"], ""), usage, (aws.region, prices, on))
            except NoPrice:
                return None
    return total


def _of_variant(variant: Mapping[str, Any], kind: str, usage: str, book: tuple[str, PriceBook, date]) -> float:
    region, prices, on = book
    serverless = variant.get("CurrentServerlessConfig")
    if serverless:
        kept = serverless.get("ProvisionedConcurrency", 0)
        memory = str(serverless["MemorySizeInMB"])
        return 3600 * kept * float(prices.price("serverless_pc_usage_s", region, memory, on).usd) if kept else 0.0
    count = float(variant.get("DesiredInstanceCount", 0))
    return count * float(prices.price(usage, region, kind, on).usd) if count else 0.0
