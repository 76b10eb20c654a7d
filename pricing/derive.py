"""Derived rates: places without a rate of their own, filled by a stated rule from a rate that was read.

A rule copies the rates of one usage key to another, as from hosting to asynchronous inference. It never touches a place
that has a rate or that was left out on purpose. Each derived rate keeps date and source of its original and states its
rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from pricing.rates import Rate, RatePlace
from pricing.rows import Row

_COLUMNS = ("name", "usage", "like", "note", "families_read", "dimensions")


@dataclass(frozen=True, slots=True)
class DerivationRule:
    """The rule that `usage` costs what `like` costs.

    families_read: instance families in which that was observed. dimensions: those it applies to; empty means all.
    """

    name: str
    usage: str
    like: str
    note: str
    families_read: tuple[str, ...]
    dimensions: frozenset[str]


def rule(row: Row) -> DerivationRule:
    """Return the rule of one [[rule]] table; raises BadCatalog when the table is wrong."""
    row.only(_COLUMNS)
    usage, original = row.usage(), row.usage("like")
    if (usage.rate_unit, usage.dimension) != (original.rate_unit, original.dimension):
        raise row.bad("like", original.key, f"a key priced per {usage.rate_unit} like {usage.key}")
    dimensions = row.texts("dimensions", ())
    for dimension in dimensions:
        if not usage.accepts(dimension):
            raise row.bad("dimensions", dimension, usage.allowed_dimension)
    return DerivationRule(
        row.text("name"),
        usage.key,
        original.key,
        row.text("note"),
        row.texts("families_read", ()),
        frozenset(dimensions),
    )


def derived(rates: Sequence[Rate], rules: Iterable[DerivationRule], absent: Collection[RatePlace]) -> list[Rate]:
    """Return the rates that the rules add to `rates`; places that have a rate, or are absent on purpose, get none."""
    priced = {rate.place for rate in rates}
    result = []
    for derivation in rules:
        prefix = f"Derived: {derivation.name}. {derivation.note}. This family was"
        for rate in rates:
            place = RatePlace(derivation.usage, rate.region, rate.dimension)
            if rate.usage != derivation.like or (derivation.dimensions and rate.dimension not in derivation.dimensions):
                continue
            if place in priced or place in absent or place._replace(region="*") in absent:
                continue
            read = rate.dimension.split(".")[1] in derivation.families_read
            note = f"{prefix}{'' if read else ' not'} among them. {rate.note}".rstrip()
            result.append(replace(rate, usage=derivation.usage, evidence="derived", note=note))
    return result
