"""CloudWatch's metrics: raw values and statistic sets by exact dimensions, percentiles, periods by age, pages."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.aws.account import Account, Refusal

Given = dict[str, Any]
DAY_S = 86_400.0
MOST_POINTS = 100_800
_SIMPLE = {"Sum", "SampleCount", "Average", "Minimum", "Maximum"}
_BETWEEN = re.compile(r"(TC|PR)\(([\d.]*):([\d.]*)\)")
_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?)")

Key = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class StatisticSet:
    """A datum that was published as its statistics."""

    at: float
    count: float
    total: float
    least: float
    most: float


@dataclass
class Series:
    """One metric with one set of dimensions. Raw values are kept in arrays, sorted by time when they are read."""

    times: list[np.ndarray] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)
    sets: list[StatisticSet] = field(default_factory=list)

    def raw(self) -> tuple[np.ndarray, np.ndarray]:
        if len(self.times) > 1:
            times, values = np.concatenate(self.times), np.concatenate(self.values)
            order = np.argsort(times, kind="stable")
            self.times, self.values = [times[order]], [values[order]]
        if not self.times:
            return np.empty(0), np.empty(0)
        return self.times[0], self.values[0]


class MetricStore:
    """Everything that was published. partial: how many of the next answers say PartialData."""

    def __init__(self) -> None:
        self.series: defaultdict[Key, Series] = defaultdict(Series)
        self.partial = 0

    def put(
        self, namespace: str, name: str, dimensions: dict[str, str], times: Iterable[float], values: Iterable[float]
    ) -> None:
        """Publish raw values at times in seconds since 1970."""
        series = self.series[_key(namespace, name, dimensions)]
        moments, amounts = np.asarray(list(times), float), np.asarray(list(values), float)
        order = np.argsort(moments, kind="stable")
        series.times.append(moments[order])
        series.values.append(amounts[order])
        series.raw()

    def statistics(self, key: Key, stat: str, period: int, start: float, end: float) -> list[tuple[float, float]]:
        """The points of one statistic: start of the period and value, oldest first."""
        series = self.series.get(key)
        if series is None:
            return []
        times, values = series.raw()
        first = start - start % period
        points = []
        by_period: defaultdict[float, list[StatisticSet]] = defaultdict(list)
        for datum in series.sets:
            by_period[datum.at - datum.at % period].append(datum)
        moment = first
        while moment < end:
            low, high = bisect_left(times, moment), bisect_left(times, moment + period)
            value = _statistic(stat, values[low:high], by_period.get(moment, []))
            if value is not None:
                points.append((moment, value))
            moment += period
        return points


def _key(namespace: str, name: str, dimensions: dict[str, str]) -> Key:
    return namespace, name, tuple(sorted(dimensions.items()))


def _statistic(stat: str, raw: np.ndarray, sets: Sequence[StatisticSet]) -> float | None:
    if stat in _SIMPLE:
        return _simple(stat, raw, sets)
    if sets or not len(raw):  # AWS keeps no distribution of statistic sets
        return None
    percentile, between = _PERCENTILE.fullmatch(stat), _BETWEEN.fullmatch(stat)
    if percentile:
        return float(np.percentile(raw, float(percentile[1])))
    if between:
        low, high = float(between[2] or "-inf"), float(between[3] or "inf")
        inside = int(((raw > low) & (raw <= high)).sum())
        return float(inside) if between[1] == "TC" else 100.0 * inside / len(raw)
    raise Refusal("InvalidParameterValue", f"The value {stat} for parameter Stat is not supported.")


def _simple(stat: str, raw: np.ndarray, sets: Sequence[StatisticSet]) -> float | None:
    count = len(raw) + sum(datum.count for datum in sets)
    if not count:
        return None
    total = float(raw.sum()) + sum(datum.total for datum in sets)
    least = min([*(datum.least for datum in sets), *([float(raw.min())] if len(raw) else [])])
    most = max([*(datum.most for datum in sets), *([float(raw.max())] if len(raw) else [])])
    return {"Sum": total, "SampleCount": count, "Average": total / count, "Minimum": least, "Maximum": most}[stat]


def answers_period(age_s: float, period: int) -> bool:
    """Whether AWS still has points of this period that long ago."""
    if period < 60:
        return age_s <= 3 * 3600
    return period % (60 if age_s <= 15 * DAY_S else 300 if age_s <= 63 * DAY_S else 3600) == 0


def _dimensions(given: Given) -> dict[str, str]:
    return {dimension["Name"]: dimension["Value"] for dimension in given.get("Dimensions", ())}


def get_metric_data(account: Account, store: MetricStore, given: Given) -> Given:
    start, end = given["StartTime"], given["EndTime"]
    if end <= start:
        raise Refusal("ValidationError", "The parameter EndTime must be greater than StartTime.")
    skipped, room = int(given.get("NextToken") or 0), given.get("MaxDatapoints", MOST_POINTS)
    seen, results, more = 0, [], False
    for query in given["MetricDataQueries"]:
        points = _points(account, store, query, start, end)
        if given.get("ScanBy") != "TimestampAscending":
            points = points[::-1]
        low, high = max(0, skipped - seen), max(0, skipped + room - seen)
        seen += len(points)
        more = more or high < len(points)
        results.append(_result(query, points[low:high]))
    if store.partial:
        store.partial -= 1
        results[0]["StatusCode"] = "PartialData"
    return {"MetricDataResults": results, "Messages": []} | ({"NextToken": str(skipped + room)} if more else {})


def _points(account: Account, store: MetricStore, query: Given, start: float, end: float) -> list[tuple[float, float]]:
    if "MetricStat" not in query:
        raise Refusal("ValidationError", "Expressions are not known to the AWS on loopback.")
    stat = query["MetricStat"]
    if not answers_period(account.now - start, stat["Period"]):
        return []
    metric = stat["Metric"]
    key = _key(metric["Namespace"], metric["MetricName"], _dimensions(metric))
    return store.statistics(key, stat["Stat"], stat["Period"], start, min(end, account.now))


def _result(query: Given, points: list[tuple[float, float]]) -> Given:
    return {
        "Id": query["Id"],
        "Label": query.get("Label", query["Id"]),
        "Timestamps": [moment for moment, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete",
    }


def list_metrics(account: Account, store: MetricStore, given: Given) -> Given:
    wanted = {(part["Name"], part.get("Value")) for part in given.get("Dimensions", ())}
    metrics = [
        {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
        }
        for namespace, name, dimensions in store.series
        if given.get("Namespace") in {None, namespace}
        and given.get("MetricName") in {None, name}
        and all(any(key == k and value in {None, v} for k, v in dimensions) for key, value in wanted)
    ]
    return {"Metrics": metrics}


def put_metric_data(account: Account, store: MetricStore, given: Given) -> Given:
    for datum in given.get("MetricData", ()):
        at = datum.get("Timestamp", account.now)
        key = _key(given["Namespace"], datum["MetricName"], _dimensions(datum))
        if "StatisticValues" in datum:
            told = datum["StatisticValues"]
            figures = (told["SampleCount"], told["Sum"], told["Minimum"], told["Maximum"])
            store.series[key].sets.append(StatisticSet(at, *figures))
        else:
            values = datum.get("Values") or [datum["Value"]]
            counts = datum.get("Counts") or [1] * len(values)
            spread = [value for value, count in zip(values, counts, strict=True) for _ in range(int(count))]
            store.put(given["Namespace"], datum["MetricName"], _dimensions(datum), [at] * len(spread), spread)
    return {}


OPERATIONS = {
    "GetMetricData": get_metric_data,
    "ListMetrics": list_metrics,
    "PutMetricData": put_metric_data,
}
