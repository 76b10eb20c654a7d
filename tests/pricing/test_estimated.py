"""Prices that are not known are estimated from those of places like it, and said to be that."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from statistics import median

import pytest

from pricing import estimated
from pricing.bill import Quantity, make_bill
from pricing.book import Override, PriceBook
from pricing.errors import NoPrice
from pricing.keys import BY_KEY
from pricing.rates import Evidence, Rate, RatePlace

DAY = date(2026, 11, 1)
HOUR_S = Decimal(3600)


def rate(usage: str, region: str, usd: str, dimension: str = "", evidence: Evidence = "observed") -> Rate:
    return Rate(
        usage=usage,
        region=region,
        dimension=dimension,
        usd=Decimal(usd),
        per=BY_KEY[usage].rate_unit,
        from_date=date(2026, 9, 22),
        source="test",
        origin="made for a test",
        evidence=evidence,
    )


SMALL = PriceBook.of(
    [
        rate("hosting_instance_s", "us-east-1", "1", "ml.a.large"),
        rate("hosting_instance_s", "us-east-1", "2", "ml.b.large"),
        rate("hosting_instance_s", "us-east-1", "3", "ml.c.large"),
        rate("hosting_instance_s", "eu-west-1", "1.1", "ml.a.large"),
        rate("hosting_instance_s", "eu-west-1", "2.4", "ml.b.large"),
        rate("s3_put_requests", "us-east-1", "0.005"),
        rate("s3_put_requests", "ap-east-1", "0.006"),
        rate("sns_publish_requests", "ap-east-1", "0.6"),
    ]
)


def test_an_asynchronous_instance_is_estimated_at_what_a_real_time_one_costs_there() -> None:
    found = SMALL.price("async_instance_s", "eu-west-1", "ml.b.large", DAY)
    assert (found.usd, found.evidence, found.region) == (Decimal("2.4"), "estimated", "eu-west-1")
    assert found.note == "what real-time instances of this type cost here"


def test_an_instance_of_another_region_is_raised_by_the_median_ratio_of_the_two() -> None:
    """1.1 and 1.2 times as dear: 1.15 x 3."""
    found = SMALL.price("hosting_instance_s", "eu-west-1", "ml.c.large", DAY)
    assert (found.usd, found.per, found.evidence) == (Decimal("3.45"), "instance-hour", "estimated")
    assert found.note == (
        "the price of us-east-1 × 1.15, the median ratio of the 2 prices of both; AWS may not offer it here"
    )


def test_what_has_nothing_to_compare_by_costs_what_it_costs_in_us_east_1_or_else_in_the_first_region() -> None:
    assert SMALL.price("s3_put_requests", "eu-west-1", "", DAY).usd == Decimal("0.005")
    found = SMALL.price("sns_publish_requests", "eu-west-1", "", DAY)
    assert (found.usd, found.note) == (Decimal("0.6"), "the price of ap-east-1")


def test_what_no_region_prices_has_no_estimate_and_stays_a_gap() -> None:
    with pytest.raises(NoPrice, match="No Region has one"):
        SMALL.price("internet_out_gb", "eu-west-1", "", DAY)
    with pytest.raises(NoPrice):
        SMALL.price("hosting_instance_s", "us-east-1", "ml.a.large", date(2026, 1, 1))


def test_a_known_price_and_one_of_the_users_own_come_before_an_estimate() -> None:
    assert SMALL.price("hosting_instance_s", "eu-west-1", "ml.b.large", DAY).evidence == "observed"
    own = SMALL.with_overrides([Override("async_instance_s", "ml.b.large", Decimal("0.5"))])
    assert own.price("async_instance_s", "eu-west-1", "ml.b.large", DAY).evidence == "override"


def test_an_estimate_is_no_price_of_the_book() -> None:
    SMALL.price("async_instance_s", "eu-west-1", "ml.b.large", DAY)
    with pytest.raises(NoPrice):
        SMALL.find("async_instance_s", "eu-west-1", "ml.b.large", DAY)
    assert "async_instance_s" not in {found.usage for found in SMALL.rates("eu-west-1", DAY)}


def test_a_bill_counts_an_estimate_and_marks_it() -> None:
    quantities = [Quantity("async_instance_s", "ml.b.large", HOUR_S), Quantity("s3_put_requests", "", Decimal(1000))]
    bill = make_bill(quantities, SMALL, "eu-west-1", DAY)
    assert bill.total_usd == Decimal("2.405")
    assert [line.usage for line in bill.estimates] == ["async_instance_s", "s3_put_requests"]
    assert bill.complete
    assert not make_bill([Quantity("internet_out_gb", "", Decimal(1))], SMALL, "eu-west-1", DAY).complete


def test_tiers_are_estimated_each(book: PriceBook) -> None:
    found = book.price("internet_out_gb", "ap-southeast-6", "", DAY)
    known = book.find("internet_out_gb", "us-east-1", "", DAY)
    assert found.evidence == "estimated"
    assert found.tiers == known.tiers


def test_estimates_of_prices_that_are_known_are_mostly_close(book: PriceBook) -> None:
    """Of every ninth real-time price that is known, estimated as if it were not."""
    history = {
        place: (found,)
        for region in book.regions()
        for found in book.rates(region, DAY)
        if (place := found.place).usage == "hosting_instance_s"
    }
    errors = []
    for place in list(history)[::9]:
        rest = {other: rates for other, rates in history.items() if other != place}
        guess = estimated.estimate(rest, RatePlace(*place), DAY)
        if guess is not None:
            errors.append(float(abs(guess.usd / history[place][0].usd - 1)))
    assert len(errors) > 400
    assert median(errors) < 0.02
    assert sorted(errors)[int(0.9 * len(errors))] < 0.1
