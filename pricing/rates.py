"""One price with its place, its date, its source and how well it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

Evidence = Literal["observed", "derived", "hand_kept", "override", "estimated"]
"""How well a price is known; "estimated": it is not, and stands for one of a place like it (`pricing.estimated`)."""


class RatePlace(NamedTuple):
    """The place of a rate in the price book: usage key, Region and dimension."""

    usage: str
    region: str
    dimension: str


class Tier(NamedTuple):
    """One step of a volume price: `usd` per rate unit up to a total of `up_to` a month; None is the last step."""

    up_to: Decimal | None
    usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One price: `usd` per `per`, the rate unit of the key; with `tiers`, `usd` is the price of the first tier.

    `from_date` is the day the source was read or published, the first day this price is known to hold. `source` is an
    id of the catalog, `origin` says in words where that is. `replaced` is the rate that an override stands for.
    """

    usage: str
    region: str
    dimension: str
    usd: Decimal
    per: str
    from_date: date
    source: str
    origin: str
    evidence: Evidence
    note: str = ""
    tiers: tuple[Tier, ...] = ()
    replaced: Rate | None = None

    @property
    def place(self) -> RatePlace:
        """The place of this rate in the price book."""
        return RatePlace(self.usage, self.region, self.dimension)
