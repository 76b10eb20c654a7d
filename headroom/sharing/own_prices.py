"""The user's own catalogue of prices: where it is, and how it is read and written. It lies over the packaged one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from headroom.locations import user_file
from pricing import user_catalog
from pricing.rates import Rate

VARIABLE = "HEADROOM_PRICES"


def own_file() -> Path:
    """HEADROOM_PRICES, else prices.csv in the user's data folder."""
    return user_file(VARIABLE, "prices.csv")


def read_own(file: Path) -> tuple[Rate, ...]:
    """Its rates; none where there is no such file. Raises BadCatalog when it cannot be used."""
    if not file.exists():
        return ()
    return user_catalog.read(file.read_text(encoding="utf-8"), str(file))


def write_own(file: Path, rates: Iterable[Rate]) -> None:
    """Replace the file in one step, so that a reader finds the old one or the new one, whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(f".{os.getpid()}.new")
    fresh.write_text(user_catalog.write(rates), encoding="utf-8")
    fresh.replace(file)
