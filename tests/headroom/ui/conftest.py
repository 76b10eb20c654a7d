"""What tests of the app share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headroom.locations import STORE_VARIABLE
from headroom.ui.shell import cached


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where this test's server keeps short links; the store that another test has opened is not used."""
    path = tmp_path / "links.sqlite"
    monkeypatch.setenv(STORE_VARIABLE, str(path))
    cached.store.clear()
    yield path
    cached.store.clear()
