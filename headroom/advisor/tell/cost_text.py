"""What stands before a cost whose prices are not all known: a lower bound, or one with an estimated price in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from headroom.advisor.tell import words
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
