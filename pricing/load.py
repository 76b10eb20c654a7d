"""From the catalog's texts to a PriceBook. Pure: the caller reads the files named in `CATALOG_FILES`.

Strict: an unknown column, a wrong unit, a price that is not plain text, a repeated row are errors that name the place.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pricing import derive
from pricing.book import PriceBook
from pricing.errors import BadCatalog
from pricing.keys import BY_KEY, UsageKey
from pricing.rates import Evidence, Rate, RatePlace, Tier
from pricing.rows import EVIDENCE, Row
from pricing.user_catalog import overlaid

SOURCES_FILE = "sources.toml"
DERIVED_FILE = "derived.toml"
ABSENT_FILE = "absent.toml"
INSTANCE_FILES = {
    "hosting.csv": "hosting_instance_s",
    "async.csv": "async_instance_s",
    "batch.csv": "batch_instance_s",
}
RATE_FILES = (
    *("volumes.toml", "serverless.toml", "data_processed.toml", "s3.toml", "sns.toml", "cloudwatch.toml"),
    "transfer.toml",
)
CATALOG_FILES = (SOURCES_FILE, *INSTANCE_FILES, *RATE_FILES, DERIVED_FILE, ABSENT_FILE)

_INSTANCE_COLUMNS = ["region", "instance", "usd_per_hour", "from_date", "source", "evidence", "note"]
_RATE_COLUMNS = ("usage", "dimension", "per", "from_date", "source", "evidence", "note", "tiers_up_to", "usd")
_SOURCE_COLUMNS = ("title", "origin", "date", "licence", "gave")


@dataclass(frozen=True, slots=True)
class PriceSource:
    """A source of prices: title, origin, the day it was read or published, its licence, and what it gave."""

    title: str
    origin: str
    date: str
    licence: str
    gave: str


def load(files: Mapping[str, str], own: Sequence[Rate] = ()) -> PriceBook:
    """The price book of the catalog texts by file name, with rates of one's own over them. Raises BadCatalog."""
    for name in CATALOG_FILES:
        if name not in files:
            raise BadCatalog(f"{name}: given nothing; allowed: the text of this file. The catalog needs every file.")
    origins = {name: f"{s.title}, {s.origin}" for name, s in load_sources(files[SOURCES_FILE]).items()}
    rates = [r for name, usage in INSTANCE_FILES.items() for r in _instance_rates(name, files[name], usage, origins)]
    rates += [r for name in RATE_FILES for row in _tables(name, files[name], "rate") for r in _rates(row, origins)]
    absent = dict(p for row in _tables(ABSENT_FILE, files[ABSENT_FILE], "absent") for p in _absences(row))
    _check_left_out(rates, absent)
    priced = {rate.place for rate in own}
    rates = overlaid(rates, own)
    absent = {place: why for place, why in absent.items() if place not in priced}
    rules = [derive.rule(row) for row in _tables(DERIVED_FILE, files[DERIVED_FILE], "rule")]
    return PriceBook.of(rates + derive.derived(rates, rules, absent), absent)


def load_sources(text: str) -> dict[str, PriceSource]:
    """Return the sources of prices by id, for a page that lists them; raises BadCatalog when the text is wrong."""
    result = {}
    for name, values in _toml(SOURCES_FILE, text).items():
        row = Row(SOURCES_FILE, f"[{name}]", values if isinstance(values, dict) else {})
        row.only(_SOURCE_COLUMNS)
        result[name] = PriceSource(*(row.text(column) for column in _SOURCE_COLUMNS))
    return result


