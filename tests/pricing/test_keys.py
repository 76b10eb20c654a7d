"""The usage keys agree with the simulator's, and each carries its exact factor."""

from __future__ import annotations

from decimal import Decimal

from pricing.keys import BY_KEY, KEYS, MEMORY_SIZES_MB, DimensionKind, nearest_keys
from simulator.model import usage


def test_keys_agree_with_the_simulator_in_names_and_order() -> None:
    assert tuple(key.key for key in KEYS) == usage.KEYS


def test_every_factor_between_quantity_and_rate_unit() -> None:
    factors = {(key.quantity_unit, key.rate_unit): key.per_rate_unit for key in KEYS}
    assert factors == {
        ("instance-seconds", "instance-hour"): Decimal(3600),
        ("seconds", "second"): Decimal(1),
        ("GB", "GB"): Decimal(1),
        ("requests", "1,000 requests"): Decimal(1000),
        ("GB-months", "GB-month"): Decimal(1),
        ("requests", "1,000,000 requests"): Decimal(1000000),
        ("alarm-months", "alarm-month"): Decimal(1),
    }


def test_an_hour_of_seconds_costs_the_hourly_price() -> None:
    hosting = BY_KEY["hosting_instance_s"]
    assert hosting.amount_usd(((Decimal(3600), Decimal("0.23")),)) == Decimal("0.23")


def test_a_suffix_in_seconds_means_seconds() -> None:
    assert all("seconds" in key.quantity_unit for key in KEYS if key.key.endswith("_s"))
    assert all(key.quantity_unit == "GB" for key in KEYS if key.key.endswith("_gb"))


def test_dimensions_are_checked() -> None:
    assert BY_KEY["hosting_instance_s"].accepts("ml.p6-b200.48xlarge")
    assert not BY_KEY["hosting_instance_s"].accepts("m5.xlarge")
    assert not BY_KEY["hosting_instance_s"].accepts("")
    assert all(BY_KEY["serverless_duration_s"].accepts(size) for size in MEMORY_SIZES_MB)
    assert not BY_KEY["serverless_duration_s"].accepts("3000")
    assert BY_KEY["s3_put_requests"].accepts("")
    assert not BY_KEY["s3_put_requests"].accepts("x")
    assert {key.dimension for key in KEYS} == set(DimensionKind)


def test_a_misspelt_key_names_its_neighbours() -> None:
    assert "s3_put_requests" in nearest_keys("s3_put_request")
    assert nearest_keys("zzzzzz").count(",") == len(KEYS) - 1
