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
from typing import Self

from pricing import estimated, keys, missing
from pricing.errors import BadOverrides, NoPrice, OverrideProblem
from pricing.rates import Rate, RatePlace

OVERRIDE_SOURCE = "override"


@dataclass(frozen=True, slots=True)
class Override:
    """A price that the user entered, in USD per rate unit of the key, for whatever Region the bill is made."""

    usage: str
    dimension: str
    usd: Decimal


@dataclass(frozen=True, slots=True, eq=False)
class PriceBook:
    """An immutable set of rates. Two books are equal when their `version` (digest of the whole content) is."""

    version: str
    _history: Mapping[RatePlace, tuple[Rate, ...]] = field(repr=False)
    _absent: Mapping[RatePlace, str] = field(repr=False)
    _overrides: Mapping[tuple[str, str], Override]
    _estimates: dict[tuple[RatePlace, date], Rate | None] = field(default_factory=dict, repr=False)
    """Estimates that have been asked for; it is a memory only and changes no result."""

    @classmethod
    def of(cls, rates: Iterable[Rate], absent: Mapping[RatePlace, str] | None = None) -> Self:
        """Return a book of rates in any order. absent: why a place has no price on purpose; Region "*" stands
        for any.
        """
        history: defaultdict[RatePlace, list[Rate]] = defaultdict(list)
        for rate in rates:
            history[rate.place].append(rate)
        ordered = {place: tuple(sorted(history[place], key=lambda rate: rate.from_date)) for place in sorted(history)}
        return cls(_digest(ordered, absent or {}), ordered, dict(absent or {}), {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PriceBook) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    def price(self, usage: str, region: str, dimension: str, on: date) -> Rate:
        """Return the rate for a place on a day, or its estimate (evidence "estimated") where none is known.

        Raises NoPrice where there is nothing to estimate it from either.
        """
        place = RatePlace(usage, region, dimension)
        if (usage, dimension) in self._overrides or estimated.latest(self._history, place, on) is not None:
            return self.find(usage, region, dimension, on)
        if (place, on) not in self._estimates:
            self._estimates[place, on] = estimated.estimate(self._history, place, on)
        rate = self._estimates[place, on]
        if rate is None:
            raise NoPrice(self._why_missing(place, on))
        return rate

    def find(self, usage: str, region: str, dimension: str, on: date) -> Rate:
        """Return the rate for a place on a day: the override if there is one, else the latest from_date <= on.

        Raises NoPrice, saying what is missing, what is near it, and that a price can be entered.
        """
        rate = estimated.latest(self._history, RatePlace(usage, region, dimension), on)
        override = self._overrides.get((usage, dimension))
        if override is not None:
            return _overriding(override, region, on, rate)
        if rate is None:
            raise NoPrice(self._why_missing(RatePlace(usage, region, dimension), on))
        return rate

    def rates(self, region: str, on: date) -> tuple[Rate, ...]:
        """Return every rate that holds in a Region on a day, overrides included, in the order of the keys."""
        places = {(p.usage, p.dimension) for p in self._history if p.region == region} | set(self._overrides)
        candidates = (self._find_or_none(usage, region, dimension, on) for usage, dimension in places)
        rates = [rate for rate in candidates if rate is not None]
        return tuple(sorted(rates, key=lambda r: (keys.ORDER[r.usage], *instance_order(r.dimension))))

    def regions(self) -> tuple[str, ...]:
        """Return the Regions that have at least one rate."""
        return tuple(sorted({place.region for place in self._history}))

    def instance_types(self, region: str, usage: str = "hosting_instance_s") -> tuple[str, ...]:
        """Return the instance types with a price for `usage` in a Region, by family and then size."""
        priced = {p.dimension for p in self._history if p.region == region and p.usage == usage}
        entered = {dimension for key, dimension in self._overrides if key == usage}
        return tuple(sorted(priced | entered, key=instance_order))

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The prices that the user entered into this book."""
        return tuple(self._overrides.values())

    @property
    def newest(self) -> date:
        """The latest day on which any rate was read; every rate of the book holds on it."""
        return max(history[-1].from_date for history in self._history.values())

    def with_overrides(self, overrides: Sequence[Override]) -> PriceBook:
        """Return this book with exactly these overrides; earlier ones are dropped.

        Raises BadOverrides with every problem: unknown key, wrong dimension, not finite, negative, absurd, twice.
        """
        problems = [
            p for index, override in enumerate(overrides) for p in _problems(index, override, overrides[:index])
        ]
        if problems:
            raise BadOverrides(problems)
        by_place = {(o.usage, o.dimension): o for o in overrides}
        return replace(self, version=_with_overrides(self.version, by_place), _overrides=by_place)

    def _find_or_none(self, usage: str, region: str, dimension: str, on: date) -> Rate | None:
        try:
            return self.find(usage, region, dimension, on)
        except NoPrice:
            return None

    def _why_missing(self, place: RatePlace, on: date) -> str:
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
    """Return a sort key: instance types by family, then size from nano to 48xlarge; other dimensions by their text."""
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
    """Tell whether a finite number can be written with at most `digits` digits on each side of the point."""
    sign_digits_exponent = number.as_tuple()
    exponent = sign_digits_exponent.exponent
    return isinstance(exponent, int) and len(sign_digits_exponent.digits) <= digits and abs(exponent) <= digits


def _digest(history: Mapping[RatePlace, tuple[Rate, ...]], absent: Mapping[RatePlace, str]) -> str:
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
