"""Draw ahead: the next requests are drawn on another core while the last ones are simulated.

NumPy's generators and the compiled loops let go of the interpreter's lock, so a thread is enough. The order of what is
drawn does not change, and so neither does any number.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def one_ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The same items in the same order; while one is used, the next is made. What the iterator raises comes through."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item
