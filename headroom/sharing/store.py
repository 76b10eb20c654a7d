"""The store behind short links (`?l=<id>`, `?pl=<id>`): one SQLite file, for scenarios and portfolios that do not fit
into a link. As in files, what has `workloads` is a portfolio.

The same scenario or portfolio always gets the same id. Ids are drawn at random, so that knowing one tells nothing of
another. Nothing is ever changed or deleted here. One object may be used by many threads, and one file by many
processes.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from headroom.advisor.portfolio.description import Portfolio
from headroom.errors import BadLink
from headroom.sharing.canonical import canonical_json, document, dumps
from headroom.sharing.link import pack, unpack
from headroom.sharing.portfolio_link import portfolio_of, values_of
from headroom.sharing.schema import difference, to_scenario
from simulator.scenario import SCHEMA, Scenario

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # 31 characters, none of which looks like another
ID_CHARS = 10  # 49.5 bits
MAX_PACKED_BYTES = 2_000_000  # 200,000 arrival times to the millisecond take about 0.9 MB
MAX_UNPACKED_BYTES = 16_000_000
MAX_STORE_BYTES = 1_000_000_000

_PORTFOLIO = "workloads"
_SENT = "sent"

_TABLE = """
CREATE TABLE IF NOT EXISTS link (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    schema INTEGER NOT NULL,
    body BLOB NOT NULL,
    created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    hits INTEGER NOT NULL DEFAULT 0
)
"""
_INSERT = "INSERT INTO link (id, digest, schema, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"


class Store:
    """Scenarios and portfolios by short id, kept in the SQLite file at `path`, which is created when it does
    not exist.
    """

    def __init__(self, path: Path, max_bytes: int = MAX_STORE_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        with self._open() as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(_TABLE)

    def put(self, scenario: Scenario, sent: str = "") -> str:
        """Keep a scenario and return its id; raises BadLink when the scenario is too large or the store is full.

        sent: the text of the answer that is sent along (`headroom.sharing.sent_answer`).
        """
        values = difference(document(scenario)) | ({_SENT: sent} if sent else {})
        return self._keep(canonical_json(scenario) + sent, values, "scenario")

    def put_portfolio(self, portfolio: Portfolio) -> str:
        """Keep a portfolio and return its id; raises BadLink when the portfolio is too large or the store is full."""
        values = values_of(portfolio)
        return self._keep(dumps(values), values, "portfolio")

    def get(self, id_: str) -> Scenario:
        """Return the scenario of an id. Raises BadLink when there is none, InvalidScenario when it is no longer
        allowed.
        """
        return self.get_sent(id_)[0]

    def get_sent(self, id_: str) -> tuple[Scenario, str]:
        """Return the scenario of an id, and the text of the answer that was sent along, empty when there is none.

        Raises as `get`.
        """
        schema, values = self._row_of(id_)
        if _PORTFOLIO in values:
            raise BadLink("this short link is of a portfolio: it opens on the Portfolio page, as ?pl= and the same id.")
        sent = values.pop(_SENT, "")
        return to_scenario(values, schema), sent if isinstance(sent, str) else ""

    def get_portfolio(self, id_: str) -> Portfolio:
        """Return the portfolio of an id. Raises BadLink when there is none, InvalidScenario when it is no longer
        allowed.
        """
        schema, values = self._row_of(id_)
        if _PORTFOLIO not in values:
            raise BadLink("this short link is of a scenario: it opens on the other pages, as ?l= and the same id.")
        return portfolio_of(values, schema)

    def _keep(self, canonical: str, values: dict[str, Any], noun: str) -> str:
        digest = hashlib.sha256(f"{SCHEMA}.{canonical}".encode()).hexdigest()
        body = pack(values)
        if len(body) > MAX_PACKED_BYTES:
            raise BadLink(
                f"this {noun} is too large to store ({len(body):,} bytes packed, at most {MAX_PACKED_BYTES:,}): "
                f"use a shorter trace, or download the {noun} file."
            )
        with self._open() as database:
            return _id_of(database, digest) or self._insert(database, digest, body, noun)

    def _row_of(self, id_: str) -> tuple[int, dict[str, Any]]:
        """The schema and the values of an id."""
        if len(id_) != ID_CHARS or not set(id_) <= set(ALPHABET):
            raise BadLink(f"a short link has {ID_CHARS} letters and digits; this one has been cut or altered.")
        with self._open() as database:
            database.execute("UPDATE link SET hits = hits + 1 WHERE id = ?", (id_,))
            row = database.execute("SELECT schema, body FROM link WHERE id = ?", (id_,)).fetchone()
        if row is None:
            raise BadLink("this short link is not known here. Short links work only on the server that made them.")
        return int(row[0]), unpack(int(row[0]), bytes(row[1]), MAX_UNPACKED_BYTES)

    def _insert(self, database: sqlite3.Connection, digest: str, body: bytes, noun: str) -> str:
        if _size(database) + len(body) > self._max_bytes:
            raise BadLink(f"the store for short links is full on this server. Download the {noun} file instead.")
        while True:  # an id that is taken is drawn again; a digest that another thread has just stored is found
            database.execute(
                _INSERT, ("".join(secrets.choice(ALPHABET) for _ in range(ID_CHARS)), digest, SCHEMA, body)
            )
            if (id_ := _id_of(database, digest)) is not None:
                return id_

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own for each use: cheap, and nothing is shared between threads."""
        try:
            with closing(sqlite3.connect(self._path, timeout=10)) as database, database:
                yield database
        except sqlite3.Error as error:
            raise BadLink(f"the store for short links cannot be used: {error}.") from error


def _id_of(database: sqlite3.Connection, digest: str) -> str | None:
    row = database.execute("SELECT id FROM link WHERE digest = ?", (digest,)).fetchone()
    return None if row is None else str(row[0])


def _size(database: sqlite3.Connection) -> int:
    pages, page_bytes = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages) * int(page_bytes)
