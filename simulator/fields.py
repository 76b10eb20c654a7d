"""How a field of a scenario is declared: once, with its unit, bounds and help, from which forms, flags and docs are
made.

`Spec` is the base of every part of a scenario: frozen, unknown keys refused, NaN and infinity refused.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class Spec(BaseModel):
    """Base of all scenario parts: an inert, hashable value."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)


def quantity(
    default: Any,
    label: str,
    help: str,
    *,
    unit: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    row: str = "",
) -> Any:
    """Declare a number. `row` names the fact row that a default or bound comes from."""
    extra: dict[str, JsonValue] = {"unit": unit, "row": row}
    return Field(default, title=label, description=help, ge=ge, gt=gt, le=le, json_schema_extra=extra)


def choice(default: Any, label: str, help: str, *, row: str = "", max_length: int | None = None) -> Any:
    """Declare a text, a flag, a list or one of several values."""
    extra: dict[str, JsonValue] = {"unit": "", "row": row}
    return Field(default, title=label, description=help, max_length=max_length, json_schema_extra=extra)
