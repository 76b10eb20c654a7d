"""Rates read from AWS's own price list: a bulk offer file of AmazonSageMaker, or the answers of its Query API.

Pure: the caller fetches. Both forms hold products with attributes and on-demand terms; the bulk file keys terms by SKU,
the Query API has them beside each product. What is kept, and the usage key that it becomes:

| usage key | product |
|---|---|
| hosting_instance_s | component Hosting, per hour, by instanceName |
| async_instance_s | component AsyncInf |
| batch_instance_s | component BatchTransform |
| serverless_duration_s | usage type ServerlessInf:Mem-nGB, per second |
| serverless_pc_usage_s | usage type ProvisionedConcurrency:Usage-nGB, kept ready |
| serverless_pc_duration_s | usage type ProvisionedConcurrency:Mem-nGB, running |
| endpoint_volume_gb_month | usage type Host:VolumeUsage.gp2 |
| realtime_data_in_gb, realtime_data_out_gb | groups Hosting:IN and Hosting:OUT |

Everything else in the list is another service's, a free-tier parent at 0 USD, or an upfront fee, and is passed over.
What looks like one of these and cannot be read is reported, never guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pricing import keys
from pricing.errors import PriceError
from pricing.rates import Rate
from pricing.rows import PLAIN_DECIMAL

OFFER_CODE = "AmazonSageMaker"

_COMPONENTS = {"Hosting": "hosting_instance_s", "AsyncInf": "async_instance_s", "BatchTransform": "batch_instance_s"}
_SERVERLESS = (
    ("serverless_duration_s", re.compile(r"(?:^|-)ServerlessInf:Mem-([1-6])GB$")),
    ("serverless_pc_usage_s", re.compile(r"(?:^|-)ProvisionedConcurrency:Usage-([1-6])GB$")),
    ("serverless_pc_duration_s", re.compile(r"(?:^|-)ProvisionedConcurrency:Mem-([1-6])GB$")),
)
_VOLUME = re.compile(r"(?:^|-)Host:VolumeUsage\.gp2$")
_DATA = {"Hosting:IN": "realtime_data_in_gb", "Hosting:OUT": "realtime_data_out_gb"}
_UNITS = {"instance-hour": ("hrs", "hours"), "second": ("second", "seconds"), "GB": ("gb",), "GB-month": ("gb-mo",)}
MB_PER_GB = 1024


class BadOffer(PriceError):
    """A price list that cannot be read: where it came from, what was given, what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a price list says. published: the day of the list, from which its rates are known to hold.

    rates: one for each place, in the order of the keys. skipped: products that look like ours and could not be read,
    with the reason.
    """

    version: str
    published: date
    rates: tuple[Rate, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Product:
    """One product with its on-demand terms."""

    sku: str
    family: str
    attributes: Mapping[str, str]
    terms: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class _Price:
    """A price that was read, before two SKUs of one place are told apart by the day from which they hold."""

    usage: str
    region: str
    dimension: str
    usd: Decimal
    effective: str
    sku: str


def read_bulk(text: str, origin: str) -> Reading:
    """The rates of a bulk offer file of one Region (or of all). `origin` says where the text came from.

    Raises BadOffer when the text is no offer file of AmazonSageMaker.
    """
    data = _json(text, origin)
    if not isinstance(data, dict) or data.get("offerCode") != OFFER_CODE:
        given = data.get("offerCode") if isinstance(data, dict) else type(data).__name__
        raise BadOffer(f"{origin}: given offerCode {given!r}; allowed: {OFFER_CODE!r}, a bulk price list file.")
    on_demand = _table(_table(data, "terms", origin), "OnDemand", origin)
    products = (
        _Product(sku, str(product.get("productFamily", "")), _attributes(product), _terms(on_demand.get(sku)))
        for sku, product in _table(data, "products", origin).items()
        if isinstance(product, dict)
    )
    return _reading(products, str(data.get("version", "")), str(data.get("publicationDate", "")), origin)


def read_query(price_list: Iterable[str], origin: str) -> Reading:
    """The rates of GetProducts' PriceList: JSON texts of single products. Raises BadOffer when one is not."""
    products, published, version = [], "", ""
    for text in price_list:
        data = _json(text, origin)
        if not isinstance(data, dict) or not isinstance(data.get("product"), dict):
            raise BadOffer(f"{origin}: given {text[:60]!r}; allowed: a product of GetProducts (FormatVersion aws_v1).")
        product = data["product"]
        terms = _terms(data.get("terms", {}).get("OnDemand") if isinstance(data.get("terms"), dict) else None)
        products.append(
            _Product(str(product.get("sku", "")), str(product.get("productFamily", "")), _attributes(product), terms)
        )
        if str(data.get("publicationDate", "")) > published:
            published, version = str(data["publicationDate"]), str(data.get("version", ""))
    return _reading(products, version, published, origin)


class _Unreadable(Exception):
    """A product that looks like one of ours and is not what is expected; its text says in which way."""


