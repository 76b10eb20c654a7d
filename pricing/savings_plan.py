"""SageMaker Savings Plans: what usage they discount, and how a discount that the user enters is found.

A plan is a commitment in USD an hour. Each hour usage is charged at the plan's rates, the highest discount first, until
the commitment is used up; the rest costs what it costs on demand, and what an hour does not use is lost (facts rows
13.1, 13.2). No rates are published in the catalogue, so nothing is assumed: a discount comes from the user or is 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

INSTANCES = ("hosting_instance_s", "async_instance_s", "batch_instance_s")
"""Usage that every plan covers: instances, whatever their type, size, Region and component (facts row 13.1)."""

SERVERLESS = ("serverless_duration_s", "serverless_pc_usage_s", "serverless_pc_duration_s")
"""Usage that sources disagree about (facts row 13.4)."""

LEAST_USD_PER_HOUR = 0.001  # facts row 13.3
MOST_USD_PER_HOUR = 1_000_000.0  # facts row 13.3
DECIMALS = 5  # facts row 13.3
MOST_PUBLISHED_PERCENT = 64.0  # facts row 13.1: "up to", not a rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A discount of `percent` on the on-demand price; usage, instance: the usage key and the type or family, "" for
    all.
    """

    percent: float
    usage: str = ""
    instance: str = ""

    def fits(self, usage: str, dimension: str) -> bool:
        """Tell whether the discount applies to a usage key with this dimension."""
        covers_instance = self.instance in ("", dimension) or dimension.rpartition(".")[0] == self.instance
        return self.usage in ("", usage) and covers_instance


def percent_off(discounts: Iterable[Discount], usage: str, dimension: str) -> float:
    """Return the discount in per cent for a usage: the most specific one that fits, 0 when none does.

    A named type counts more than a family, a family more than a usage key; of equally specific ones the last counts.
    """
    fitting = [
        (_rank(discount, dimension), index, discount.percent)
        for index, discount in enumerate(discounts)
        if discount.fits(usage, dimension)
    ]
    return max(fitting)[2] if fitting else 0.0


def _rank(discount: Discount, dimension: str) -> tuple[bool, bool, bool]:
    return discount.instance == dimension != "", discount.instance != "", discount.usage != ""
