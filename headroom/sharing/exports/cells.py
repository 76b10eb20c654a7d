"""Cells of a CSV file that a spreadsheet shows as they are, whatever a user has named things."""

from __future__ import annotations

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full width counts too

Cell = str | float | int | bool | None


def cell(value: Cell) -> str | float | int:
    """The value as one cell: yes or no, an empty one for None, text that is no formula."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    return safe_text(value) if isinstance(value, str) else value


def safe_text(text: str) -> str:
    """Text that a spreadsheet shows instead of running it as a formula: a quote goes before the first character."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text
