"""CSV cells that a spreadsheet shows as text, whatever a user has named things."""

from __future__ import annotations

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full width counts too

Cell = str | float | int | bool | None


def cell(value: Cell) -> str | float | int:
    """Return the value as a CSV cell: "yes" or "no" for a bool, "" for None, and text that no spreadsheet runs as a
    formula.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    return safe_text(value) if isinstance(value, str) else value


def safe_text(text: str) -> str:
    """Return text that a spreadsheet shows instead of running it: a quote is put before what would start a formula."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text
