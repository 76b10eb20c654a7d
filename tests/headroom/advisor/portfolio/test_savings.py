"""Savings plans over the hours of all workloads: by hand, and what the amounts must always fulfil."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.portfolio.demand import Demand, HourlyCost
from headroom.advisor.portfolio.description import SavingsPlan, UsageDiscount
from headroom.advisor.portfolio.savings import hourly_curve, savings
from tests.headroom.advisor.portfolio.made import taken

hours = st.lists(st.floats(0, 100), min_size=24, max_size=24).map(tuple)


def costs(*each: tuple[str, str, tuple[float, ...]]) -> Demand:
    lines = tuple(HourlyCost(usage=usage, dimension=dimension, usd=usd) for usage, dimension, usd in each)
    return replace(taken("W", (1,)), costs=lines)


def hosting(*usd: float, kind: str = "ml.m5.xlarge") -> Demand:
    return costs(("hosting_instance_s", kind, usd))


def test_two_workloads_by_hand() -> None:
    # 1 USD all day; 3 USD more from 08:00 to 20:00. At 40 % what runs in more than 60 % of the hours pays: the 1 USD.
    steady, daily = hosting(*(1.0,) * 24), hosting(*(3.0 if 8 <= hour < 20 else 0.0 for hour in range(24)))
    found = savings([steady, daily], SavingsPlan(discount_percent=40))
    assert found.commitment_usd_per_hour == 0.6
    assert found.eligible_usd_per_month == pytest.approx(730 * 2.5)
    assert found.committed_usd_per_month == pytest.approx(730 * 0.6)
    assert found.covered_usd_per_month == pytest.approx(730)
    assert found.rest_usd_per_month == pytest.approx(730 * 1.5)
    assert found.wasted_usd_per_month == pytest.approx(0)
    assert found.saving_usd_per_month == pytest.approx(730 * 0.4)
    # At 60 % also what runs in half of the hours: 2 x 0.4 USD of 4 x 0.4 are lost at night.
    more = savings([steady, daily], SavingsPlan(discount_percent=60))
    assert more.commitment_usd_per_hour == 1.6
    assert more.wasted_usd_per_month == pytest.approx(730 * 1.2 / 2)
    assert more.saving_usd_per_month == pytest.approx(730 * (2.5 - 1.6))


def test_peaks_that_follow_each_other_fill_a_commitment_together() -> None:
    day = hosting(*(1.0 if hour < 12 else 0.0 for hour in range(24)))
    night = hosting(*(0.0 if hour < 12 else 1.0 for hour in range(24)))
    plan = SavingsPlan(discount_percent=30)
    assert savings([day], plan).commitment_usd_per_hour == 0
    assert savings([day, night], plan).commitment_usd_per_hour == 0.7


def test_only_what_the_plan_covers_counts() -> None:
    mixed = costs(("serverless_duration_s", "2048", (1.0,) * 24), ("internet_out_gb", "", (1.0,) * 24))
    assert savings([mixed], SavingsPlan(discount_percent=30)).eligible_usd_per_month == 0
    widened = savings([mixed], SavingsPlan(discount_percent=30, covers_serverless=True))
    assert widened.eligible_usd_per_month == pytest.approx(730)
    assert "instances and serverless usage" in widened.notes[0]


def test_the_most_specific_discount_counts() -> None:
    plan = SavingsPlan(
        discount_percent=20,
        discounts=(
            UsageDiscount(instance="ml.c5", discount_percent=30),
            UsageDiscount(instance="ml.c5.4xlarge", discount_percent=40),
            UsageDiscount(usage="batch_instance_s", discount_percent=10),
            UsageDiscount(instance="ml.g5", discount_percent=0),
        ),
    )
    usage = costs(
        ("hosting_instance_s", "ml.m5.xlarge", (1.0,)),
        ("hosting_instance_s", "ml.c5.large", (2.0,)),
        ("async_instance_s", "ml.c5.4xlarge", (3.0,)),
        ("batch_instance_s", "ml.m5.large", (4.0,)),
        ("hosting_instance_s", "ml.g5.xlarge", (5.0,)),
    )
    curve = hourly_curve([usage], plan)
    assert curve.percent_off.tolist() == [40, 30, 20, 10]
    assert curve.usd.ravel().tolist() == [3, 2, 1, 4]


def test_a_commitment_too_small_to_buy_is_none() -> None:
    assert savings([hosting(*(0.0005,) * 24)], SavingsPlan(discount_percent=30)).commitment_usd_per_hour == 0


def test_nothing_that_runs_saves_nothing() -> None:
    found = savings([], SavingsPlan(discount_percent=30))
    assert (found.commitment_usd_per_hour, found.saving_usd_per_month, found.cost_usd_per_month) == (0, 0, 0)


def test_more_than_aws_publishes_is_said() -> None:
    assert savings([], SavingsPlan(discount_percent=70)).notes[-1].startswith("70 % is more than the most")


@given(st.lists(hours, min_size=1, max_size=4), st.floats(0.5, 90))
def test_what_always_holds(each: list[tuple[float, ...]], percent: float) -> None:
    found = savings([hosting(*usd) for usd in each], SavingsPlan(discount_percent=percent))
    most = max(sum(hour) for hour in zip(*each, strict=True)) * (1 - percent / 100)
    assert 0 <= found.commitment_usd_per_hour <= most + 1e-9
    assert found.saving_usd_per_month >= -1e-6
    assert found.cost_usd_per_month == pytest.approx(found.committed_usd_per_month + found.rest_usd_per_month)
    assert found.covered_usd_per_month + found.rest_usd_per_month == pytest.approx(found.eligible_usd_per_month)
    assert found.cost_usd_per_month == pytest.approx(
        found.eligible_usd_per_month - found.saving_usd_per_month, rel=1e-9, abs=1e-6
    )
    assert found.cost_usd_per_month <= min(point.cost_usd_per_month for point in found.curve) + 730 * 1e-5
