"""Strict reading of single catalog values. Every error names the file, the row and the column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pricing import keys
from pricing.errors import BadCatalog
from pricing.rates import Evidence

EVIDENCE: dict[str, Evidence] = {"observed": "observed", "derived": "derived", "hand_kept": "hand_kept"}

PLAIN_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,30})?")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the catalog (a CSV line or a TOML table), with its file and row number for messages."""

    file: str
    row: str
    values: Mapping[str, Any]

    def bad(self, column: str, given: object, allowed: str) -> BadCatalog:
        """Return the error for one value of this row."""
        return BadCatalog(f"{self.file}, {self.row}, {column}: given {given!r}; allowed: {allowed}.")

    def only(self, allowed: Iterable[str]) -> None:
        """Raise BadCatalog when the row has a column that is not allowed."""
        for name in self.values:
            if name not in allowed:
                raise self.bad(name, name, "a known column: " + ", ".join(allowed))

    def text(self, column: str, default: str | None = None) -> str:
        """Return the text of a column; raises BadCatalog when it is missing without a default, or no text."""
        value = self.values.get(column, default)
        if not isinstance(value, str):
            raise self.bad(column, value, "a text")
        return value

    def texts(self, column: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Return the list of texts of a column; raises BadCatalog when it is missing without a default, or no such
        list.
        """
        value = self.values.get(column, default)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self.bad(column, value, "a list of texts")
        return tuple(value)

    def one_of(self, column: str, allowed: Iterable[str]) -> str:
        """Return the text of a column; raises BadCatalog when it is not among the allowed ones."""
        value = self.text(column)
        if value not in allowed:
            raise self.bad(column, value, ", ".join(allowed))
        return value

    def day(self, column: str) -> date:
        """Return the day of a column: a TOML date, or ISO text in a CSV. Raises BadCatalog when it is neither."""
        value = self.values.get(column)
        if type(value) is date:
            return value
        try:
            return date.fromisoformat(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise self.bad(column, value, "a date such as 2026-05-20") from None

    def usage(self, column: str = "usage") -> keys.UsageKey:
        """Return the usage key that a column names; raises BadCatalog when there is no such key."""
        return keys.BY_KEY[self.one_of(column, keys.BY_KEY)]

    def region(self, name: str) -> str:
        """Return a Region code; raises BadCatalog when `name` has not the form of one."""
        if not _REGION.fullmatch(name):
            raise self.bad("region", name, "a Region code such as us-east-1")
        return name

    def usd(self, value: object, key: keys.UsageKey, column: str) -> Decimal:
        """Return a price written as text in plain decimals. Raises BadCatalog unless it is above 0 and at most the
        key's limit.
        """
        if not isinstance(value, str) or not PLAIN_DECIMAL.fullmatch(value):
            raise self.bad(column, value, 'a price as text in plain decimals, such as "0.016"')
        usd = Decimal(value)
        if not 0 < usd <= key.max_usd:
            raise self.bad(column, value, f"above 0, at most {key.max_usd} USD per {key.rate_unit}")
        return usd
