"""The real catalog, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing.book import PriceBook
from pricing.load import CATALOG_FILES, load

CATALOG = Path(__file__).parents[2] / "pricing" / "catalog"


@pytest.fixture(scope="session")
def files() -> dict[str, str]:
    return {name: (CATALOG / name).read_text(encoding="utf-8") for name in CATALOG_FILES}


@pytest.fixture(scope="session")
def book(files: dict[str, str]) -> PriceBook:
    return load(files)
