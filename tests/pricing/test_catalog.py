"""What the shipped catalog says: read by eye from the sources, and what must never slip in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pricing.book import PriceBook
from pricing.errors import NoPrice
from pricing.keys import KEYS, MEMORY_SIZES_MB, DimensionKind
from pricing.load import load_sources

DAY = date(2026, 11, 1)
CATALOG = Path(__file__).parents[2] / "pricing" / "catalog"

# (usage, region, dimension, USD per rate unit), read by eye from the sources named in the catalog's README.
KNOWN = [
    ("hosting_instance_s", "us-east-1", "ml.m5.xlarge", "0.23"),
    ("hosting_instance_s", "us-east-1", "ml.p4d.24xlarge", "25.2512883"),
    ("hosting_instance_s", "us-east-1", "ml.p5.48xlarge", "63.296"),
    ("hosting_instance_s", "us-east-1", "ml.t2.medium", "0.056"),
    ("hosting_instance_s", "us-east-1", "ml.p6-b200.48xlarge", "131.02272"),
    ("hosting_instance_s", "af-south-1", "ml.c5.2xlarge", "0.547"),
    ("async_instance_s", "us-east-1", "ml.g6e.2xlarge", "2.8026"),
    ("batch_instance_s", "us-west-2", "ml.g5.xlarge", "1.408"),
    ("batch_instance_s", "eu-west-3", "ml.g4dn.xlarge", "0.861"),
    ("serverless_duration_s", "us-east-1", "1024", "0.00002"),
    ("serverless_duration_s", "us-east-1", "6144", "0.00012"),
    ("serverless_pc_usage_s", "us-east-1", "2048", "0.00001"),
    ("serverless_pc_duration_s", "us-east-1", "2048", "0.0000233"),
    ("realtime_data_in_gb", "eu-west-1", "", "0.016"),
    ("async_data_out_gb", "us-east-1", "", "0.016"),
    ("s3_put_requests", "us-east-1", "", "0.005"),
    ("s3_put_requests", "eu-central-1", "", "0.0054"),
    ("s3_get_requests", "us-east-1", "", "0.0004"),
    ("s3_storage_gb_month", "us-east-1", "", "0.023"),
    ("sns_publish_requests", "us-east-1", "", "0.5"),
    ("sns_publish_requests", "af-south-1", "", "0.595"),
    ("cloudwatch_alarm_months", "sa-east-1", "", "0.135"),
    ("cloudwatch_high_resolution_alarm_months", "us-east-1", "", "0.3"),
    ("internet_out_gb", "us-east-1", "", "0.09"),
]


@pytest.mark.parametrize(("usage", "region", "dimension", "usd"), KNOWN)
def test_a_price_as_read_from_its_source(book: PriceBook, usage: str, region: str, dimension: str, usd: str) -> None:
    assert book.find(usage, region, dimension, DAY).usd == Decimal(usd)


def test_every_usage_key_is_priced_in_us_east_1(book: PriceBook) -> None:
    dimensions = {
        DimensionKind.NONE: ("",),
        DimensionKind.MEMORY_SIZE: MEMORY_SIZES_MB,
        DimensionKind.INSTANCE_TYPE: ("ml.m5.xlarge", "ml.c5.xlarge", "ml.g5.xlarge"),
    }
    for key in KEYS:
        for dimension in dimensions[key.dimension]:
            assert book.find(key.key, "us-east-1", dimension, DAY).per == key.rate_unit


def test_evidence_is_told_apart(book: PriceBook) -> None:
    assert book.find("serverless_duration_s", "us-east-1", "2048", DAY).evidence == "observed"
    assert book.find("serverless_duration_s", "us-east-1", "3072", date(2026, 8, 1)).evidence == "hand_kept"
    assert book.find("serverless_duration_s", "us-east-1", "3072", DAY).evidence == "observed"
    assert book.find("serverless_pc_usage_s", "us-east-1", "1024", DAY).evidence == "derived"
    assert book.find("serverless_pc_usage_s", "us-east-1", "2048", DAY).evidence == "observed"
    assert book.find("async_data_in_gb", "us-east-1", "", DAY).evidence == "derived"


def test_derived_instance_rates_equal_hosting_and_say_their_rule(book: PriceBook) -> None:
    counted = 0
    for region in book.regions():
        for rate in book.rates(region, DAY):
            if rate.evidence == "derived" and rate.usage.endswith("instance_s"):
                like = book.find("hosting_instance_s", region, rate.dimension, rate.from_date)
                assert (rate.usd, rate.source, rate.from_date) == (like.usd, like.source, like.from_date)
                assert rate.note.startswith("Derived: ")
                counted += 1
    assert counted == 5558


def test_an_observed_rate_is_not_replaced_by_a_derived_one(book: PriceBook) -> None:
    assert book.find("batch_instance_s", "us-west-2", "ml.g5.xlarge", DAY).evidence == "observed"
    assert book.find("async_instance_s", "us-east-1", "ml.g6e.2xlarge", DAY).evidence == "observed"
    assert "This family was among them" in book.find("async_instance_s", "us-west-2", "ml.g6.xlarge", DAY).note
    assert "This family was not among them" in book.find("async_instance_s", "us-west-2", "ml.m5.xlarge", DAY).note


@pytest.mark.parametrize(
    ("usage", "region", "dimension", "why"),
    [
        ("async_instance_s", "eu-west-3", "ml.g4dn.xlarge", "2026-10-04"),
        ("async_instance_s", "us-east-1", "ml.g4dn.xlarge", "none is assumed"),
        ("batch_instance_s", "us-west-2", "ml.p4d.24xlarge", "p4d and p5"),
        ("batch_instance_s", "us-west-2", "ml.p5.48xlarge", "p4d and p5"),
        ("hosting_instance_s", "us-east-1", "ml.eia2.medium", "Elastic Inference"),
        ("hosting_instance_s", "us-east-1", "ml.t3.medium", "CreateEndpointConfig"),
    ],
)
def test_prices_left_out_on_purpose_are_gaps_that_say_why(
    book: PriceBook, usage: str, region: str, dimension: str, why: str
) -> None:
    with pytest.raises(NoPrice, match="Left out on purpose") as caught:
        book.find(usage, region, dimension, DAY)
    assert why in str(caught.value)


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2"])
def test_a_price_that_two_readings_have_is_used_and_says_why_it_looks_odd(book: PriceBook, region: str) -> None:
    odd = book.find("hosting_instance_s", region, "ml.r8g.large", DAY)
    assert odd.usd == 2 * book.find("hosting_instance_s", "us-east-2", "ml.r8g.large", DAY).usd
    assert "Two readings" in odd.note


def test_no_retired_refused_or_local_zone_rows(book: PriceBook) -> None:
    everywhere = {name for region in book.regions() for name in book.instance_types(region)}
    assert not [name for name in everywhere if name.startswith(("ml.eia", "ml.t3.", "ml.m7g.", "ml.r7g."))]
    assert "us-east-1-atl-1" not in book.regions()


def test_a_size_out_of_line_with_its_family_says_so(book: PriceBook) -> None:
    assert "8.1 % below" in book.find("hosting_instance_s", "eu-west-1", "ml.inf2.xlarge", DAY).note
    assert "8.1 % below" in book.find("async_instance_s", "eu-west-1", "ml.inf2.xlarge", DAY).note


def test_every_source_is_used_and_described_in_the_readme(book: PriceBook, files: dict[str, str]) -> None:
    used = {line.split(",")[4] for name in ("hosting.csv", "async.csv", "batch.csv") for line in _body(files[name])}
    used |= {line.split('"')[1] for text in files.values() for line in text.splitlines() if line.startswith("source =")}
    sources = load_sources(files["sources.toml"])
    assert used == set(sources)
    readme = (CATALOG / "README.md").read_text(encoding="utf-8")
    for name, source in sources.items():
        row = f"| {name} | {source.origin} | {source.date} | {source.licence} | {source.gave} |"
        assert row in readme, f"pricing/catalog/README.md lacks the row\n{row}"


def test_the_catalog_stays_small() -> None:
    assert sum(path.stat().st_size for path in CATALOG.iterdir()) < 500_000


def _body(text: str) -> list[str]:
    return text.splitlines()[1:]


def test_the_digest_is_pinned(book: PriceBook) -> None:
    told = (
        "The prices changed. If you appended rates with a later from_date on purpose: put the new digest here, add a "
        "[PRICES] line to CHANGELOG.md saying which rates and which source, and look at docs/prices.md. If you did not "
        "mean to change a price, or overwrote a rate instead of appending one, undo it."
    )
    assert book.version == "15e17e05c624", told