def _reading(products: Iterable[_Product], version: str, published: str, origin: str) -> Reading:
    try:
        day = date.fromisoformat(published[:10])
    except ValueError as error:
        allowed = "a time such as 2026-09-22T23:07:50Z"
        raise BadOffer(f"{origin}: given publicationDate {published!r}; allowed: {allowed}.") from error
    newest: dict[tuple[str, str, str], _Price] = {}
    skipped: list[str] = []
    for product in products:
        try:
            price = _price(product)
        except _Unreadable as why:
            skipped.append(f"{product.sku}: {why}")
            continue
        if price is None:
            continue
        place = (price.usage, price.region, price.dimension)
        other = newest.get(place, price)
        if other.usd != price.usd:
            both = f"{other.sku} at {other.usd:f} and {price.sku} at {price.usd:f}"
            skipped.append(f"{' '.join(place)}: two SKUs, {both}; the one that came into force last is taken")
        newest[place] = max(other, price, key=lambda each: each.effective)
    rates = (_rate(price, version, day, origin) for price in newest.values())
    ordered = sorted(rates, key=lambda rate: (keys.ORDER[rate.usage], rate.region, rate.dimension))
    return Reading(version=version, published=day, rates=tuple(ordered), skipped=tuple(skipped))


def _meter(attributes: Mapping[str, str]) -> tuple[str, str] | None:
    """Usage key and dimension of a product by its attributes; None where it is none of ours."""
    if attributes.get("locationType") != "AWS Region":
        return None
    component, usagetype = attributes.get("component", ""), attributes.get("usagetype", "")
    if component in _COMPONENTS:
        return _COMPONENTS[component], attributes.get("instanceName", "")
    for usage, form in _SERVERLESS:
        if size := form.search(usagetype):
            return usage, str(int(size[1]) * MB_PER_GB)
    if _VOLUME.search(usagetype):
        return "endpoint_volume_gb_month", ""
    group = attributes.get("group", "")
    return (_DATA[group], "") if group in _DATA else None


def _price(product: _Product) -> _Price | None:
    """The one on-demand price of a product; None where it is none of ours or free. Raises _Unreadable."""
    meter = _meter(product.attributes)
    if meter is None:
        return None
    key, dimension = keys.BY_KEY[meter[0]], meter[1]
    if not key.accepts(dimension):
        raise _Unreadable(f"given dimension {dimension!r}; allowed: {key.allowed_dimension}")
    if len(product.terms) != 1:
        raise _Unreadable(f"given {len(product.terms)} on-demand terms; allowed: one")
    term = product.terms[0]
    usd = _usd(term, key)
    region = product.attributes.get("regionCode", "")
    if not region:
        raise _Unreadable("given no regionCode; allowed: a Region code such as us-east-1")
    effective = str(term.get("effectiveDate", ""))
    return _Price(key.key, region, dimension, usd, effective, product.sku) if usd else None


def _usd(term: Mapping[str, Any], key: keys.UsageKey) -> Decimal:
    """The price of a term with one price dimension; 0 of a free-tier parent. Raises _Unreadable."""
    steps = list(term["priceDimensions"].values())
    if len(steps) != 1 or not isinstance(steps[0], dict) or str(steps[0].get("beginRange", "0")) != "0":
        raise _Unreadable(f"given {len(steps)} price dimensions; allowed: one, from 0 on")
    unit = str(steps[0].get("unit", ""))
    if unit.lower() not in _UNITS[key.rate_unit]:
        raise _Unreadable(f"given unit {unit!r}; allowed: {' or '.join(_UNITS[key.rate_unit])}")
    per_unit = steps[0].get("pricePerUnit")
    text = str(per_unit.get("USD", "")) if isinstance(per_unit, dict) else ""
    if not PLAIN_DECIMAL.fullmatch(text) or not 0 <= Decimal(text) <= key.max_usd:
        raise _Unreadable(f"given {text!r}; allowed: 0 to {key.max_usd} USD per {key.rate_unit}, in plain decimals")
    return Decimal(text).normalize()


def _rate(price: _Price, version: str, published: date, origin: str) -> Rate:
    return Rate(
        usage=price.usage,
        region=price.region,
        dimension=price.dimension,
        usd=Decimal(f"{price.usd:f}"),
        per=keys.BY_KEY[price.usage].rate_unit,
        from_date=published,
        source=f"aws-offer-{version or published.isoformat()}",
        origin=f"AWS price list, SKU {price.sku}, {origin}",
        evidence="observed",
        note=f"In force since {price.effective[:10]}" if price.effective else "",
    )


def _json(text: str, origin: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadOffer(f"{origin}: not JSON ({error}); allowed: a price list file of AWS.") from error


def _table(data: Mapping[str, Any], name: str, origin: str) -> Mapping[str, Any]:
    value = data.get(name)
    if not isinstance(value, dict):
        raise BadOffer(f"{origin}: given no {name!r}; allowed: a price list file of AWS, whole.")
    return value


def _attributes(product: Mapping[str, Any]) -> Mapping[str, str]:
    attributes = product.get("attributes")
    return {name: str(value) for name, value in attributes.items()} if isinstance(attributes, dict) else {}


def _terms(terms: object) -> tuple[Mapping[str, Any], ...]:
    return tuple(_usable(terms)) if isinstance(terms, dict) else ()


def _usable(terms: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for term in terms.values():
        if isinstance(term, dict) and isinstance(term.get("priceDimensions"), dict):
            yield term
