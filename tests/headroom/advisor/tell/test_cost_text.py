"""What stands before a cost whose prices are not all known."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest

from headroom.advisor.tell import cost_text
from pricing.bill import Quantity, make_bill
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
