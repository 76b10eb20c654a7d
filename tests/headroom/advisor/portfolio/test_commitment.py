"""The best commitment: against the closed form, against brute force, by hand, and what can never be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.advisor.portfolio.commitment import Curve, best_commitment, effect

hourly = st.lists(st.one_of(st.just(0.0), st.floats(0.01, 1000)), min_size=1, max_size=60).filter(any)
percents = st.floats(0.5, 90)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Up to three discounts; some hours may have no usage of some of them."""
    falling = sorted(draw(st.sets(percents, min_size=1, max_size=3)), reverse=True)
    hours = draw(st.integers(1, 40))
    usd = [
        draw(st.lists(st.one_of(st.just(0.0), st.floats(0.01, 100)), min_size=hours, max_size=hours)) for _ in falling
    ]
    return Curve(np.array(falling), np.array(usd))


def one(percent: float, usd: list[float]) -> Curve:
    return Curve(np.array([percent]), np.array([usd]))


def newsvendor(percent: float, usd: list[float]) -> float:
    """(1 - d) times the smallest level that at most the share 1 - d of the hours exceed."""
    kept = 1 - percent / 100
    levels = sorted({0.0, *usd})
    return kept * next(level for level in levels if sum(x > level for x in usd) <= kept * len(usd) + 1e-9)


def test_by_hand() -> None:
    # 10 USD in every hour, 30 more in one of four. At 20 % only what runs in more than 4 of 5 hours pays.
    curve = one(20, [10, 10, 10, 40])
    assert best_commitment(curve) == pytest.approx(8)
    found = effect(curve, 8)
    assert found.cost == pytest.approx(8 + 30 / 4)
    assert (found.on_demand, found.covered, found.wasted) == pytest.approx((7.5, 10, 0))
    # At 80 % what runs in more than 1 of 5 hours pays: all of it, although 6 USD are lost in three of four hours.
    assert best_commitment(one(80, [10, 10, 10, 40])) == pytest.approx(8)
    assert effect(one(80, [10, 10, 10, 40]), 8).wasted == pytest.approx((6 + 6 + 6 + 0) / 4)


def test_as_in_the_guide() -> None:
    """Facts row 13.2, the second and the third of its examples: the highest discount is used first."""
    curve = Curve(np.array([30.0, 25.0, 18.0]), np.array([[4.0], [22.4], [10.0]]))
    assert effect(curve, 2).on_demand == pytest.approx(4 - 2 / 0.7 + 22.4 + 10)
    assert effect(curve, 2.8 + 16.8).on_demand == pytest.approx(10)


def test_steady_usage_is_committed_whole() -> None:
    assert best_commitment(one(1, [5.0] * 24)) == pytest.approx(4.95)


def test_usage_that_is_seldom_is_not_committed() -> None:
    assert best_commitment(one(20, [0, 0, 0, 0, 100])) == 0


@given(percents, hourly)
def test_the_search_finds_the_closed_form(percent: float, usd: list[float]) -> None:
    curve = one(percent, usd)
    found, closed = best_commitment(curve), newsvendor(percent, usd)
    assert effect(curve, found).cost == pytest.approx(effect(curve, closed).cost, rel=1e-9)
    assert found == pytest.approx(closed) or effect(curve, found).cost < effect(curve, closed).cost * (1 + 1e-9)


@given(curves())
def test_no_other_commitment_is_cheaper(curve: Curve) -> None:
    least = effect(curve, best_commitment(curve)).cost
    highest = float(curve.ends[-1].max())
    tried = [*curve.ends.ravel(), *np.linspace(0, 1.2 * highest, 50)]
    assert all(effect(curve, float(usd)).cost >= least * (1 - 1e-9) for usd in tried)


@given(curves())
def test_never_more_than_the_largest_hour_and_never_dearer_than_on_demand(curve: Curve) -> None:
    found = best_commitment(curve)
    assert 0 <= found <= curve.ends[-1].max()
    assert effect(curve, found).cost <= effect(curve, 0).cost * (1 + 1e-12)


@given(curves(), st.floats(0, 2))
def test_the_parts_add_up(curve: Curve, share: float) -> None:
    commitment = share * float(curve.ends[-1].max())
    found, eligible = effect(curve, commitment), float(curve.usd.sum(axis=0).mean())
    assert found.covered + found.on_demand == pytest.approx(eligible)
    assert found.cost == pytest.approx(commitment + found.on_demand)
    assert -1e-9 <= found.wasted <= commitment + 1e-9
    paid = commitment - found.wasted
    kept = curve.kept
    assert found.covered * kept.min() * (1 - 1e-9) - 1e-9 <= paid <= found.covered * kept.max() * (1 + 1e-9) + 1e-9


@given(hourly, percents, percents)
def test_a_higher_discount_never_saves_less(usd: list[float], a: float, b: float) -> None:
    low, high = (one(percent, usd) for percent in sorted((a, b)))
    assert effect(high, best_commitment(high)).cost <= effect(low, best_commitment(low)).cost * (1 + 1e-9)


@given(curves())
def test_the_cost_is_convex_in_the_commitment(curve: Curve) -> None:
    tried = np.linspace(0, 1.2 * float(curve.ends[-1].max()), 30)
    cost = np.array([effect(curve, float(usd)).cost for usd in tried])
    assert (np.diff(cost, 2) >= -1e-9 * (1 + cost.max())).all()
