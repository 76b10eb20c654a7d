from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.headroom.sharing import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.PostgresServer]:
    """A PostgreSQL server; tests that need it are skipped, and say so, where none can be installed."""
    programs = postgres.programs()
    if programs is None:
        pytest.skip(postgres.MISSING)
    with postgres.running(programs) as server:
        yield server
