"""Savings plans for the eligible usage of all workloads together: how much to commit, and what it brings.

The hourly curve is that of the common clock, taken to repeat for the whole term. Only this portfolio is counted: other
SageMaker usage of the account, such as training, would fill a commitment as well.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headroom.advisor.monthly import MONTH_H
from headroom.advisor.portfolio.commitment import Curve, Effect, best_commitment, effect
from headroom.advisor.portfolio.demand import Demand
from headroom.advisor.portfolio.description import SavingsPlan
from pricing.savings_plan import (
    DECIMALS,
    INSTANCES,
    LEAST_USD_PER_HOUR,
    MOST_PUBLISHED_PERCENT,
    MOST_USD_PER_HOUR,
    SERVERLESS,
    Discount,
    percent_off,
)

CURVE_POINTS = 41
_BEYOND = 1.25  # the drawn curve goes on so far beyond the largest hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A commitment over a month of 730 h, USD. cost: what the eligible usage costs with it, commitment included."""

    usd_per_hour: float
    cost_usd_per_month: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """One offer at its best commitment; amounts are USD a month.

    eligible: on-demand cost of the usage that has a discount. committed = commitment x 730. covered: on-demand cost of
    what the commitment paid for. wasted: commitment that no usage met. rest: usage beyond it, on demand. cost =
    committed + rest; saving = eligible - cost. curve: cost over commitments, for drawing. notes: what is assumed.
    """

    plan: str
    commitment_usd_per_hour: float
    eligible_usd_per_month: float
    committed_usd_per_month: float
    covered_usd_per_month: float
    wasted_usd_per_month: float
    rest_usd_per_month: float
    cost_usd_per_month: float
    saving_usd_per_month: float
    curve: tuple[Commitment, ...]
    notes: tuple[str, ...]


def savings(demands: Sequence[Demand], plan: SavingsPlan) -> Savings:
    """The best commitment for what these workloads use together. `plan.has_rate` is true."""
    curve = hourly_curve(demands, plan)
    max_usd = float(curve.ends[-1].max()) if curve.usd.size else 0.0
    chosen = _allowed(best_commitment(curve)) if max_usd else 0.0
    best_effect = effect(curve, chosen)
    eligible = effect(curve, 0.0).on_demand
    return Savings(
        plan=plan.name,
        commitment_usd_per_hour=chosen,
        eligible_usd_per_month=eligible * MONTH_H,
        committed_usd_per_month=chosen * MONTH_H,
        covered_usd_per_month=best_effect.covered * MONTH_H,
        wasted_usd_per_month=best_effect.wasted * MONTH_H,
        rest_usd_per_month=best_effect.on_demand * MONTH_H,
        cost_usd_per_month=best_effect.cost * MONTH_H,
        saving_usd_per_month=(eligible - best_effect.cost) * MONTH_H,
        curve=tuple(_point(effect(curve, usd)) for usd in np.linspace(0.0, max_usd * _BEYOND, CURVE_POINTS)),
        notes=_notes(plan),
    )


def hourly_curve(demands: Sequence[Demand], plan: SavingsPlan) -> Curve:
    """What the covered usage of all workloads costs on demand, by discount and hour of the common clock."""
    covered = (*INSTANCES, *SERVERLESS) if plan.covers_serverless else INSTANCES
    discounts = _discounts(plan)
    hours = max((len(cost.usd) for demand in demands for cost in demand.costs), default=1)
    groups: defaultdict[float, list[tuple[float, ...]]] = defaultdict(list)
    for cost in (cost for demand in demands for cost in demand.costs):
        percent = percent_off(discounts, cost.usage, cost.dimension) if cost.usage in covered else 0.0
        if percent > 0:
            groups[percent].append(cost.usd)
    falling = sorted(groups, reverse=True) or [plan.discount_percent]
    usd = [np.sum(groups[percent], axis=0) if percent in groups else np.zeros(hours) for percent in falling]
    return Curve(np.array(falling), np.array(usd))


def _discounts(plan: SavingsPlan) -> tuple[Discount, ...]:
    discounts = (
        Discount(percent=discount.discount_percent, usage=discount.usage, instance=discount.instance)
        for discount in plan.discounts
    )
    return (Discount(percent=plan.discount_percent), *discounts)


def _allowed(commitment: float) -> float:
    """As AWS takes it: cut to five decimals, at least 0.001 USD an hour or nothing (facts row 13.3)."""
    cut = math.floor(commitment * 10**DECIMALS) / 10**DECIMALS
    return min(cut, MOST_USD_PER_HOUR) if cut >= LEAST_USD_PER_HOUR else 0.0


def _point(offer_effect: Effect) -> Commitment:
    return Commitment(usd_per_hour=offer_effect.commitment, cost_usd_per_month=offer_effect.cost * MONTH_H)


def _notes(plan: SavingsPlan) -> tuple[str, ...]:
    highest = max([plan.discount_percent, *(discount.discount_percent for discount in plan.discounts)])
    covers = "instances and serverless usage" if plan.covers_serverless else "instances, not serverless usage"
    notes = [
        f"The discounts are yours, none is published here. The plan is taken to cover {covers} (facts row 13.4).",
        "The hours of the common clock are taken to repeat for the whole term; other SageMaker usage of the account,"
        " such as training, would fill the commitment too and is not counted.",
    ]
    if highest > MOST_PUBLISHED_PERCENT:
        notes.append(f"{highest:g} % is more than the most that AWS publishes, {MOST_PUBLISHED_PERCENT:g} %.")
    return tuple(notes)
