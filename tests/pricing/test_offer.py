"""AWS's price list, read: what is kept, what is passed over, what is reported."""

from __future__ import annotations

import copy
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.errors import PriceError
from pricing.offer import BadOffer, read_bulk, read_query

FOLDER = Path(__file__).parent / "price_lists"
BULK = (FOLDER / "offer_file.json").read_text(encoding="utf-8")
QUERY = json.loads((FOLDER / "get_products.json").read_text(encoding="utf-8"))["PriceList"]
SKU = "JDZQJFUVUR8SUWHS"


def offer() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(BULK)
    return data


def price_of(data: dict[str, Any], sku: str) -> dict[str, Any]:
    (term,) = data["terms"]["OnDemand"][sku].values()
    (dimension,) = term["priceDimensions"].values()
    assert isinstance(dimension, dict)
    return dimension


def test_each_meter_becomes_its_usage_key() -> None:
    reading = read_bulk(BULK, "file")
    assert [(rate.usage, rate.region, rate.dimension, rate.usd) for rate in reading.rates] == [
        ("hosting_instance_s", "eu-west-1", "ml.m5.large", Decimal("0.128")),
        ("hosting_instance_s", "us-east-1", "ml.g6e.2xlarge", Decimal("2.8026")),
        ("hosting_instance_s", "us-east-1", "ml.m5.xlarge", Decimal("0.23")),
        ("async_instance_s", "us-east-1", "ml.g6e.2xlarge", Decimal("2.8026")),
        ("batch_instance_s", "eu-west-3", "ml.g4dn.xlarge", Decimal("0.861")),
        ("endpoint_volume_gb_month", "us-east-1", "", Decimal("0.14")),
        ("serverless_duration_s", "us-east-1", "1024", Decimal("0.00002")),
        ("serverless_duration_s", "us-east-1", "2048", Decimal("0.00004")),
        ("serverless_duration_s", "us-east-1", "6144", Decimal("0.00012")),
        ("serverless_pc_usage_s", "us-east-1", "2048", Decimal("0.00001")),
        ("serverless_pc_duration_s", "us-east-1", "2048", Decimal("0.0000233")),
        ("realtime_data_in_gb", "us-east-1", "", Decimal("0.016")),
        ("realtime_data_out_gb", "us-east-1", "", Decimal("0.016")),
    ]
    assert reading.published == date(2026, 5, 20)
    assert reading.skipped == ()


def test_the_query_api_and_the_file_say_the_same() -> None:
    found = [(rate.usage, rate.region, rate.dimension, rate.usd) for rate in read_query(QUERY, "api").rates]
    assert found == [(rate.usage, rate.region, rate.dimension, rate.usd) for rate in read_bulk(BULK, "file").rates]


def test_a_rate_holds_from_the_day_of_the_list_and_names_its_sku() -> None:
    rate = next(rate for rate in read_bulk(BULK, "index.json").rates if rate.dimension == "ml.m5.xlarge")
    assert (rate.from_date, rate.evidence, rate.note) == (date(2026, 5, 20), "observed", "In force since 2026-05-01")
    assert SKU in rate.origin
    assert "index.json" in rate.origin


@pytest.mark.parametrize("place", ["AWS Outposts", "AWS Local Zone"])
def test_only_regions_are_read(place: str) -> None:
    data = offer()
    data["products"][SKU]["attributes"]["locationType"] = place
    assert not [rate for rate in read_bulk(json.dumps(data), "file").rates if rate.dimension == "ml.m5.xlarge"]


def test_of_two_skus_of_one_place_the_newer_is_taken_and_both_are_told() -> None:
    data = offer()
    data["products"]["TWIN"] = {**copy.deepcopy(data["products"][SKU]), "sku": "TWIN"}
    (term,) = copy.deepcopy(data["terms"]["OnDemand"][SKU]).values()
    term["effectiveDate"] = "2026-05-19T00:00:00Z"
    data["terms"]["OnDemand"]["TWIN"] = {"TWIN.X": term}
    price_of(data, "TWIN")["pricePerUnit"]["USD"] = "0.2400000000"
    reading = read_bulk(json.dumps(data), "file")
    (rate,) = [rate for rate in reading.rates if rate.dimension == "ml.m5.xlarge"]
    assert rate.usd == Decimal("0.24")
    (told,) = reading.skipped
    assert SKU in told
    assert "TWIN at 0.24" in told


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("unit", "Quantity", "given unit 'Quantity'; allowed: hrs or hours"),
        ("beginRange", "1024", "one, from 0 on"),
        ("pricePerUnit", {"USD": "1e-3"}, "in plain decimals"),
        ("pricePerUnit", {"CNY": "1.0"}, "in plain decimals"),
        ("pricePerUnit", {"USD": "230000"}, "0 to 1000 USD per instance-hour"),
        ("pricePerUnit", {"USD": "-1"}, "in plain decimals"),
    ],
)
def test_what_cannot_be_read_is_told_and_not_guessed(field: str, value: object, words: str) -> None:
    data = offer()
    price_of(data, SKU)[field] = value
    reading = read_bulk(json.dumps(data), "file")
    assert not [rate for rate in reading.rates if rate.dimension == "ml.m5.xlarge"]
    (told,) = reading.skipped
    assert told.startswith(f"{SKU}: ")
    assert words in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("[]", "given offerCode 'list'"),
        ('{"offerCode": "AmazonEC2"}', "given offerCode 'AmazonEC2'"),
        ('{"offerCode": "AmazonSageMaker"}', "no 'terms'"),
        ('{"offerCode": "AmazonSageMaker", "terms": {"OnDemand": {}}, "products": {}}', "publicationDate ''"),
    ],
)
def test_a_file_that_is_no_price_list_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadOffer, match=words):
        read_bulk(text, "file")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def is_read_or_refused(text: str, *, query: bool = False) -> bool:
    """Whether a price list is read, or refused with an error that is meant for the user; any other error is let out."""
    try:
        return bool((read_query([text], "list") if query else read_bulk(text, "list")).version)
    except PriceError as error:
        return "list: " in str(error)


@given(st.sampled_from(["products", "terms", "publicationDate", "offerCode"]), json_values)
def test_no_change_of_the_file_ends_in_another_error(part: str, value: object) -> None:
    data = offer()
    data[part] = value
    assert is_read_or_refused(json.dumps(data))


@given(st.sampled_from(["product", "terms"]), json_values)
def test_no_change_of_an_answer_ends_in_another_error(part: str, value: object) -> None:
    product = json.loads(QUERY[0])
    product[part] = value
    assert is_read_or_refused(json.dumps(product), query=True)


@given(json_values)
def test_no_change_of_a_product_or_a_term_ends_in_another_error(value: object) -> None:
    data = offer()
    data["products"][SKU]["attributes"] = value
    assert is_read_or_refused(json.dumps(data))
    data = offer()
    data["terms"]["OnDemand"][SKU] = value
    assert is_read_or_refused(json.dumps(data))
    data = offer()
    (term,) = data["terms"]["OnDemand"][SKU].values()
    term["priceDimensions"] = {"x": value}
    assert is_read_or_refused(json.dumps(data))
