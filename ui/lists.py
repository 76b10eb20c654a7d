"""Lists of numbers and small tables as text in a box, one entry a line. What is not a number is left for validation
to name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from pydantic.fields import FieldInfo

from simulator.fields import Spec

MOST_SHOWN = 1500  # longer lists come from files and are not edited in a box


def columns(field: FieldInfo) -> tuple[str, ...]:
    """The columns of a list of parts; none for a list of numbers."""
    entry = get_args(field.annotation)[0]
    return tuple(entry.model_fields) if isinstance(entry, type) and issubclass(entry, Spec) else ()


def to_text(values: Sequence[Any]) -> str:
    """Numbers after one another, parts one a line."""
    if values and isinstance(values[0], Spec):
        return "\n".join(", ".join(f"{number:.12g}" for number in value.model_dump().values()) for value in values)
    return ", ".join(f"{value:.12g}" for value in values)


def from_text(text: str, names: Sequence[str] = ()) -> list[Any]:
    """What was typed, as pydantic takes it; a column too many gets a name that is not known."""
    if not names:
        return text.replace(",", " ").split()
    rows = [line.replace(",", " ").split() for line in text.splitlines() if line.strip()]
    return [
        {(names[at] if at < len(names) else f"column {at + 1}"): cell for at, cell in enumerate(row)} for row in rows
    ]
