"""Strict reading of single catalog values. Every complaint names the file, the row and the column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pricing import keys
from pricing.book import Evidence
from pricing.errors import BadCatalog

EVIDENCE: dict[str, Evidence] = {"observed": "observed", "derived": "derived", "hand_kept": "hand_kept"}

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,30})?")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row (CSV line or TOML table) and where it is, for messages."""

    file: str
    row: str
    values: Mapping[str, Any]

    def bad(self, column: str, given: object, allowed: str) -> BadCatalog:
        """The error to raise for one value."""
        return BadCatalog(f"{self.file}, {self.row}, {column}: given {given!r}; allowed: {allowed}.")

    def only(self, allowed: Iterable[str]) -> None:
        """Refuse columns that nobody reads."""
        for name in self.values:
            if name not in allowed:
                raise self.bad(name, name, "a known column: " + ", ".join(allowed))

    def text(self, column: str, default: str | None = None) -> str:
        """A text, required unless there is a default."""
        value = self.values.get(column, default)
        if not isinstance(value, str):
            raise self.bad(column, value, "a text")
        return value

    def texts(self, column: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts, required unless there is a default."""
        value = self.values.get(column, default)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self.bad(column, value, "a list of texts")
        return tuple(value)

    def one_of(self, column: str, allowed: Iterable[str]) -> str:
        """A text out of a few."""
        value = self.text(column)
        if value not in allowed:
            raise self.bad(column, value, ", ".join(allowed))
        return value

    def day(self, column: str) -> date:
        """A calendar day: a TOML date, or ISO text in a CSV."""
        value = self.values.get(column)
        if type(value) is date:
            return value
        try:
            return date.fromisoformat(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise self.bad(column, value, "a date such as 2026-05-20") from None

    def usage(self, column: str = "usage") -> keys.UsageKey:
        """A usage key."""
        return keys.BY_KEY[self.one_of(column, keys.BY_KEY)]

    def region(self, name: str) -> str:
        """A Region code that was read as `name`."""
        if not _REGION.fullmatch(name):
            raise self.bad("region", name, "a Region code such as us-east-1")
        return name

    def usd(self, value: object, key: keys.UsageKey, column: str) -> Decimal:
        """A price written as text in plain decimals, above 0 and below what the key allows."""
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            raise self.bad(column, value, 'a price as text in plain decimals, such as "0.016"')
        usd = Decimal(value)
        if not 0 < usd <= key.max_usd:
            raise self.bad(column, value, f"above 0, at most {key.max_usd} USD per {key.rate_unit}")
        return usd
