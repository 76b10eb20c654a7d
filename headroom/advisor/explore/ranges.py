"""Between which values an assumption without a published value may plausibly lie, and why (fact rows: docs/facts.md).

The one table: the tornado moves every row that touches a deployment, and validation moves those that touch its presets.
A new assumption gets a row in RANGES, or a reason in FIXED.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simulator.model.hardware import Hardware
from simulator.model.keep_warm import superseded
from simulator.model.service import is_scaled_between_gpus
from simulator.model.startup import more_to_fetch_s
from simulator.patterns.instances import OF_FETCHING, OF_GPUS
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Range:
    """An assumption, the values it is moved between, and where the values come from."""

    field: str
    low: float | bool
    high: float | bool
    because: str


_NOTABLE_FETCH_S = 30.0
"""A fetch that adds less to the start of an instance is not worth moving its rates."""
_CPU = "tenth and nine tenths of notebook runs, rounded (row 2.31)"
_MODEL = "half of the contended and all of the uncontended rate (row 2.38)"

RANGES = (
    Range("overhead_ms", 5.0, 25.0, "typical 5 to 20 ms, one p99 of 25 ms (row 2.63)"),
    Range("provisioning_cpu_median_s", 120.0, 360.0, _CPU),
    Range("provisioning_gpu_median_s", 90.0, 300.0, "three fifths and twice of it, as types differ (rows 2.33, 2.37)"),
    Range("instance_image_mb_per_s", 40.0, 85.0, "53 to 83 MB/s in four published cases (rows 2.36, 2.37)"),
    Range("instance_model_mb_per_s", 95.0, 420.0, "contended, and twice the uncontended rate (row 2.38)"),
    Range("provisioning_sigma", 0.25, 0.75, "fits of 0.31 to 0.54, and half as much more (row 2.30)"),
    Range("provisioning_within_share", 0.0, 0.5, "all of it shared, and more apart than 48 instances were (row 2.43)"),
    Range("image_is_cached", False, True, "an image that is not cached is fetched (row 2.37)"),
    Range("gpu_memory_bound_share", 0.0, 1.0, "all of it computes, or all of it waits for memory (row 6.8)"),
    Range("spread_efficiency", 0.44, 0.9, "measured from 0.44 up, and a tenth lost on newer engines (row 6.9)"),
    Range("alarm_delay_min_s", 0.0, 120.0, "metrics seen up to 2 to 3 min late (row 2.12)"),
    Range("alarm_delay_max_s", 60.0, 300.0, "one alarm 5 min after load began (row 2.12)"),
    Range("high_resolution_delay_min_s", 0.0, 20.0, "detection up to 6 times faster (rows 2.12, 2.41)"),
    Range("high_resolution_delay_max_s", 10.0, 60.0, "up to no faster than one period (rows 2.12, 2.41)"),
    Range("bill_while_provisioning", False, True, "not published"),
    Range("serverless_mb_per_vcpu", 1400.0, 2400.0, "Lambda's ratio, a quarter less or a third more (row 3.8)"),
    Range("serverless_container_start_s", 1.0, 10.0, "2 to 10 s in a guideline (row 3.27)"),
    Range("serverless_image_mb_per_s", 53.0, 500.0, "measured on an endpoint, and twice the default (row 2.38)"),
    Range("serverless_model_mb_per_s", 50.0, 210.0, _MODEL),
    Range("serverless_cold_sigma", 0.2, 0.9, "one container, and all containers (docs/validation.md)"),
    Range("serverless_bill_cold_start", False, True, "not published (row 3.54)"),
    Range("serverless_idle_s", 300.0, 900.0, "5 to 15 min (rows 3.31 to 3.33)"),
    Range("serverless_keep_warm_s", 60.0, 900.0, "1 to 15 min (rows 3.31 to 3.33)"),
    Range("serverless_keep_warm_sigma", 0.0, 0.5, "not deterministic (row 3.31)"),
    Range("serverless_not_ready_after_s", 5.0, 60.0, "not published; from shorter than most starts (row 3.4)"),
    Range("provisioned_concurrency_median_s", 120.0, 360.0, "as an instance of an endpoint (rows 2.31, 3.7)"),
    Range("s3_mb_per_s", 50.0, 210.0, _MODEL),
    Range("batch_start_median_s", 120.0, 360.0, "one measured, 3 to 6 min advised (row 5.2)"),
    Range("minibatch_overhead_ms", 5.0, 25.0, "as the overhead of a call (row 2.63)"),
)

FIXED: Mapping[str, str] = {
    "realtime_max_payload_mb": "a limit: published, with sources that disagree; no effect on cost or latency",
    "serverless_max_payload_mb": "a limit as well",
    "realtime_max_s": "a limit as well, which AWS may have raised for the account",
    "image_unpacked_factor": "a limit as well: it decides only whether an image fits; the exact size can be given",
    "always_on_utilisation": "sizes the always-on baseline only, not a deployment",
    "serverless_quiet_s": "a rule of its own, only where asked for: that of the default is serverless_idle_s",
    "serverless_life_min_s": "a rule of its own as well: lives of the default move with serverless_idle_s",
    "serverless_life_max_s": "the same",
    "serverless_account_concurrency": "a quota of the account, beyond what one endpoint may use",
    "serverless_others_in_use": "a what-if: other endpoints use nothing unless asked for",
    "serverless_others_low_share": "its course over the day",
    "serverless_starts_per_10_s": "a what-if: none unless asked for",
    "shortage_probability": "0 unless asked for: a what-if, not an unknown of the default",
    "shortage_s": "a what-if as well",
    "instances_per_endpoint_quota": "a what-if: none unless asked for",
    "replacement_delay_s": "acts on faults only, which are asked for",
    "scaling_waits": "one of two behaviours; what it does is in docs/scaling.md",
    "realtime_scale_in": "one of two behaviours; what it does is in docs/patterns/realtime.md",
    "warmup_hazard_s": "a what-if: none unless asked for",
    "warmup_slowdown": "acts during warmup_hazard_s only",
    "async_scale_in": "one of several behaviours, not a number; what it does is in docs/faults.md",
}
"""Assumptions that are not moved, and why."""


def touching(scenario: Scenario, deployment: Deployment, hardware: Hardware) -> Iterator[Range]:
    """The rows that can make a difference to a deployment: those of what it does not use are left out."""
    pattern = BY_KEY[deployment.pattern]
    kind = hardware.get(pattern.account.instance_type(deployment))
    idle = pattern.idle(deployment, kind, bool(scenario.faults)) | superseded(scenario.assumptions)
    used = pattern.assumptions - idle
    workload = scenario.workload
    reference = hardware.get(workload.reference_instance_type)
    if not is_scaled_between_gpus(workload, reference, kind, scenario.requirement.needs_gpu):
        used -= OF_GPUS
    if more_to_fetch_s(workload, scenario.assumptions, cached=False) < _NOTABLE_FETCH_S:
        used -= OF_FETCHING
    yield from (range_ for range_ in RANGES if range_.field in used)
