"""Short links in one SQLite file, which many threads and processes of one machine may use.

The journal is a file beside it that exists while somebody writes: a reader needs no right to write anything, so that
existing links open on a full disk and on a read-only file system. Nothing is kept open, so a file that is lost or put
back is noticed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from headroom.sharing.link_table import Row, Stats, StoreUnusable, Writing

READ_WAIT_S, WRITE_WAIT_S = 2.0, 10.0
"""How long a lock of others is waited for."""

_NO_COMPANIONS = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
_TABLE = """
CREATE TABLE IF NOT EXISTS link (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    schema INTEGER NOT NULL,
    body BLOB NOT NULL,
    created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)
"""
_INSERT = "INSERT INTO link (id, digest, schema, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_ALL = "SELECT id, schema, body FROM link ORDER BY created, id"
_STATS = "SELECT count(*), min(created), max(created) FROM link"


class SqliteTable:
    """The table in the file at `path`, which is made with its folder when it is written first."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def row(self, id_: str) -> Row | None:
        """Return the row of an id, None when there is none."""
        with self._reading() as database:
            found = database and database.execute("SELECT id, schema, body FROM link WHERE id = ?", (id_,)).fetchone()
        return _row(found) if found else None

    def rows(self) -> Iterator[Row]:
        """Yield every row, the oldest first."""
        with self._reading() as database:
            yield from map(_row, database.execute(_ALL) if database else ())

    def stats(self) -> Stats:
        """Return how much the table holds."""
        with self._reading() as database:
            if database is None:
                return Stats(links=0, size_bytes=0, oldest=None, newest=None)
            links, oldest, newest = database.execute(_STATS).fetchone()
            return Stats(links=links, size_bytes=_size(database), oldest=_moment(oldest), newest=_moment(newest))

    def prune(self, before: datetime) -> int:
        """Delete the rows made before that moment and give their space back; return how many."""
        with self._open() as database:
            moment = before.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
            with database:
                number = database.execute("DELETE FROM link WHERE created < ?", (moment,)).rowcount
            database.execute("VACUUM")
            return number

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Begin a transaction that ends with the block."""
        with self._open() as database, database:
            yield _Writing(database)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own for each use: cheap, and nothing is shared between threads."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=WRITE_WAIT_S)) as database:
                database.execute("PRAGMA journal_mode = DELETE")
                database.execute(_TABLE)
                yield database
        except (sqlite3.Error, OSError) as error:
            raise StoreUnusable(error) from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection that writes nothing; None while there is no table."""
        try:
            if not self._path.exists():
                yield None
                return
            with closing(self._connected()) as database:
                yield database if _has_table(database) else None
        except (sqlite3.Error, OSError) as error:
            raise StoreUnusable(error) from error

    def _connected(self) -> sqlite3.Connection:
        """A read-only connection. A file in the older mode that needs its companions, in a folder that allows none, is
        read as it is.
        """
        address = f"file:{quote(str(self._path.absolute()))}?mode=ro"
        database = sqlite3.connect(address, timeout=READ_WAIT_S, uri=True)
        try:
            _has_table(database)
        except sqlite3.OperationalError as error:
            database.close()
            if error.sqlite_errorcode & 0xFF not in _NO_COMPANIONS:
                raise
            return sqlite3.connect(f"{address}&immutable=1", timeout=READ_WAIT_S, uri=True)
        return database


class _Writing:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def id_of(self, digest: str) -> str | None:
        row = self._database.execute("SELECT id FROM link WHERE digest = ?", (digest,)).fetchone()
        return None if row is None else str(row[0])

    def insert(self, id_: str, digest: str, schema: int, body: bytes) -> None:
        self._database.execute(_INSERT, (id_, digest, schema, body))

    def size_bytes(self) -> int:
        return _size(self._database)


def _row(values: tuple[str, object, object]) -> Row:
    return Row(id=values[0], schema=values[1], body=values[2])


def _has_table(database: sqlite3.Connection) -> bool:
    return database.execute("SELECT 1 FROM sqlite_master WHERE name = 'link'").fetchone() is not None


def _size(database: sqlite3.Connection) -> int:
    """The pages in use: those of deleted rows are used again."""
    names = ("page_count", "freelist_count", "page_size")
    pages, unused, page_bytes = (int(database.execute(f"PRAGMA {name}").fetchone()[0]) for name in names)
    return (pages - unused) * page_bytes


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
