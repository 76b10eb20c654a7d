"""Exact decimal arithmetic for money.

Products and sums are exact or they raise: nothing is rounded on the quiet. Division is the one operation that may not
terminate (instance-seconds / 3600); such a quotient is cut at `QUANTUM`, 1e-30 USD, half to even.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow

QUANTUM = Decimal("1e-30")

# Amounts are at most 1e24 with at most 120 digits (bill.Quantity), rates have at most 40 (book.Override, rows.Row.usd):
# 1000 digits hold any product of them and any sum a bill can have. Traps, not flags, so threads may share the contexts.
_EXACT = Context(prec=1000, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
_CUT = Context(prec=1000, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])


def product(a: Decimal, b: Decimal) -> Decimal:
    """Return a x b, exactly."""
    return _EXACT.multiply(a, b)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum of the amounts; 0 when there are none."""
    result = Decimal(0)
    for amount in amounts:
        result = _EXACT.add(result, amount)
    return result


def difference(a: Decimal, b: Decimal) -> Decimal:
    """Return a - b, exactly."""
    return _EXACT.subtract(a, b)


def quotient(amount: Decimal, divisor: Decimal) -> Decimal:
    """Return amount / divisor: exact when the decimal expansion ends, otherwise cut at `QUANTUM`."""
    try:
        return _EXACT.divide(amount, divisor)
    except Inexact:
        return _CUT.quantize(_CUT.divide(amount, divisor), QUANTUM)
