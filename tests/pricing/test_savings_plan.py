"""Which discount counts for which usage."""

from __future__ import annotations

import pytest

from pricing.keys import BY_KEY
from pricing.savings_plan import INSTANCES, SERVERLESS, Discount, percent_off

TABLE = (
    Discount(percent=20),
    Discount(percent=25, usage="batch_instance_s"),
    Discount(percent=30, instance="ml.c5"),
    Discount(percent=35, instance="ml.c5", usage="batch_instance_s"),
    Discount(percent=40, instance="ml.c5.large"),
)


@pytest.mark.parametrize(
    ("usage", "dimension", "percent"),
    [
        ("hosting_instance_s", "ml.m5.large", 20),
        ("batch_instance_s", "ml.m5.large", 25),
        ("hosting_instance_s", "ml.c5.xlarge", 30),
        ("batch_instance_s", "ml.c5.xlarge", 35),
        ("batch_instance_s", "ml.c5.large", 40),
        ("hosting_instance_s", "ml.c5d.large", 20),
        ("serverless_duration_s", "2048", 20),
    ],
)
def test_the_most_specific_discount_counts(usage: str, dimension: str, percent: float) -> None:
    assert percent_off(TABLE, usage, dimension) == percent


def test_the_last_of_equals_counts_and_without_any_there_is_none() -> None:
    assert percent_off((*TABLE, Discount(percent=5)), "hosting_instance_s", "ml.m5.large") == 5
    assert percent_off((), "hosting_instance_s", "ml.m5.large") == 0
    assert percent_off((Discount(percent=9, usage="async_instance_s"),), "hosting_instance_s", "ml.m5.large") == 0


def test_the_usage_is_known_to_pricing() -> None:
    assert {*INSTANCES, *SERVERLESS} <= set(BY_KEY)


def test_a_family_counts_more_than_a_usage_key() -> None:
    """Whatever the order they are entered in; facts row 13.1 leaves the rates to the user."""
    family, usage = Discount(percent=30, instance="ml.c5"), Discount(percent=25, usage="batch_instance_s")
    for entered in ((family, usage), (usage, family)):
        assert percent_off(entered, "batch_instance_s", "ml.c5.xlarge") == 30
