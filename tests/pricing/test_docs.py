"""The numbers on docs/prices.md are the catalog's."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pricing.bill import Quantity, make_bill
from pricing.book import PriceBook
from pricing.keys import KEYS
from pricing.rates import Rate

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def page() -> str:
    return (DOCS / "prices.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rates(book: PriceBook) -> list[Rate]:
    return [rate for region in book.regions() for rate in book.rates(region, book.newest)]


def test_the_table_of_ages(page: str, rates: list[Rate]) -> None:
    table = []
    for key in KEYS:
        mine = [rate for rate in rates if rate.usage == key.key]
        days = [rate.from_date for rate in mine]
        regions = len({rate.region for rate in mine})
        table.append(f"| {key.key} | {len(mine)} | {regions} | {min(days)} | {max(days)} |")
    assert "\n".join(table) in page, "docs/prices.md, How old are they: the rows should be\n" + "\n".join(table)


def test_the_table_of_evidence(page: str, rates: list[Rate]) -> None:
    counted = Counter(rate.evidence for rate in rates)
    assert set(counted) == {"observed", "derived"}
    for evidence, count in counted.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| {evidence} |"))
        assert row.endswith(f"| {count} |"), f"docs/prices.md: {evidence} should count {count}"


def test_the_ground_of_the_derived_prices(page: str, book: PriceBook, rates: list[Rate]) -> None:
    equal: Counter[str] = Counter()
    read: Counter[str] = Counter()
    for rate in rates:
        if rate.usage in {"async_instance_s", "batch_instance_s"} and rate.evidence == "observed":
            hosting = book.find("hosting_instance_s", rate.region, rate.dimension, book.newest).usd
            assert abs(rate.usd - hosting) <= Decimal("0.0005")
            read[rate.usage] += 1
            equal[rate.usage] += rate.usd == hosting
    for usage, word in (("async_instance_s", "asynchronous"), ("batch_instance_s", "batch")):
        assert f"{equal[usage]} of {read[usage]} {word}" in page
    derived = book.find("batch_instance_s", "us-east-1", "ml.m5.xlarge", book.newest)
    assert f"{equal['batch_instance_s']} of {read['batch_instance_s']} readings" in derived.note


def test_the_amounts_in_the_text(page: str, book: PriceBook) -> None:
    day = date(2026, 11, 1)
    second = make_bill([Quantity("hosting_instance_s", "ml.m5.xlarge", Decimal(1))], book, "us-east-1", day)
    transfer = make_bill([Quantity("internet_out_gb", "", Decimal(50 * 1024))], book, "sa-east-1", day)
    assert f"1 s of ml.m5.xlarge in us-east-1 is {second.total_usd} USD" in page
    assert f"sa-east-1 to the internet cost {transfer.total_usd.normalize()} USD" in page
    async_gb = book.find("async_data_in_gb", "us-east-1", "", day)
    assert f"{async_gb.usd} USD per GB" in page
    assert Decimal("0.02") / async_gb.usd == Decimal("1.25")


def test_the_gaps_named_in_the_text(page: str, book: PriceBook, rates: list[Rate]) -> None:
    def regions(prefix: str) -> set[str]:
        return {rate.region for rate in rates if rate.usage.startswith(prefix)}

    assert f"in all {len(regions('serverless_'))} Regions" in page
    assert regions("realtime_data") == regions("async_data")
    assert {region for region in book.regions() if region not in regions("realtime_data")} == {
        "us-gov-east-1",
        "us-gov-west-1",
    }
    lacking = set(book.regions()) - regions("s3_")
    assert lacking == {"ap-southeast-6"}
    assert "Everything but instances and data processed in ap-southeast-6" in page
    assert not [r for r in rates if r.usage == "batch_instance_s" and r.dimension.startswith(("ml.p4d.", "ml.p5."))]
    assert not [r for r in rates if r.usage == "async_instance_s" and r.dimension == "ml.g4dn.xlarge"]
