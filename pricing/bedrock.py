"""What Amazon Bedrock asks on demand for tokens of models that can be hosted too: to compare with, never billed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from pricing.errors import BadCatalog

FILE = "bedrock.csv"
_COLUMNS = [
    "region",
    "model",
    "bedrock_model",
    "input_usd_per_million",
    "output_usd_per_million",
    "from_date",
    "evidence",
]
_MOST_USD = Decimal(1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPrice:
    """USD per million tokens of prompts and of answers. region: empty where the source does not say which."""

    region: str
    bedrock_model: str
    input_usd: Decimal
    output_usd: Decimal
    from_date: date
    evidence: str

    def request_usd(self, input_tokens: int, output_tokens: int) -> Decimal:
        """The price of one request."""
        return (self.input_usd * input_tokens + self.output_usd * output_tokens) / 1_000_000


TokenPrices = Mapping[tuple[str, str], TokenPrice]
"""(model, Region) -> price; Region "" where the source does not say which."""


def parse_bedrock(text: str) -> dict[tuple[str, str], TokenPrice]:
    """Read catalog/bedrock.csv. Raises BadCatalog with the line of the mistake."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    if next(lines, []) != _COLUMNS:
        raise BadCatalog(f"{FILE} line 1: allowed: the columns {', '.join(_COLUMNS)}.")
    prices: dict[tuple[str, str], TokenPrice] = {}
    for number, line in enumerate(lines, start=2):
        if len(line) != len(_COLUMNS):
            raise BadCatalog(f"{FILE} line {number}: given {len(line)} cells; allowed: {len(_COLUMNS)}.")
        region, model, bedrock_model, input_usd, output_usd, from_date, evidence = line
        if (model, region) in prices:
            raise BadCatalog(f"{FILE} line {number}: {model} {region} stands there twice.")
        prices[model, region] = TokenPrice(
            region=region,
            bedrock_model=bedrock_model,
            input_usd=_usd(input_usd, number),
            output_usd=_usd(output_usd, number),
            from_date=_day(from_date, number),
            evidence=evidence,
        )
    return prices


def token_price(prices: TokenPrices, model: str, region: str) -> TokenPrice | None:
    """The price of a model in a Region, else the one whose Region is not known, else None."""
    return prices.get((model, region)) or prices.get((model, ""))


def _usd(text: str, number: int) -> Decimal:
    try:
        usd = Decimal(text)
    except InvalidOperation:
        usd = Decimal(-1)
    if not (usd.is_finite() and 0 < usd <= _MOST_USD):
        raise BadCatalog(f"{FILE} line {number}: given {text!r}; allowed: USD above 0, at most {_MOST_USD}.")
    return usd


def _day(text: str, number: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadCatalog(f"{FILE} line {number}: given {text!r}; allowed: a day such as 2026-11-01.") from error
