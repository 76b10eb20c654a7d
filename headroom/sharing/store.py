"""The store behind short links (`?l=<id>`, `?pl=<id>`): a table of scenarios and portfolios that do not fit into a
link, in a SQLite file or a PostgreSQL database. As in files, what has `workloads` is a portfolio.

The same scenario or portfolio always gets the same id. Ids are drawn at random, so that knowing one tells nothing of
another. Nothing is ever changed, and nothing is deleted but by `headroom store prune`. One object may be used by many
threads, and one database by many processes.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from headroom.advisor.portfolio.description import Portfolio
from headroom.errors import BadLink
from headroom.locations import is_url
from headroom.sharing.canonical import canonical_json, document, dumps
from headroom.sharing.link import pack, unpack
from headroom.sharing.link_table import LinkTable, Row, Stats, StoreUnusable, Writing
from headroom.sharing.portfolio_link import portfolio_of, values_of
from headroom.sharing.schema import difference, to_scenario
from headroom.sharing.sqlite_table import SqliteTable
from simulator.errors import InvalidScenario
from simulator.scenario import SCHEMA, Scenario

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # 31 characters, none of which looks like another
ID_CHARS = 10  # 49.5 bits
MAX_PACKED_BYTES = 2_000_000  # 200,000 arrival times to the millisecond take about 0.9 MB
MAX_UNPACKED_BYTES = 16_000_000
MAX_STORE_BYTES = 1_000_000_000

_PORTFOLIO = "workloads"
_SENT = "sent"


def table_at(place: str) -> LinkTable:
    """Return the table at a place: the path of a file, or the URL of a database. Raises StoreUnusable when the package
    for PostgreSQL is not installed.
    """
    if not is_url(place):
        return SqliteTable(Path(place))
    try:
        from headroom.sharing.postgres_table import PostgresTable  # noqa: PLC0415, only who has such a database needs it
    except ImportError as missing:
        raise StoreUnusable("PostgreSQL needs psycopg: pip install 'headroom[postgresql]'") from missing
    return PostgresTable(place)


class Store:
    """Scenarios and portfolios by short id, in the table at `place`: a file, or a database (`table_at`).

    max_bytes: the most that it keeps.
    """

    def __init__(self, place: str | Path, max_bytes: int = MAX_STORE_BYTES) -> None:
        self._table = table_at(str(place))
        self._max_bytes = max_bytes

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

    def stats(self) -> Stats:
        """Return how much the store holds."""
        return self._table.stats()

    def prune(self, before: datetime) -> int:
        """Delete the links made before that moment; return how many. Raises BadLink when the store cannot be used."""
        return self._table.prune(before)

    def everything(self) -> Iterator[tuple[str, Scenario | Portfolio | BadLink | InvalidScenario]]:
        """Yield every id with what is kept under it, or with why that can no longer be opened."""
        for row in self._table.rows():
            try:
                schema, values = _opened(row)
                yield row.id, _value(schema, values)
            except (BadLink, InvalidScenario) as error:
                yield row.id, error

    def _keep(self, canonical: str, values: dict[str, Any], noun: str) -> str:
        digest = hashlib.sha256(f"{SCHEMA}.{canonical}".encode()).hexdigest()
        body = pack(values)
        _check_size(len(body), MAX_PACKED_BYTES, "packed", noun)
        _check_size(len(dumps(values).encode()), MAX_UNPACKED_BYTES, "unpacked", noun)
        with self._table.writing() as table:
            return table.id_of(digest) or self._insert(table, digest, body, noun)

    def _row_of(self, id_: str) -> tuple[int, dict[str, Any]]:
        """The schema and the values of an id."""
        if len(id_) != ID_CHARS or not set(id_) <= set(ALPHABET):
            raise BadLink(f"a short link has {ID_CHARS} letters and digits; this one has been cut or altered.")
        row = self._table.row(id_)
        if row is None:
            raise BadLink("this short link is not known here. Short links work only on the server that made them.")
        return _opened(row)

    def _insert(self, table: Writing, digest: str, body: bytes, noun: str) -> str:
        if table.size_bytes() + len(body) > self._max_bytes:
            raise BadLink(f"the store for short links is full on this server. Download the {noun} file instead.")
        while True:  # an id that is taken is drawn again; a digest that another thread has just stored is found
            table.insert("".join(secrets.choice(ALPHABET) for _ in range(ID_CHARS)), digest, SCHEMA, body)
            if (id_ := table.id_of(digest)) is not None:
                return id_


def _check_size(size_bytes: int, most_bytes: int, how: str, noun: str) -> None:
    """Refuse what could not be read again."""
    if size_bytes > most_bytes:
        raise BadLink(
            f"this {noun} is too large to store ({size_bytes:,} bytes {how}, at most {most_bytes:,}): "
            f"use a shorter trace, or download the {noun} file."
        )


def _opened(row: Row) -> tuple[int, dict[str, Any]]:
    if not isinstance(row.schema, int) or row.schema < 1 or not isinstance(row.body, bytes):
        raise BadLink("what is stored under this short link has been altered.")
    return row.schema, unpack(row.schema, row.body, MAX_UNPACKED_BYTES)


def _value(schema: int, values: dict[str, Any]) -> Scenario | Portfolio:
    if _PORTFOLIO in values:
        return portfolio_of(values, schema)
    values.pop(_SENT, "")
    return to_scenario(values, schema)
