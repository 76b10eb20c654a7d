"""A catalogue of one's own over the packaged one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.book import PriceBook
from pricing.errors import BadCatalog
from pricing.keys import BY_KEY
from pricing.load import load
from pricing.rates import Rate
from pricing.user_catalog import COLUMNS, changes, read, write

DAY = date(2026, 11, 1)
PLACE = ("hosting_instance_s", "us-east-1", "ml.m5.xlarge")


def rate(usd: str, on: date = DAY, place: tuple[str, str, str] = PLACE) -> Rate:
    return Rate(
        usage=place[0],
        region=place[1],
        dimension=place[2],
        usd=Decimal(usd),
        per=BY_KEY[place[0]].rate_unit,
        from_date=on,
        source="aws-offer-1",
        origin="AWS price list",
        evidence="observed",
    )


texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)


@given(
    st.lists(
        st.builds(
            lambda rate, days, note, origin: replace(
                rate, from_date=DAY + timedelta(days=days), note=note, origin=origin
            ),
            st.sampled_from(
                [rate("0.5"), rate("0.00000001"), rate("0.25", place=("internet_out_gb", "eu-west-1", ""))]
            ),
            st.integers(0, 10_000),
            texts,
            texts,
        ),
        max_size=5,
        unique_by=lambda rate: (rate.place, rate.from_date),
    )
)
def test_what_is_written_is_read(rates: list[Rate]) -> None:
    assert read(write(rates), "prices.csv") == tuple(rates)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("usage", "hosting"), "line 2, usage: given 'hosting'"),
        (("dimension", "m5.xlarge"), "line 2, dimension"),
        (("usd", "1e3"), "line 2, usd: given '1e3'"),
        (("usd", "9999"), "at most 1000 USD per instance-hour"),
        (("per", "second"), "line 2, per: given 'second'; allowed: instance-hour"),
        (("from_date", "yesterday"), "line 2, from_date"),
        (("region", "mars"), "line 2, region"),
        (("evidence", "guessed"), "line 2, evidence"),
    ],
)
def test_a_value_that_cannot_be_is_named_by_line_and_column(change: tuple[str, str], words: str) -> None:
    header, line, *_ = write([rate("0.5")]).splitlines()
    values = dict(zip(COLUMNS, line.split(","), strict=True)) | dict([change])
    with pytest.raises(BadCatalog, match=r"prices\.csv, ") as caught:
        read(f"{header}\n{','.join(values.values())}\n", "prices.csv")
    assert words in str(caught.value)


def test_twice_the_same_day_is_refused() -> None:
    with pytest.raises(BadCatalog, match="one price a day"):
        read(write([rate("0.5"), rate("0.6")]), "prices.csv")


def test_the_later_day_holds_and_the_packaged_price_before_it(files: dict[str, str], book: PriceBook) -> None:
    mine = load(files, [rate("0.5")])
    assert mine.find(*PLACE, DAY).usd == Decimal("0.5")
    assert mine.find(*PLACE, DAY - timedelta(days=1)).usd == book.find(*PLACE, DAY).usd
    assert mine.newest == max(book.newest, DAY)


def test_of_the_same_day_the_own_price_holds(files: dict[str, str], book: PriceBook) -> None:
    packaged = book.find(*PLACE, DAY)
    assert load(files, [rate("0.5", packaged.from_date)]).find(*PLACE, DAY).usd == Decimal("0.5")


def test_a_price_that_was_left_out_on_purpose_can_be_had(files: dict[str, str]) -> None:
    place = ("async_instance_s", "eu-west-3", "ml.g4dn.xlarge")
    assert load(files, [rate("0.8", place=place)]).find(*place, DAY).usd == Decimal("0.8")


def test_a_hosting_price_of_ones_own_reaches_what_is_derived_from_it(files: dict[str, str]) -> None:
    derived = load(files, [rate("0.5")]).find("async_instance_s", "us-east-1", "ml.m5.xlarge", DAY)
    assert (derived.usd, derived.evidence) == (Decimal("0.5"), "derived")


@pytest.mark.parametrize(("usd", "large"), [("0.276", False), ("0.2761", True), ("0.184", False), ("0.1839", True)])
def test_a_fifth_is_the_bound_of_a_large_change(
    files: dict[str, str], book: PriceBook, usd: str, *, large: bool
) -> None:
    found = [change for change in changes(book, load(files, [rate(usd)]), ["us-east-1"]) if change.place == PLACE]
    assert [change.large for change in found] == [large]
