"""The price book: every known rate by usage, Region, dimension and date, plus the user's own prices.

Rates are never overwritten: a new price is a later `from_date`, and `find` takes the day the bill is for.
An override is a price the user typed; it stands in for the rate (or fills the gap) and keeps what it replaced.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, Self

from pricing import keys, missing
from pricing.errors import BadOverrides, NoPrice, OverrideProblem

Evidence = Literal["observed", "derived", "hand_kept", "override"]

OVERRIDE_SOURCE = "override"


class Place(NamedTuple):
    """Where a rate applies."""

    usage: str
    region: str
    dimension: str


class Tier(NamedTuple):
    """One step of a volume price: `usd` for each rate unit up to `up_to` a month in all; None = the rest."""

    up_to: Decimal | None
    usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One price. `usd` is per `per` (the key's rate unit); with `tiers`, `usd` is the first tier's.

    `from_date` is the day the source was read or published, the first day this price is known to hold.
    `source` is an id of the catalog, `origin` says in words where that is. `replaced`: the rate an override stands for.
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
    def place(self) -> Place:
        """Where this rate applies."""
        return Place(self.usage, self.region, self.dimension)


@dataclass(frozen=True, slots=True)
class Override:
    """A price the user typed, in USD per rate unit of the key; for the Region of whatever bill is made."""

    usage: str
    dimension: str
    usd: Decimal


@dataclass(frozen=True, slots=True, eq=False)
class PriceBook:
    """An immutable set of rates. Two books are equal when their `version` (digest of the whole content) is."""

    version: str
    _history: Mapping[Place, tuple[Rate, ...]] = field(repr=False)
    _absent: Mapping[Place, str] = field(repr=False)
    _overrides: Mapping[tuple[str, str], Override]

    @classmethod
    def of(cls, rates: Iterable[Rate], absent: Mapping[Place, str] | None = None) -> Self:
        """A book of `rates` in any order. `absent`: why a place has no price on purpose (Region "*" = any)."""
        history: defaultdict[Place, list[Rate]] = defaultdict(list)
        for rate in rates:
            history[rate.place].append(rate)
        ordered = {place: tuple(sorted(history[place], key=lambda rate: rate.from_date)) for place in sorted(history)}
        return cls(_digest(ordered, absent or {}), ordered, dict(absent or {}), {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PriceBook) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    def find(self, usage: str, region: str, dimension: str, on: date) -> Rate:
        """The rate for a place on a day: the override if there is one, else the latest from_date <= on.

        Raises NoPrice, saying what is missing, what is near it, and that a price can be entered.
        """
        rate = self._known(Place(usage, region, dimension), on)
        override = self._overrides.get((usage, dimension))
        if override is not None:
            return _overriding(override, region, on, rate)
        if rate is None:
            raise NoPrice(self._why_missing(Place(usage, region, dimension), on))
        return rate

    def rates(self, region: str, on: date) -> tuple[Rate, ...]:
        """Every rate that holds in a Region on a day, overrides included, in the order of the keys."""
        places = {(p.usage, p.dimension) for p in self._history if p.region == region} | set(self._overrides)
        candidates = (self._found(usage, region, dimension, on) for usage, dimension in places)
        rates = [rate for rate in candidates if rate is not None]
        return tuple(sorted(rates, key=lambda r: (keys.ORDER[r.usage], *instance_order(r.dimension))))

    def regions(self) -> tuple[str, ...]:
        """The Regions with at least one rate."""
        return tuple(sorted({place.region for place in self._history}))

    def instance_types(self, region: str, usage: str = "hosting_instance_s") -> tuple[str, ...]:
        """The instance types with a price for `usage` in a Region, by family and then size."""
        priced = {p.dimension for p in self._history if p.region == region and p.usage == usage}
        entered = {dimension for key, dimension in self._overrides if key == usage}
        return tuple(sorted(priced | entered, key=instance_order))

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The user's own prices in this book."""
        return tuple(self._overrides.values())

    @property
    def newest(self) -> date:
        """The latest date any rate was read: a day on which every rate of the book holds."""
        return max(history[-1].from_date for history in self._history.values())

    def with_overrides(self, overrides: Sequence[Override]) -> PriceBook:
        """This book with exactly these overrides (any earlier ones are dropped).

        Raises BadOverrides with every problem: unknown key, wrong dimension, not finite, negative, absurd, twice.
        """
        problems = [
            p for index, override in enumerate(overrides) for p in _problems(index, override, overrides[:index])
        ]
        if problems:
            raise BadOverrides(problems)
        by_place = {(o.usage, o.dimension): o for o in overrides}
        return replace(self, version=_with_overrides(self.version, by_place), _overrides=by_place)

    def _known(self, place: Place, on: date) -> Rate | None:
        rates = [rate for rate in self._history.get(place, ()) if rate.from_date <= on]
        return rates[-1] if rates else None

    def _found(self, usage: str, region: str, dimension: str, on: date) -> Rate | None:
        try:
            return self.find(usage, region, dimension, on)
        except NoPrice:
            return None

    def _why_missing(self, place: Place, on: date) -> str:
        earliest = self._history[place][0].from_date if place in self._history else None
        return missing.explain(
            place,
            on,
            earliest=earliest,
            left_out=self._absent.get(place) or self._absent.get(place._replace(region="*"), ""),
            dimensions=sorted({p.dimension for p in self._history if p[:2] == place[:2]}, key=instance_order),
            regions=sorted({p.region for p in self._history if (p.usage, p.dimension) == (place[0], place[2])}),
        )


