"""What stands before a cost whose prices are not all known: a lower bound, or one with an estimated price in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Protocol

from headroom.advisor.answer import Answer
from headroom.advisor.tell import words
from pricing import keys
from pricing.bill import BillLine


class Costed(Protocol):
    """Something with a cost."""

    @property
    def at_least(self) -> bool:
        """Whether a price is missing, so that the cost is a lower bound."""

    @property
    def price_estimated(self) -> bool:
        """Whether a price is an estimate, because none is known."""


def qualifier(costed: Costed) -> str:
    """What is put before a cost in a sentence: "at least ", "about ", both or nothing."""
    return f"{'at least ' if costed.at_least else ''}{'about ' if costed.price_estimated else ''}"


def sign(costed: Costed) -> str:
    """The same for a cell of a table: "≥ ", "≈ "."""
    return f"{'≥ ' if costed.at_least else ''}{'≈ ' if costed.price_estimated else ''}"


def priced_things(lines: Iterable[BillLine]) -> str:
    """What lines of a bill are for: "Serverless compute (1024, 2048) and S3 storage"."""
    dimensions: dict[str, list[str]] = {}
    for line in lines:
        dimensions.setdefault(line.title, []).extend([line.dimension] * bool(line.dimension))
    return words.joined([f"{title} ({', '.join(listed)})" if listed else title for title, listed in dimensions.items()])


def estimated(line: BillLine) -> str:
    """One sentence on a line whose price is an estimate: what it stands at, and what it is taken from."""
    assert line.rate is not None
    price = f"{words.usd_rate(line.rate.usd)} per {line.rate_unit}"
    where = f"{priced_things([line])} in {line.rate.region}"
    return f"No price is known for {where}: {price} is an estimate, {line.rate.note}."


def quantity_times_rate(line: BillLine) -> str:
    """What makes the amount of a line: "730 instance-hours × $0.115", "12,345 requests × $0.005 per 1,000"; a sum where
    there are volume tiers, and only the quantity where the price is missing.
    """
    if not line.portions:
        return f"{_quantity(line, line.quantity)} × a price that is not known"
    per = line.rate_unit.partition(" ")[0]
    rate_for = f" per {per}" if per[0].isdigit() else ""
    return " + ".join(
        f"{_quantity(line, quantity)} × {words.usd_rate(usd)}{rate_for}" for quantity, usd in line.portions
    )


def _quantity(line: BillLine, quantity: Decimal) -> str:
    """A quantity in the unit that the rate is quoted for, or in single things where that is so many of them."""
    if line.rate_unit[0].isdigit():
        return f"{words.count(float(quantity), 4)} {line.unit}"
    in_rate_units = float(quantity / keys.BY_KEY[line.usage].per_rate_unit)
    return f"{words.count(in_rate_units, 4)} {line.rate_unit if line.rate_unit == 'GB' else f'{line.rate_unit}s'}"


def oldest_price(lines: Iterable[BillLine | None]) -> str:
    """When the oldest price of some lines was read: "oldest price of 08 May 2026 (Volumes of endpoints)"; empty where
    none has a date.
    """
    oldest = min((line for line in lines if line is not None), key=_read_on, default=None)
    return "" if oldest is None else f"oldest price of {_read_on(oldest):%d %B %Y} ({oldest.title})"


def oldest_of(answers: Iterable[Answer]) -> str:
    """The same of all bills of some answers."""
    return oldest_price(answer.bill.oldest if answer.bill else None for answer in answers)


def _read_on(line: BillLine) -> date:
    return line.from_date or date.max
