from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.monthly import MONTH_S, monthly_bill, own_prices, quantities
from simulator.errors import InvalidScenario
from simulator.model.usage import KEYS, Usage, UsageName
from simulator.scenario import PriceOverride, Scenario
from tests.headroom.advisor.outcomes import DAY_S, ON, instances, price_book


def test_a_day_becomes_a_month_of_730_hours() -> None:
    (quantity,) = quantities(instances(2), DAY_S)
    assert quantity.amount == Decimal(2 * 730 * 3600)
    assert (quantity.usage, quantity.dimension) == ("hosting_instance_s", "ml.m5.xlarge")


def test_what_stands_by_the_month_is_not_scaled() -> None:
    (quantity,) = quantities([Usage(key="cloudwatch_alarm_months", quantity=4, per="month")], DAY_S)
    assert quantity.amount == 4


def test_what_faults_add_counts_once_and_what_they_save_never_more_than_is_used() -> None:
    usual = instances(2)

    def billed(extra: float) -> Decimal:
        once = Usage(key="hosting_instance_s", dimension="ml.m5.xlarge", quantity=extra, per="once")
        (quantity,) = quantities([*usual, once], DAY_S)
        return quantity.amount

    assert billed(3600.0) == Decimal(2 * 730 * 3600 + 3600)
    assert billed(-3600.0) == Decimal(2 * 730 * 3600 - 3600)
    assert billed(-1e9) == 0


def test_a_hand_computed_bill() -> None:
    bill = monthly_bill(instances(3), DAY_S, price_book(), Scenario(), ON)
    assert bill.total_usd == Decimal("503.70")  # 3 x 0.23 x 730


@given(st.sampled_from(KEYS), st.floats(0, 1e12), st.floats(3600, 31 * DAY_S))
def test_any_usage_can_be_billed(key: UsageName, quantity: float, horizon_s: float) -> None:
    (found,) = quantities([Usage(key=key, quantity=quantity)], horizon_s)
    assert float(found.amount) == pytest.approx(quantity * MONTH_S / horizon_s, abs=1e-9)


def test_own_prices_count() -> None:
    own = PriceOverride(usage="hosting_instance_s", dimension="ml.m5.xlarge", usd=Decimal("0.1"))
    scenario = Scenario(prices=(own,))
    bill = monthly_bill(instances(1), DAY_S, own_prices(price_book(), scenario), scenario, ON)
    assert bill.total_usd == 73


def test_bad_own_prices_are_refused() -> None:
    scenario = Scenario(prices=(PriceOverride(usage="hosting", usd=Decimal(1)),))
    with pytest.raises(InvalidScenario, match="hosting_instance_s"):
        own_prices(price_book(), scenario)
