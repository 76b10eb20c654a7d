"""Work on a second core during a simulation: it draws the next requests, and adds the log of the last ones to the
statistics.

NumPy's generators and the compiled loops release the interpreter's lock, so threads are enough. The order in which
values are drawn and counted does not change, and so neither does any number.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from simulator.engine.replication import Work

_ASIDE: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="aside")


class _OneAhead:
    def __call__(self, items: Iterator[Any]) -> Generator[Any, None, None]:
        """The same items in the same order; while one is used, the next is made. What the iterator raises comes
        through.
        """
        with ThreadPoolExecutor(max_workers=1) as pool:
            coming = pool.submit(next, items, None)
            while (item := coming.result()) is not None:
                coming = pool.submit(next, items, None)
                yield item

    def aside(self, work: Work) -> Work:
        """Run the work on another thread, which does one thing after the other; return a function that waits for its
        result.
        """
        return _ASIDE.submit(work).result


one_ahead: Final = _OneAhead()
