"""From quantities to an itemised bill. Exact by the rules of `money`; a missing price is a gap that is seen, never 0.

Quantities are those of one month when the bill is for a month: volume tiers are counted by the month.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing import keys, money
from pricing.book import PriceBook, Rate, is_short
from pricing.errors import NoPrice

_MAX_AMOUNT = Decimal("1e24")
_MAX_DIGITS = 120


@dataclass(frozen=True, slots=True)
class Quantity:
    """`amount` of one usage key, in its quantity units. Make it of a float x by Decimal(str(x)).

    Raises ValueError for an unknown key or an amount that is negative, not finite or absurdly long.
    """

    usage: str
    dimension: str
    amount: Decimal

    def __post_init__(self) -> None:
        if self.usage not in keys.BY_KEY:
            raise ValueError(f"usage: given {self.usage!r}; allowed: {keys.nearest_keys(self.usage)}.")
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"{self.usage}: amount is {type(self.amount).__name__}; give a Decimal, Decimal(str(x)).")
        if not (self.amount.is_finite() and 0 <= self.amount <= _MAX_AMOUNT and is_short(self.amount, _MAX_DIGITS)):
            raise ValueError(
                f"{self.usage}: given {self.amount}; allowed: 0 to {_MAX_AMOUNT} with at most {_MAX_DIGITS} digits."
                " Make a Decimal of a float x by Decimal(str(x))."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One usage key and dimension: priced (rate and amount_usd), or a gap (neither, and the reason)."""

    usage: str
    dimension: str
    quantity: Decimal
    amount_usd: Decimal | None
    rate: Rate | None
    reason: str = ""

    def __post_init__(self) -> None:
        priced = self.rate is not None
        if priced != (self.amount_usd is not None) or priced == bool(self.reason):
            raise ValueError(f"{self.usage}: a line has rate and amount_usd, or a reason and neither of them.")

    @property
    def title(self) -> str:
        """The key's title for humans."""
        return keys.BY_KEY[self.usage].title

    @property
    def unit(self) -> str:
        """The unit of `quantity`."""
        return keys.BY_KEY[self.usage].quantity_unit

    @property
    def rate_unit(self) -> str:
        """The unit the rate is quoted for."""
        return keys.BY_KEY[self.usage].rate_unit

    @property
    def is_gap(self) -> bool:
        """Whether no price was found."""
        return self.rate is None

    @property
    def source(self) -> str:
        """Id of the price's source; "" for a gap."""
        return "" if self.rate is None else self.rate.source

    @property
    def from_date(self) -> date | None:
        """Date of the price; None for a gap."""
        return None if self.rate is None else self.rate.from_date

    @property
    def evidence(self) -> str:
        """observed, derived, hand_kept or override; "" for a gap."""
        return "" if self.rate is None else self.rate.evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Lines in the order of the usage keys, and their exact total."""

    region: str
    on: date
    price_version: str
    lines: tuple[Line, ...]

    @property
    def total_usd(self) -> Decimal:
        """The sum of the priced lines: the whole bill only when `complete`."""
        return money.total(line.amount_usd for line in self.lines if line.amount_usd is not None)

    @property
    def gaps(self) -> tuple[Line, ...]:
        """The lines without a price."""
        return tuple(line for line in self.lines if line.is_gap)

    @property
    def complete(self) -> bool:
        """Whether every line has a price."""
        return not self.gaps


def make_bill(quantities: Iterable[Quantity], book: PriceBook, region: str, on: date) -> Bill:
    """Price quantities in a Region on a day. Equal (usage, dimension) are added up; zero lines are dropped."""
    sums: dict[tuple[str, str], Decimal] = {}
    for q in quantities:
        sums[q.usage, q.dimension] = money.total((sums.get((q.usage, q.dimension), Decimal(0)), q.amount))
    places = sorted(sums, key=lambda place: (keys.ORDER[place[0]], place[1]))
    lines = tuple(_line(*place, sums[place], (book, region, on)) for place in places if sums[place] != 0)
    return Bill(region=region, on=on, price_version=book.version, lines=lines)


def _line(usage: str, dimension: str, quantity: Decimal, where: tuple[PriceBook, str, date]) -> Line:
    book, region, on = where
    try:
        rate = book.find(usage, region, dimension, on)
    except NoPrice as gap:
        return Line(usage=usage, dimension=dimension, quantity=quantity, rate=None, amount_usd=None, reason=str(gap))
    amount = keys.BY_KEY[usage].amount_usd(_portions(quantity, rate))
    return Line(usage=usage, dimension=dimension, quantity=quantity, rate=rate, amount_usd=amount)


def _portions(quantity: Decimal, rate: Rate) -> tuple[tuple[Decimal, Decimal], ...]:
    """(quantity, usd) pairs: one without tiers; with tiers, what falls into each."""
    if not rate.tiers:
        return ((quantity, rate.usd),)
    factor = keys.BY_KEY[rate.usage].per_rate_unit
    portions = []
    lower = Decimal(0)
    for tier in rate.tiers:
        upper = quantity if tier.up_to is None else min(quantity, money.product(tier.up_to, factor))
        if upper > lower:
            portions.append((money.difference(upper, lower), tier.usd))
            lower = upper
    return tuple(portions)
