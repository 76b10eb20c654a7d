"""Money is exact, or says where it is cut."""

from __future__ import annotations

import threading
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pricing import money

amounts = st.decimals(min_value=0, max_value=Decimal("1e24"), allow_nan=False, places=30)


@given(st.lists(amounts, max_size=20))
def test_a_sum_is_the_sum_of_fractions(values: list[Decimal]) -> None:
    assert Fraction(money.total(values)) == sum((Fraction(value) for value in values), Fraction(0))


@given(amounts, amounts)
def test_a_product_and_a_difference_are_exact(a: Decimal, b: Decimal) -> None:
    assert Fraction(money.product(a, b)) == Fraction(a) * Fraction(b)
    assert Fraction(money.difference(a, b)) == Fraction(a) - Fraction(b)


@given(amounts)
def test_a_quotient_that_ends_is_exact_and_any_other_is_within_half_a_quantum(amount: Decimal) -> None:
    got = Fraction(money.quotient(amount, Decimal(3600)))
    exact = Fraction(amount) / 3600
    if exact.denominator % 3 == 0:
        assert abs(got - exact) <= Fraction(money.QUANTUM) / 2
    else:
        assert got == exact


def test_a_third_of_an_hour_at_one_dollar_is_cut_at_thirty_places() -> None:
    assert money.quotient(Decimal(1), Decimal(3)) == Decimal("0." + "3" * 30)
    assert money.quotient(Decimal(2), Decimal(3)) == Decimal("0." + "6" * 29 + "7")


def test_threads_may_share_the_contexts() -> None:
    wrong: list[Decimal] = []

    def work(divisor: Decimal, expected: Decimal) -> None:
        for _ in range(2000):
            got = money.quotient(Decimal(1), divisor)
            if got != expected:
                wrong.append(got)

    jobs = [(Decimal(3), Decimal("0." + "3" * 30)), (Decimal(4), Decimal("0.25"))]
    threads = [threading.Thread(target=work, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
