"""The table behind the store of short links, as a database keeps it: what the store asks of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from headroom.errors import BadLink


class StoreUnusable(BadLink):
    """The database of the store cannot be used: it is missing, locked, full, or not ours to read; the message says
    why.
    """

    def __init__(self, why: object) -> None:
        super().__init__(f"the store for short links cannot be used: {' '.join(str(why).split())}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is kept under an id, as the database has it: nothing of it is trusted."""

    id: str
    schema: object
    body: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How much a store holds. size_bytes: what counts against its limit. oldest, newest: None when it is empty."""

    links: int
    size_bytes: int
    oldest: datetime | None
    newest: datetime | None


class Writing(Protocol):
    """The table during one transaction that writes."""

    def id_of(self, digest: str) -> str | None:
        """Return the id of the row with this digest, None when there is none."""

    def insert(self, id_: str, digest: str, schema: int, body: bytes) -> None:
        """Add a row; do nothing when its id or its digest is there."""

    def size_bytes(self) -> int:
        """Return what counts against the store's limit."""


class LinkTable(Protocol):
    """A table of links. Whatever a database raises becomes StoreUnusable. Reading writes nothing, not even a lock file;
    a table that is not there is empty when it is read, and made when it is written.
    """

    def row(self, id_: str) -> Row | None:
        """Return the row of an id, None when there is none."""

    def rows(self) -> Iterator[Row]:
        """Yield every row, the oldest first."""

    def stats(self) -> Stats:
        """Return how much the table holds."""

    def prune(self, before: datetime) -> int:
        """Delete the rows made before that moment and give their space back; return how many."""

    def writing(self) -> AbstractContextManager[Writing]:
        """Begin a transaction that ends with the block."""
