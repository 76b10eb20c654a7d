"""Finding a rate: dates, gaps, overrides, identity."""

from __future__ import annotations

import pickle
from datetime import date, timedelta
from decimal import Decimal

import pytest

from pricing.book import Override, PriceBook
from pricing.errors import BadOverrides, NoPrice
from pricing.rates import Rate

DAY = date(2026, 11, 1)
PLACE = ("hosting_instance_s", "us-east-1", "ml.m5.xlarge")


def rate(usd: str, from_date: date, dimension: str = "ml.m5.xlarge", region: str = "us-east-1") -> Rate:
    return Rate(
        usage="hosting_instance_s",
        region=region,
        dimension=dimension,
        usd=Decimal(usd),
        per="instance-hour",
        from_date=from_date,
        source="here",
        origin="a test",
        evidence="observed",
    )


@pytest.fixture
def small() -> PriceBook:
    return PriceBook.of([rate("0.269", date(2020, 1, 1)), rate("0.23", date(2021, 11, 1))])


def test_the_latest_from_date_on_or_before_the_day_wins(small: PriceBook) -> None:
    assert small.find(*PLACE, date(2020, 1, 1)).usd == Decimal("0.269")
    assert small.find(*PLACE, date(2021, 10, 31)).usd == Decimal("0.269")
    assert small.find(*PLACE, date(2021, 11, 1)).usd == Decimal("0.23")
    assert small.find(*PLACE, date(2030, 1, 1)).usd == Decimal("0.23")


def test_before_the_first_date_there_is_no_price_and_the_message_says_since_when(small: PriceBook) -> None:
    with pytest.raises(NoPrice, match=r"on 2019-12-31\. The earliest one known is of 2020-01-01\."):
        small.find(*PLACE, date(2019, 12, 31))


def test_the_order_of_rates_does_not_matter() -> None:
    rates = [rate("1", DAY), rate("2", DAY + timedelta(1)), rate("3", DAY, "ml.c5.large")]
    assert PriceBook.of(rates) == PriceBook.of(rates[::-1])
    assert len({PriceBook.of(rates), PriceBook.of(rates[::-1])}) == 1


def test_any_change_of_content_changes_the_version(small: PriceBook) -> None:
    assert PriceBook.of([rate("0.269", date(2020, 1, 1)), rate("0.231", date(2021, 11, 1))]) != small
    assert PriceBook.of([rate("0.269", date(2020, 1, 2)), rate("0.23", date(2021, 11, 1))]) != small


def test_a_gap_names_neighbours_and_says_that_a_price_can_be_entered(book: PriceBook) -> None:
    with pytest.raises(NoPrice) as caught:
        book.find("hosting_instance_s", "us-east-1", "ml.m5.xlarg", DAY)
    message = str(caught.value)
    assert message.startswith("No price for Real-time instances (ml.m5.xlarg) in us-east-1 on 2026-11-01.")
    assert "Priced in us-east-1: ml.m5.xlarge" in message
    assert message.endswith("You can enter a price yourself, in USD per instance-hour.")


def test_a_gap_names_the_regions_that_have_the_price(book: PriceBook) -> None:
    with pytest.raises(NoPrice, match=r"Serverless compute \(2048\) in ap-south-2 .* other Regions: ap-south-1,"):
        book.find("serverless_duration_s", "ap-south-2", "2048", DAY)
    with pytest.raises(NoPrice, match=r"'1000' is not one of 1024"):
        book.find("serverless_duration_s", "us-east-1", "1000", DAY)
    with pytest.raises(NoPrice, match=r"not a usage key\. Nearest: .*s3_put_requests"):
        book.find("s3_puts_requests", "us-east-1", "", DAY)


def test_a_gap_is_a_gap_in_a_region_that_does_not_exist(book: PriceBook) -> None:
    with pytest.raises(NoPrice, match="mars-1"):
        book.find("hosting_instance_s", "mars-1", "ml.m5.xlarge", DAY)
    assert book.instance_types("mars-1") == ()
    assert book.rates("mars-1", DAY) == ()


def test_instance_types_go_by_family_then_size(book: PriceBook) -> None:
    types = book.instance_types("us-east-1")
    m5 = [name for name in types if name.startswith("ml.m5.")]
    sizes = ["large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge"]
    assert m5 == [f"ml.m5.{size}" for size in sizes]
    assert len(types) == len(set(types))


def test_every_rate_of_the_book_holds_on_its_newest_day(book: PriceBook) -> None:
    assert book.newest == date(2026, 10, 4)
    assert len(book.rates("us-east-1", book.newest)) == len(book.rates("us-east-1", date(9999, 1, 1)))


