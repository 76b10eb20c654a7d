"""The usage keys that can be priced: the pricing side of the contract with the simulator.

A key carries the unit a quantity is counted in, the unit its rate is quoted in, and the exact factor between the two.
Money is made by `UsageKey.amount_usd` only, so no caller multiplies or divides by 3600 or 1000 itself.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from pricing import money

# Facts row 1.5: serverless memory is 1024 to 6144 MB in steps of 1024.
MEMORY_SIZES_MB = ("1024", "2048", "3072", "4096", "5120", "6144")

_INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")


class DimensionKind(Enum):
    """The kind of dimension that tells rates of one key apart; the value is its AWS parameter name."""

    NONE = ""
    INSTANCE_TYPE = "instance_type"
    MEMORY_SIZE = "memory_size_in_mb"


_ALLOWED_DIMENSION = {
    DimensionKind.NONE: "no dimension (empty text)",
    DimensionKind.INSTANCE_TYPE: "an instance type such as ml.m5.xlarge",
    DimensionKind.MEMORY_SIZE: "one of " + ", ".join(MEMORY_SIZES_MB),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageKey:
    """One billable kind of usage. `per_rate_unit` quantity units make one rate unit, as 3600 seconds make an hour."""

    key: str
    title: str
    quantity_unit: str
    rate_unit: str
    per_rate_unit: Decimal
    dimension: DimensionKind
    max_usd: Decimal  # per rate unit; many times any known price, there to catch a slip of unit

    def amount_usd(self, portions: tuple[tuple[Decimal, Decimal], ...]) -> Decimal:
        """Return the exact cost in USD of portions: pairs of (quantity in quantity units, USD per rate unit)."""
        return money.quotient(money.total(money.product(q, usd) for q, usd in portions), self.per_rate_unit)

    def accepts(self, dimension: str) -> bool:
        """Tell whether a dimension has the form that this key needs."""
        if self.dimension is DimensionKind.NONE:
            return dimension == ""
        if self.dimension is DimensionKind.MEMORY_SIZE:
            return dimension in MEMORY_SIZES_MB
        return _INSTANCE_TYPE.fullmatch(dimension) is not None

    @property
    def allowed_dimension(self) -> str:
        """The form of dimension that this key needs, in words for messages."""
        return _ALLOWED_DIMENSION[self.dimension]


def _instance(key: str, title: str) -> UsageKey:
    return UsageKey(
        key=key,
        title=title,
        quantity_unit="instance-seconds",
        rate_unit="instance-hour",
        per_rate_unit=Decimal(3600),
        dimension=DimensionKind.INSTANCE_TYPE,
        max_usd=Decimal(1000),
    )


def _serverless(key: str, title: str) -> UsageKey:
    return UsageKey(
        key=key,
        title=title,
        quantity_unit="seconds",
        rate_unit="second",
        per_rate_unit=Decimal(1),
        dimension=DimensionKind.MEMORY_SIZE,
        max_usd=Decimal("0.01"),
    )


def _plain(key: str, title: str, units: tuple[str, str], factor: str, max_usd: str) -> UsageKey:
    return UsageKey(
        key=key,
        title=title,
        quantity_unit=units[0],
        rate_unit=units[1],
        per_rate_unit=Decimal(factor),
        dimension=DimensionKind.NONE,
        max_usd=Decimal(max_usd),
    )


_GB = ("GB", "GB")

KEYS: tuple[UsageKey, ...] = (
    _instance("hosting_instance_s", "Real-time instances"),
    _instance("async_instance_s", "Asynchronous instances"),
    _instance("batch_instance_s", "Batch transform instances"),
    _plain("endpoint_volume_gb_month", "Volumes of endpoints", ("GB-months", "GB-month"), "1", "10"),
    _serverless("serverless_duration_s", "Serverless compute"),
    _serverless("serverless_pc_usage_s", "Provisioned concurrency, kept ready"),
    _serverless("serverless_pc_duration_s", "Provisioned concurrency, running"),
    _plain("realtime_data_in_gb", "Real-time data in", _GB, "1", "10"),
    _plain("realtime_data_out_gb", "Real-time data out", _GB, "1", "10"),
    _plain("serverless_data_in_gb", "Serverless data in", _GB, "1", "10"),
    _plain("serverless_data_out_gb", "Serverless data out", _GB, "1", "10"),
    _plain("async_data_in_gb", "Asynchronous data in", _GB, "1", "10"),
    _plain("async_data_out_gb", "Asynchronous data out", _GB, "1", "10"),
    _plain("s3_put_requests", "S3 write requests", ("requests", "1,000 requests"), "1000", "1"),
    _plain("s3_get_requests", "S3 read requests", ("requests", "1,000 requests"), "1000", "1"),
    _plain("s3_storage_gb_month", "S3 storage", ("GB-months", "GB-month"), "1", "10"),
    _plain("sns_publish_requests", "SNS notifications", ("requests", "1,000,000 requests"), "1000000", "100"),
    _plain("cloudwatch_alarm_months", "CloudWatch alarms", ("alarm-months", "alarm-month"), "1", "100"),
    _plain(
        "cloudwatch_high_resolution_alarm_months",
        "CloudWatch high-resolution alarms",
        ("alarm-months", "alarm-month"),
        "1",
        "100",
    ),
    _plain("internet_out_gb", "Data out to the internet", _GB, "1", "10"),
)

BY_KEY: dict[str, UsageKey] = {usage.key: usage for usage in KEYS}
ORDER: dict[str, int] = {usage.key: place for place, usage in enumerate(KEYS)}


def nearest_keys(usage: str) -> str:
    """Return the known keys most like `usage`, or all of them, as text for a message."""
    return ", ".join(difflib.get_close_matches(usage, BY_KEY, n=3) or BY_KEY)
