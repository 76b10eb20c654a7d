"""Short links in a PostgreSQL database, for several servers that share them (docs/decisions/0018-store.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg

from headroom.sharing.link_table import Row, Stats, StoreUnusable, Writing

CONNECT_S = 5
"""How long a server is waited for."""
_WAIT_MS = 10_000

_LOCK = "SELECT pg_advisory_xact_lock(7224536091)"
"""Two that make the table at once would collide in the catalogue of the database."""
_TABLE = """
CREATE TABLE IF NOT EXISTS link (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    schema INTEGER NOT NULL,
    body BYTEA NOT NULL,
    created TIMESTAMPTZ NOT NULL DEFAULT now()
)
"""
_INSERT = "INSERT INTO link (id, digest, schema, body) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
_ALL = "SELECT id, schema, body FROM link ORDER BY created, id"
_SIZE = "SELECT coalesce(sum(octet_length(body)), 0) FROM link"
_STATS = "SELECT count(*), coalesce(sum(octet_length(body)), 0), min(created), max(created) FROM link"

Connection = psycopg.Connection[tuple[Any, ...]]


class PostgresTable:
    """The table `link` in the database at `url`, made when it is written first."""

    def __init__(self, url: str) -> None:
        self._url = url

    def row(self, id_: str) -> Row | None:
        """Return the row of an id, None when there is none."""
        with self._reading() as database:
            found = database and database.execute("SELECT id, schema, body FROM link WHERE id = %s", (id_,)).fetchone()
        return _row(found) if found else None

    def rows(self) -> Iterator[Row]:
        """Yield every row, the oldest first."""
        with self._reading() as database:
            if database is not None:
                with database.cursor("rows") as cursor:  # by name: fetched part by part
                    yield from map(_row, cursor.execute(_ALL))

    def stats(self) -> Stats:
        """Return how much the table holds."""
        with self._reading() as database:
            found = database and database.execute(_STATS).fetchone()
        links, size_bytes, oldest, newest = found or (0, 0, None, None)
        return Stats(links=links, size_bytes=int(size_bytes), oldest=oldest, newest=newest)

    def prune(self, before: datetime) -> int:
        """Delete the rows made before that moment; the database gives their space back by itself. Return how many."""
        with self._open() as database:
            return database.execute("DELETE FROM link WHERE created < %s", (before,)).rowcount

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Begin a transaction that ends with the block."""
        with self._open() as database:
            yield _Writing(database)

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        with self._connected() as database:
            database.execute(_LOCK)
            database.execute(_TABLE)
            yield database

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """A connection that can write nothing; None while there is no table."""
        with self._connected() as database:
            database.read_only = True
            there = database.execute("SELECT to_regclass('link') IS NOT NULL").fetchone()
            yield database if there and there[0] else None

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection of its own for each use; the block is a transaction."""
        options = f"-c lock_timeout={_WAIT_MS} -c statement_timeout={_WAIT_MS}"
        try:
            with psycopg.connect(self._url, connect_timeout=CONNECT_S, options=options) as database:
                yield database
        except psycopg.Error as error:
            raise StoreUnusable(str(error).strip() or type(error).__name__) from error


class _Writing:
    def __init__(self, database: Connection) -> None:
        self._database = database

    def id_of(self, digest: str) -> str | None:
        row = self._database.execute("SELECT id FROM link WHERE digest = %s", (digest,)).fetchone()
        return None if row is None else str(row[0])

    def insert(self, id_: str, digest: str, schema: int, body: bytes) -> None:
        self._database.execute(_INSERT, (id_, digest, schema, body))

    def size_bytes(self) -> int:
        row = self._database.execute(_SIZE).fetchone()
        return int(row[0]) if row else 0


def _row(values: tuple[Any, ...]) -> Row:
    return Row(id=values[0], schema=values[1], body=bytes(values[2]))