# -- overrides --------------------------------------------------------------------------------------------------------

CHEAP = Override("hosting_instance_s", "ml.m5.xlarge", Decimal("0.15"))


def test_an_override_stands_in_and_keeps_what_it_replaced(book: PriceBook) -> None:
    found = book.with_overrides([CHEAP]).find(*PLACE, DAY)
    assert (found.usd, found.evidence, found.from_date) == (Decimal("0.15"), "override", DAY)
    assert found.replaced is not None
    assert found.replaced.usd == Decimal("0.23")
    assert book.find(*PLACE, DAY).evidence == "observed"


def test_two_books_with_other_prices_entered_are_not_equal(book: PriceBook) -> None:
    dearer = Override(CHEAP.usage, CHEAP.dimension, CHEAP.usd + Decimal("0.01"))
    assert book.with_overrides([CHEAP]) != book.with_overrides([dearer])


def test_a_price_may_have_forty_digits_and_no_more(book: PriceBook) -> None:
    smallest = book.with_overrides([Override("internet_out_gb", "", Decimal("1E-40"))])
    assert smallest.overrides[0].usd == Decimal("1E-40")
    with pytest.raises(BadOverrides, match=r"at most 40 digits\. Check the unit of the price\."):
        book.with_overrides([Override("internet_out_gb", "", Decimal("1E-41"))])


def test_an_override_fills_a_gap(book: PriceBook) -> None:
    mine = book.with_overrides([Override("serverless_duration_s", "2048", Decimal("0.00005"))])
    found = mine.find("serverless_duration_s", "ap-south-2", "2048", DAY)
    assert found.usd == Decimal("0.00005")
    assert found.replaced is None
    assert found in mine.rates("ap-south-2", DAY)


def test_an_overridden_instance_type_can_be_chosen(book: PriceBook) -> None:
    mine = book.with_overrides([Override("hosting_instance_s", "ml.x9.large", Decimal(1))])
    assert "ml.x9.large" in mine.instance_types("us-east-1")
    assert "ml.x9.large" not in mine.instance_types("us-east-1", "batch_instance_s")


def test_overrides_are_part_of_the_version_and_can_be_taken_back(book: PriceBook) -> None:
    mine = book.with_overrides([CHEAP])
    assert mine != book
    assert mine.version.startswith(book.version)
    assert mine.with_overrides([]) == book
    assert mine.with_overrides([CHEAP]) == mine
    assert mine.overrides == (CHEAP,)


def test_an_override_of_a_tiered_price_is_flat(book: PriceBook) -> None:
    mine = book.with_overrides([Override("internet_out_gb", "", Decimal("0.02"))])
    assert mine.find("internet_out_gb", "us-east-1", "", DAY).tiers == ()


def test_zero_is_a_price_a_user_may_enter(book: PriceBook) -> None:
    mine = book.with_overrides([Override("realtime_data_in_gb", "", Decimal(0))])
    assert mine.find("realtime_data_in_gb", "eu-north-1", "", DAY).usd == 0


@pytest.mark.parametrize("usd", ["NaN", "sNaN", "Infinity", "-Infinity", "-0.01", "1001", "1E-999999", "1E+999999"])
def test_a_price_that_cannot_be_is_refused(book: PriceBook, usd: str) -> None:
    with pytest.raises(BadOverrides, match=r"overrides\[0\]\.usd: given .*; allowed: 0 to 1000 USD per instance-hour"):
        book.with_overrides([Override("hosting_instance_s", "ml.m5.xlarge", Decimal(usd))])


def test_every_problem_of_the_overrides_comes_at_once(book: PriceBook) -> None:
    with pytest.raises(BadOverrides) as caught:
        book.with_overrides(
            [
                Override("hosting_instance", "ml.m5.xlarge", Decimal(1)),
                Override("hosting_instance_s", "m5.xlarge", Decimal(-1)),
                CHEAP,
                CHEAP,
            ]
        )
    problems = caught.value.problems
    assert [p.where for p in problems] == [
        "overrides[0].usage",
        "overrides[1].dimension",
        "overrides[1].usd",
        "overrides[3]",
    ]
    assert "hosting_instance_s" in problems[0].allowed


def test_a_book_survives_pickling(book: PriceBook) -> None:
    mine = book.with_overrides([CHEAP])
    again = pickle.loads(pickle.dumps(mine))
    assert again == mine
    assert again.find(*PLACE, DAY) == mine.find(*PLACE, DAY)
