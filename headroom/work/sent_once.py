"""Price books on their way to other processes: pickled once for all calls, and made anew once by each process.

A book holds the prices of all Regions: pickling it takes a tenth of a second and reading it two, more than most calls
that take one along. It never changes, so the processes of a search may keep it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import lru_cache
from multiprocessing.reduction import ForkingPickler

from pricing.book import PriceBook

_KEPT = 4
"""Books that a process keeps: the packaged one, and those with prices that users entered."""


@lru_cache(maxsize=_KEPT)
def _packed(book: PriceBook) -> bytes:
    return pickle.dumps(book, pickle.HIGHEST_PROTOCOL)


@lru_cache(maxsize=_KEPT)
def _received(packed: bytes) -> PriceBook:
    book: PriceBook = pickle.loads(packed)
    return book


def _reduced(book: PriceBook) -> tuple[Callable[[bytes], PriceBook], tuple[bytes]]:
    return _received, (_packed(book),)


def send_books_once() -> None:
    """Make connections of `multiprocessing` send every price book so. It may be called again."""
    ForkingPickler.register(PriceBook, _reduced)