def _toml(file: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadCatalog(f"{file}: not TOML: {error}.") from error


def _tables(file: str, text: str, name: str) -> Iterator[Row]:
    data = _toml(file, text)
    if list(data) != [name] or not isinstance(data[name], list):
        raise BadCatalog(f"{file}: given {', '.join(data) or 'nothing'}; allowed: [[{name}]] tables only.")
    for number, values in enumerate(data[name], start=1):
        yield Row(file, f"[[{name}]] {number}", values)


def _instance_rates(file: str, text: str, usage: str, origins: Mapping[str, str]) -> Iterator[Rate]:
    key = BY_KEY[usage]
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(lines, [])
    if header != _INSTANCE_COLUMNS:
        raise BadCatalog(f"{file}, line 1: given {','.join(header)!r}; allowed: {','.join(_INSTANCE_COLUMNS)!r}.")
    rows_read: set[tuple[str, str, str]] = set()
    days: dict[str, date] = {}
    for values in lines:
        row = Row(file, f"line {lines.line_num}", dict(zip(header, values, strict=False)))
        if len(values) != len(header):
            raise row.bad("columns", len(values), f"{len(header)} values")
        region, instance, usd, day, source, evidence, note = values
        if (region, instance, day) in rows_read:
            raise row.bad("from_date", day, f"one price a day for {instance} in {region}; append a later date instead")
        rows_read.add((region, instance, day))
        if day not in days:
            days[day] = row.day("from_date")
        if not key.accepts(instance):
            raise row.bad("instance", instance, key.allowed_dimension)
        yield Rate(
            usage=usage,
            region=row.region(region),
            dimension=instance,
            usd=row.usd(usd, key, "usd_per_hour"),
            per=key.rate_unit,
            from_date=days[day],
            source=source,
            origin=_origin(row, source, origins),
            evidence=_evidence(row, evidence, note),
            note=note,
        )


def _rates(row: Row, origins: Mapping[str, str]) -> Iterator[Rate]:
    """Yield the rates of one [[rate]] table, one per Region."""
    row.only(_RATE_COLUMNS)
    key = row.usage()
    row.one_of("per", (key.rate_unit,))
    dimension, note = row.text("dimension", ""), row.text("note", "")
    if not key.accepts(dimension):
        raise row.bad("dimension", dimension, key.allowed_dimension)
    evidence = _evidence(row, row.text("evidence"), note)
    source, day = row.text("source"), row.day("from_date")
    origin = _origin(row, source, origins)
    prices = row.values.get("usd")
    if not isinstance(prices, dict) or not prices:
        raise row.bad("usd", prices, "a table of Region = price")
    for region, price in prices.items():
        tiers = _tiers(row, region, price, key)
        yield Rate(
            usage=key.key,
            region=row.region(region),
            dimension=dimension,
            usd=tiers[0].usd,
            per=key.rate_unit,
            from_date=day,
            source=source,
            origin=origin,
            evidence=evidence,
            note=note,
            tiers=tiers if len(tiers) > 1 else (),
        )


def _tiers(row: Row, region: str, price: object, key: UsageKey) -> tuple[Tier, ...]:
    """Return the tiers of one Region's price; a plain price is a single tier without end."""
    column = f"usd.{region}"
    if "tiers_up_to" not in row.values:
        return (Tier(None, row.usd(price, key, column)),)
    bounds = _bounds(row)
    if not isinstance(price, list) or len(price) != len(bounds):
        raise row.bad(column, price, f"{len(bounds)} prices, one for each tier")
    return tuple(Tier(up_to, row.usd(usd, key, column)) for up_to, usd in zip(bounds, price, strict=True))


def _bounds(row: Row) -> list[Decimal | None]:
    texts = row.texts("tiers_up_to")
    limits = [Decimal(text) for text in texts[:-1] if text.isdecimal()]
    rising = all(low < high for low, high in zip([Decimal(0), *limits], limits, strict=False))
    if len(texts) < 2 or texts[-1] != "rest" or len(limits) != len(texts) - 1 or not rising:
        raise row.bad("tiers_up_to", list(texts), 'rising whole numbers as text, then "rest"')
    return [*limits, None]


def _absences(row: Row) -> Iterator[tuple[RatePlace, str]]:
    row.only(("why", "usages", "regions", "dimensions"))
    reason = row.text("why")
    for usage in row.texts("usages"):
        if usage not in BY_KEY:
            raise row.bad("usages", usage, ", ".join(BY_KEY))
        for region in row.texts("regions"):
            for dimension in row.texts("dimensions"):
                yield RatePlace(usage, region if region == "*" else row.region(region), dimension), reason


def _check_left_out(rates: list[Rate], absent: Mapping[RatePlace, str]) -> None:
    """Raise BadCatalog when a place is both priced and left out, or priced twice for one day."""
    priced_days: set[tuple[RatePlace, date]] = set()
    for rate in rates:
        if rate.place in absent or rate.place._replace(region="*") in absent:
            raise BadCatalog(f"{ABSENT_FILE}: {' '.join(rate.place)} is listed here and has a price as well.")
        if (rate.place, rate.from_date) in priced_days:
            raise BadCatalog(f"{' '.join(rate.place)}: two prices from {rate.from_date}; append a later date instead.")
        priced_days.add((rate.place, rate.from_date))


def _origin(row: Row, source: str, origins: Mapping[str, str]) -> str:
    if source not in origins:
        raise row.bad("source", source, f"an id of {SOURCES_FILE}")
    return origins[source]


def _evidence(row: Row, evidence: str, note: str) -> Evidence:
    if evidence not in EVIDENCE:
        raise row.bad("evidence", evidence, ", ".join(EVIDENCE))
    if evidence == "derived" and not note:
        raise row.bad("note", note, "the rule by which the price was derived")
    return EVIDENCE[evidence]
