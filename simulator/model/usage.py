"""What a run consumed, in the units AWS bills. The keys are the contract with `pricing`, which never imports this file.

| key | dimension | quantity |
|---|---|---|
| hosting_instance_s, async_instance_s, batch_instance_s | instance type | instance-seconds |
| endpoint_volume_gb_month | | GB of the volumes attached to instances of endpoints x months of 730 h |
| serverless_duration_s | memory_size_in_mb | seconds of billed duration at that memory |
| serverless_pc_usage_s | memory_size_in_mb | seconds of provisioned concurrency kept ready (x count) |
| serverless_pc_duration_s | memory_size_in_mb | seconds of billed duration on provisioned environments |
| realtime_data_in_gb, realtime_data_out_gb, and the same for serverless_, async_ | | GB through the endpoint |
| s3_put_requests, s3_get_requests | | requests |
| s3_storage_gb_month | | average GB kept over a month |
| sns_publish_requests | | requests |
| cloudwatch_alarm_months, cloudwatch_high_resolution_alarm_months | | alarms x months |
| internet_out_gb | | GB leaving the Region to the internet |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

UsageName = Literal[
    "hosting_instance_s",
    "async_instance_s",
    "batch_instance_s",
    "endpoint_volume_gb_month",
    "serverless_duration_s",
    "serverless_pc_usage_s",
    "serverless_pc_duration_s",
    "realtime_data_in_gb",
    "realtime_data_out_gb",
    "serverless_data_in_gb",
    "serverless_data_out_gb",
    "async_data_in_gb",
    "async_data_out_gb",
    "s3_put_requests",
    "s3_get_requests",
    "s3_storage_gb_month",
    "sns_publish_requests",
    "cloudwatch_alarm_months",
    "cloudwatch_high_resolution_alarm_months",
    "internet_out_gb",
]
KEYS: Final[tuple[UsageName, ...]] = get_args(UsageName)


MONTH_S: Final = 730 * 3600
"""Seconds of the month in which GB-months are counted and costs are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One billable quantity of a run.

    per "horizon": consumed over the counted horizon, grows with time; per "month": a standing monthly quantity; per
    "once": what faults of the horizon add to the first, which happen once; negative where they use less.
    """

    key: UsageName
    quantity: float
    dimension: str = ""
    per: Literal["horizon", "month", "once"] = "horizon"
