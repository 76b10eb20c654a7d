"""What stands before a cost whose prices are not all known, and what makes the amount of a line of a bill."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from headroom.advisor.tell import cost_text
from headroom.advisor.tell.cost_text import oldest_price, quantity_times_rate
from headroom.sharing.library import load_world
from pricing.bill import Bill, Quantity, make_bill
from tests.headroom.advisor.outcomes import ON, price_book


@dataclass(frozen=True)
class Cost:
    at_least: bool
    price_estimated: bool


@pytest.mark.parametrize(
    ("cost", "words", "sign"),
    [
        (Cost(False, False), "", ""),
        (Cost(True, False), "at least ", "≥ "),
        (Cost(False, True), "about ", "≈ "),
        (Cost(True, True), "at least about ", "≥ ≈ "),
    ],
)
def test_a_lower_bound_and_an_estimated_price_are_told_apart(cost: Cost, words: str, sign: str) -> None:
    assert cost_text.qualifier(cost) == words
    assert cost_text.sign(cost) == sign


def test_what_lines_are_for_and_what_an_estimate_is_taken_from() -> None:
    quantities = [
        Quantity("async_instance_s", "ml.m5.xlarge", Decimal(3600)),
        Quantity("internet_out_gb", "", Decimal(1)),
    ]
    bill = make_bill(quantities, price_book(("async_instance_s",)), "us-east-1", ON)
    assert cost_text.priced_things(bill.lines) == "Asynchronous instances (ml.m5.xlarge) and Data out to the internet"
    [line] = bill.estimates
    assert cost_text.estimated(line) == (
        "No price is known for Asynchronous instances (ml.m5.xlarge) in us-east-1: $0.23 per instance-hour is an"
        " estimate, what real-time instances of this type cost here."
    )


WORLD = load_world()


def bill(usage: str, amount: str, dimension: str = "") -> Bill:
    return make_bill([Quantity(usage, dimension, Decimal(amount))], WORLD.prices, "us-east-1", WORLD.on)


@pytest.mark.parametrize(
    ("usage", "dimension", "amount", "text"),
    [
        ("hosting_instance_s", "ml.m5.large", "2628000", "730 instance-hours × $0.115"),
        ("serverless_duration_s", "2048", "12345.5", "12,350 seconds × $0.00004"),
        ("s3_put_requests", "", "12345", "12,345 requests × $0.005 per 1,000"),
        ("realtime_data_in_gb", "", "24", "24 GB × $0.016"),
        ("endpoint_volume_gb_month", "", "60", "60 GB-months × $0.14"),
    ],
)
def test_a_line_is_quantity_times_rate(usage: str, dimension: str, amount: str, text: str) -> None:
    assert quantity_times_rate(bill(usage, amount, dimension).lines[0]) == text


def test_a_line_with_volume_tiers_is_the_sum_of_those_that_are_reached() -> None:
    [line] = bill("internet_out_gb", "30000").lines
    assert quantity_times_rate(line) == "10,240 GB × $0.09 + 19,760 GB × $0.085"
    assert line.amount_usd == Decimal("10240") * Decimal("0.09") + Decimal("19760") * Decimal("0.085")


def test_portions_make_the_amount_of_every_line() -> None:
    for usage, dimension in (("hosting_instance_s", "ml.m5.large"), ("s3_get_requests", ""), ("internet_out_gb", "")):
        [line] = bill(usage, "123456789", dimension).lines
        per = {"hosting_instance_s": 3600, "s3_get_requests": 1000, "internet_out_gb": 1}[usage]
        assert line.amount_usd == pytest.approx(sum(quantity * usd for quantity, usd in line.portions) / per)


def test_without_a_price_there_is_only_the_quantity() -> None:
    [line] = bill("hosting_instance_s", "3600", "ml.none.large").lines
    assert quantity_times_rate(line) == "1 instance-hours × a price that is not known"


def test_the_age_is_that_of_the_oldest_price_used() -> None:
    old, young = bill("realtime_data_in_gb", "1"), bill("hosting_instance_s", "1", "ml.m5.large")
    assert old.lines[0].rate is not None
    older = replace(old.lines[0], rate=replace(old.lines[0].rate, from_date=date(2023, 12, 1)))
    assert oldest_price([young.oldest, older, None]) == "oldest price of 01 December 2023 (Real-time data in)"
    assert oldest_price([None]) == ""


def test_a_price_of_the_user_has_no_age() -> None:
    [line] = bill("hosting_instance_s", "1", "ml.m5.large").lines
    assert line.rate is not None
    entered = replace(line, rate=replace(line.rate, evidence="override", from_date=date(2000, 1, 1)))
    assert replace(bill("realtime_data_in_gb", "1"), lines=(entered,)).oldest is None
