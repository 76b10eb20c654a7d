"""The sentences about a missing price: what is missing, why if known, what is near, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import date

from pricing import keys

_SHOWN = 6


def explain(
    place: tuple[str, str, str],
    on: date,
    *,
    earliest: date | None,
    left_out: str,
    dimensions: Sequence[str],
    regions: Sequence[str],
) -> str:
    """Return the sentences on why `place` (usage, Region, dimension) has no price on a day.

    earliest: the first day with a price. left_out: why it was left out on purpose. dimensions: those priced for this
    usage in this Region. regions: those in which this usage and dimension are priced.
    """
    usage, region, dimension = place
    key = keys.BY_KEY.get(usage)
    if key is None:
        return f"{usage!r} is not a usage key. Nearest: {keys.nearest_keys(usage)}."
    name = f"{key.title} ({dimension})" if dimension else key.title
    parts = [f"No price for {name} in {region} on {on.isoformat()}."]
    if left_out:
        parts.append(f"Left out on purpose: {left_out}.")
    if earliest is not None:
        parts.append(f"The earliest one known is of {earliest.isoformat()}.")
    elif not left_out and not key.accepts(dimension):
        parts.append(f"{dimension!r} is not {key.allowed_dimension}.")
    parts.append(_nearby(region, dimension, dimensions, regions))
    parts.append(f"You can enter a price yourself, in USD per {key.rate_unit}.")
    return " ".join(part for part in parts if part)


def _nearby(region: str, dimension: str, dimensions: Sequence[str], regions: Sequence[str]) -> str:
    elsewhere = [name for name in regions if name != region]
    others = [name for name in dimensions if name != dimension]
    parts = []
    if others:
        near = difflib.get_close_matches(dimension, others, n=_SHOWN, cutoff=0.0)
        parts.append(f"Priced in {region}: {_listed(near, len(others))}.")
    if elsewhere:
        nearest = difflib.get_close_matches(region, elsewhere, n=_SHOWN, cutoff=0.0)
        parts.append(f"Priced in other Regions: {_listed(nearest, len(elsewhere))}.")
    if not parts:
        parts.append("No Region has one.")
    return " ".join(parts)


def _listed(names: Sequence[str], count: int) -> str:
    more = count - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")
