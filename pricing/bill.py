"""From quantities to an itemised bill. Exact by the rules of `money`; a missing price is
estimated and marked so, else a gap that is seen, never 0.

Quantities are those of one month when the bill is for a month: volume tiers are counted by the month.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing import keys, money
from pricing.book import PriceBook, is_short
from pricing.errors import NoPrice
from pricing.rates import Rate

_MAX_AMOUNT = Decimal("1e24")
_MAX_DIGITS = 120


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of one usage key in its quantity units. A float x is converted by Decimal(str(x)).

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
class BillLine:
    """The charge for one usage key and dimension: priced (rate and amount_usd), or a gap (neither, but the reason)."""

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
        """The title of the usage key for people."""
        return keys.BY_KEY[self.usage].title

    @property
    def unit(self) -> str:
        """The unit in which `quantity` is counted."""
        return keys.BY_KEY[self.usage].quantity_unit

    @property
    def rate_unit(self) -> str:
        """The unit for which the rate is quoted."""
        return keys.BY_KEY[self.usage].rate_unit

    @property
    def portions(self) -> tuple[tuple[Decimal, Decimal], ...]:
        """Pairs of quantity and USD per rate unit, which make the amount: one, or one for each volume tier that is
        reached; none for a gap.
        """
        return () if self.rate is None else _portions(self.quantity, self.rate)

    @property
    def is_gap(self) -> bool:
        """Whether no price is known for this line."""
        return self.rate is None

    @property
    def source(self) -> str:
        """The id of the source of the price; "" for a gap."""
        return "" if self.rate is None else self.rate.source

    @property
    def from_date(self) -> date | None:
        """The day from which the price is known to hold; None for a gap."""
        return None if self.rate is None else self.rate.from_date

    @property
    def evidence(self) -> str:
        """The evidence for the price: "observed", "derived", "hand_kept", "override" or "estimated"; "" for a gap."""
        return "" if self.rate is None else self.rate.evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """The charges of a Region on one day: lines in the order of the usage keys, and their exact total."""

    region: str
    on: date
    price_version: str
    lines: tuple[BillLine, ...]

    @property
    def total_usd(self) -> Decimal:
        """The sum of the priced lines: the whole bill only when `complete`."""
        return money.total(line.amount_usd for line in self.lines if line.amount_usd is not None)

    @property
    def gaps(self) -> tuple[BillLine, ...]:
        """The lines whose price is not known."""
        return tuple(line for line in self.lines if line.is_gap)

    @property
    def estimates(self) -> tuple[BillLine, ...]:
        """The lines whose price is an estimate, because none is known."""
        return tuple(line for line in self.lines if line.evidence == "estimated")

    @property
    def oldest(self) -> BillLine | None:
        """The line whose price was read longest ago, of those that a list has; None where there is none."""
        read = [line for line in self.lines if line.from_date is not None and line.evidence != "override"]
        return min(read, key=lambda line: line.from_date or date.max, default=None)

    @property
    def complete(self) -> bool:
        """Whether every line has a price, if only an estimated one."""
        return not self.gaps


def make_bill(quantities: Iterable[Quantity], book: PriceBook, region: str, on: date) -> Bill:
    """Return the bill for quantities in a Region at the prices of a day.

    Quantities of equal usage and dimension are added up; lines of zero are dropped.
    """
    sums: dict[tuple[str, str], Decimal] = {}
    for q in quantities:
        sums[q.usage, q.dimension] = money.total((sums.get((q.usage, q.dimension), Decimal(0)), q.amount))
    places = sorted(sums, key=lambda place: (keys.ORDER[place[0]], place[1]))
    lines = tuple(_line(*place, sums[place], book, region, on) for place in places if sums[place] != 0)
    return Bill(region=region, on=on, price_version=book.version, lines=lines)


def _line(usage: str, dimension: str, quantity: Decimal, book: PriceBook, region: str, on: date) -> BillLine:
    try:
        rate = book.price(usage, region, dimension, on)
    except NoPrice as gap:
        return BillLine(
            usage=usage, dimension=dimension, quantity=quantity, rate=None, amount_usd=None, reason=str(gap)
        )
    amount = keys.BY_KEY[usage].amount_usd(_portions(quantity, rate))
    return BillLine(usage=usage, dimension=dimension, quantity=quantity, rate=rate, amount_usd=amount)


def _portions(quantity: Decimal, rate: Rate) -> tuple[tuple[Decimal, Decimal], ...]:
    """Return pairs of quantity and USD per rate unit: one pair without tiers, else one for each tier that is
    reached.
    """
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