_SIZES = ("nano", "micro", "small", "medium", "large", "xlarge")


def instance_order(dimension: str) -> tuple[str, int, str]:
    """Sort key: family, then size from nano to 48xlarge; other dimensions by their text."""
    family, _, size = dimension.rpartition(".")
    count = size.removesuffix("xlarge")
    if count.isdecimal():
        return family, len(_SIZES) + int(count), size
    return family, _SIZES.index(size) if size in _SIZES else 0, size


def _overriding(override: Override, region: str, on: date, replaced: Rate | None) -> Rate:
    return Rate(
        usage=override.usage,
        region=region,
        dimension=override.dimension,
        usd=override.usd,
        per=keys.BY_KEY[override.usage].rate_unit,
        from_date=on,
        source=OVERRIDE_SOURCE,
        origin="entered by the user",
        evidence="override",
        replaced=replaced,
    )


def _problems(index: int, override: Override, before: Sequence[Override]) -> Iterable[OverrideProblem]:
    place = f"overrides[{index}]"
    usage = keys.BY_KEY.get(override.usage)
    if usage is None:
        yield OverrideProblem(f"{place}.usage", repr(override.usage), keys.nearest_keys(override.usage))
        return
    if not usage.accepts(override.dimension):
        yield OverrideProblem(f"{place}.dimension", repr(override.dimension), usage.allowed_dimension)
    if any((o.usage, o.dimension) == (override.usage, override.dimension) for o in before):
        yield OverrideProblem(
            place, f"{override.usage} {override.dimension} twice".replace("  ", " "), "one price for each"
        )
    if not _is_price(override.usd, usage.max_usd):
        allowed = f"0 to {usage.max_usd} USD per {usage.rate_unit}, at most 40 digits"
        yield OverrideProblem(f"{place}.usd", str(override.usd), allowed, "Check the unit of the price.")


def _is_price(usd: Decimal, highest: Decimal) -> bool:
    return usd.is_finite() and 0 <= usd <= highest and is_short(usd, 40)


def is_short(number: Decimal, digits: int) -> bool:
    """Whether a finite number can be written with at most `digits` digits on each side of the point."""
    sign_digits_exponent = number.as_tuple()
    exponent = sign_digits_exponent.exponent
    return isinstance(exponent, int) and len(sign_digits_exponent.digits) <= digits and abs(exponent) <= digits


def _digest(history: Mapping[Place, tuple[Rate, ...]], absent: Mapping[Place, str]) -> str:
    digest = hashlib.sha256()
    for rates in history.values():
        for r in rates:
            tiers = ";".join(f"{tier.up_to}={tier.usd}" for tier in r.tiers)
            parts = (*r.place, str(r.usd), str(r.from_date), r.source, r.evidence, r.note, tiers)
            digest.update(("|".join(parts) + "\n").encode())
    for place in sorted(absent):
        digest.update(("|".join((*place, absent[place])) + "\n").encode())
    return digest.hexdigest()[:12]


def _with_overrides(version: str, overrides: Mapping[tuple[str, str], Override]) -> str:
    base = version.partition("+")[0]
    if not overrides:
        return base
    text = "\n".join(f"{usage}|{dimension}|{overrides[usage, dimension].usd}" for usage, dimension in sorted(overrides))
    return f"{base}+{hashlib.sha256(text.encode()).hexdigest()[:8]}"
