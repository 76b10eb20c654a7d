"""What is worked out once of a source of requests and serves every deployment that is asked about it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from simulator.traffic.sources import Source

Table = TypeVar("Table")


class LoadTables:
    """Tables of one source: rates and arrivals by the minute, batch jobs, whatever no deployment changes.

    Belongs to one source and is never handed to another; a copy in another process begins empty, since a table is
    worked out sooner than it is sent.
    """

    __slots__ = ("_tables", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self._tables: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], Table]) -> Table:
        """The table of this key, made when it is first asked for. The key names all that the table depends on."""
        if key not in self._tables:
            self._tables[key] = make()
        table: Table = self._tables[key]
        return table

    def __reduce__(self) -> tuple[type[LoadTables], tuple[Source]]:
        return LoadTables, (self.source,)
