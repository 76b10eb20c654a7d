"""Indexes that are never negative, for the loops in which every nanosecond counts.

Numba follows Python: a[-1] is the last element. So every index whose sign is not known costs three more instructions.
`natural` promises the compiler that a whole number is at least 0. A promise that is broken reads and writes where
nothing of ours is, so it is given only for places, counts and what has been tested. Without the compiler
(NUMBA_DISABLE_JIT=1) there is nothing to promise, and the number is only returned.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import config, types
from numba.extending import intrinsic


def _natural(_context: Any, index: Any) -> tuple[Any, Callable[..., Any]]:
    """Typing and code of natural(index): the same whole number as int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = context.cast(builder, arguments[0], signature.args[0], types.int64)
        builder.assume(builder.icmp_signed(">=", wide, wide.type(0)))
        return wide

    return types.int64(index), generate


natural = int if config.DISABLE_JIT else intrinsic(_natural)
