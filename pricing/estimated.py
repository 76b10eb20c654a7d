"""What a price may be where none is known: taken from a place like it, marked as an estimate, in no list of prices.

1. Asynchronous and batch transform instances: what a real-time instance of the type costs in the Region.
2. Else the price of another Region, us-east-1 where it has one, times the median ratio of the prices of the same usage
   that both Regions have; as it is where they have none in common.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Final

from pricing import keys, money
from pricing.rates import Rate, RatePlace, Tier

_LIKE: Final = {"async_instance_s": "hosting_instance_s", "batch_instance_s": "hosting_instance_s"}
_FIRST: Final = "us-east-1"
_DIGITS: Final = 6

History = Mapping[RatePlace, tuple[Rate, ...]]
"""Place -> its rates, by the day from which each is known to hold."""


def estimate(history: History, place: RatePlace, on: date) -> Rate | None:
    """The estimate for a place without a price on a day; None where nothing like it has one."""
    return _of_the_same_machine(history, place, on) or _of_another_region(history, place, on)


def latest(history: History, place: RatePlace, on: date) -> Rate | None:
    """The rate that holds at a place on a day; None where none is known."""
    rates = [rate for rate in history.get(place, ()) if rate.from_date <= on]
    return rates[-1] if rates else None


def _of_the_same_machine(history: History, place: RatePlace, on: date) -> Rate | None:
    like = _LIKE.get(place.usage)
    rate = None if like is None else latest(history, place._replace(usage=like), on)
    if rate is None or like is None:
        return None
    title = keys.BY_KEY[like].title
    return _estimated(rate, place, Decimal(1), f"what {title[:1].lower()}{title[1:]} of this type cost here")


def _of_another_region(history: History, place: RatePlace, on: date) -> Rate | None:
    elsewhere = [other for other in history if (other.usage, other.dimension) == (place.usage, place.dimension)]
    rates = [rate for other in elsewhere if (rate := latest(history, other, on)) is not None]
    if not rates:
        return None
    rate = min(rates, key=lambda rate: (rate.region != _FIRST, rate.region))
    ratios = _ratios(history, place, rate.region, on)
    if not ratios:
        return _estimated(rate, place, Decimal(1), f"the price of {rate.region}")
    ratio = Decimal(f"{median(ratios):.3f}")
    basis = f"the price of {rate.region} × {ratio.normalize():f}, the median ratio of the {len(ratios)} prices of both"
    return _estimated(rate, place, ratio, f"{basis}; AWS may not offer it here")


def _ratios(history: History, place: RatePlace, region: str, on: date) -> list[Decimal]:
    """Prices of the place's usage in its Region over those in another, for every dimension that both price."""
    pairs = [
        (latest(history, other, on), latest(history, other._replace(region=region), on))
        for other in history
        if (other.usage, other.region) == (place.usage, place.region)
    ]
    return [here.usd / there.usd for here, there in pairs if here is not None and there is not None and there.usd]


def _estimated(rate: Rate, place: RatePlace, factor: Decimal, basis: str) -> Rate:
    def times(usd: Decimal) -> Decimal:
        return usd if factor == 1 else Decimal(f"{money.product(usd, factor):.{_DIGITS}g}")

    return replace(
        rate,
        usage=place.usage,
        region=place.region,
        usd=times(rate.usd),
        tiers=tuple(Tier(tier.up_to, times(tier.usd)) for tier in rate.tiers),
        evidence="estimated",
        note=basis,
    )
