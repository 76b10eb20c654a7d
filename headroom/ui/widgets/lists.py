"""Lists of numbers and small tables as text in a box, one entry a line. What is not a number is left for validation
to name. The columns of tables that hold texts are separated by semicolons, because the texts have commas and spaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from pydantic.fields import FieldInfo

from simulator.fields import Spec

MOST_SHOWN = 1500  # longer lists come from files and are not edited in a box


def columns(field: FieldInfo) -> tuple[str, ...]:
    """Return the names of the columns of a list of parts; none for a list of numbers."""
    entry = get_args(field.annotation)[0]
    return tuple(entry.model_fields) if isinstance(entry, type) and issubclass(entry, Spec) else ()


def to_text(values: Sequence[Any]) -> str:
    """Return the values as text: numbers after one another, parts one a line."""
    if values and isinstance(values[0], Spec):
        rows = [list(value.model_dump().values()) for value in values]
        joint = "; " if any(isinstance(cell, str) for cell in rows[0]) else ", "
        return "\n".join(joint.join(_cell(cell) for cell in row) for row in rows)
    return ", ".join(_cell(value) for value in values)


def has_texts(field: FieldInfo) -> bool:
    """Tell whether the entries of a list of parts have columns that hold texts."""
    entry = get_args(field.annotation)[0]
    return bool(columns(field)) and any(column.annotation is str for column in entry.model_fields.values())


def from_text(text: str, names: Sequence[str] = (), *, texts: bool = False) -> list[Any]:
    """Return what was typed as values for pydantic; a surplus column gets a name that validation refuses."""
    if not names:
        return text.replace(",", " ").split()
    lines = [line for line in text.splitlines() if line.strip()]
    if texts:
        rows = [[cell.strip() for cell in line.split(";")] for line in lines]
    else:
        rows = [line.replace(",", " ").split() for line in lines]
    return [
        {(names[column] if column < len(names) else f"column {column + 1}"): cell for column, cell in enumerate(row)}
        for row in rows
    ]


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:.12g}"
