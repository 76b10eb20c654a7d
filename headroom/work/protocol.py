"""The lines that the app and a worker process write to each other: one JSON object each, of one of the types below.

In: `OrderLine`. Out: `StateLine` "compiling", then "ready", once; then for each order any number of `ShareLine` and
`PartialLine` and at last one `ResultLine` or `ErrorLine`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from headroom.codec import to_json

Json = Any
"""A JSON value: None, a truth value, a number, a text, a list or a dict of them."""

Payload = Mapping[str, Any]
"""JSON values; in an order, scenarios and parts of one may stand among them as they are."""


class NotALine(ValueError):
    """A text is not a line of the protocol."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order to do work of one kind (`tasks.KINDS`) on a payload of plain JSON values."""

    kind: str
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class StateLine:
    """The progress of a worker's start: "compiling", or "ready" when it takes orders."""

    state: Literal["compiling", "ready"]


@dataclass(frozen=True, slots=True)
class ShareLine:
    """The share of the work that is done, from 0 to 1."""

    share: float


@dataclass(frozen=True, slots=True)
class PartialLine:
    """A preliminary result that can be shown before the final one."""

    partial: Json


@dataclass(frozen=True, slots=True)
class ResultLine:
    """The final result of an order."""

    result: Json


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """An order cannot be done; the message is meant for the user."""

    error: str


Line = StateLine | ShareLine | PartialLine | ResultLine | ErrorLine


def to_text(value: Any) -> str:
    """Return a value as one line of JSON; equal values give equal text."""
    return json.dumps(to_json(value), sort_keys=True)


def encode(line: Line | OrderLine) -> str:
    """Return a line of the protocol as text that ends with a line feed."""
    return json.dumps({name: getattr(line, name) for name in type(line).__slots__}) + "\n"


def decode(text: str) -> Line:
    """Return the line that a worker wrote; raises NotALine when the text is none."""
    fields = _object(text)
    for line, is_value in _OUT.items():
        if tuple(fields) == line.__slots__ and is_value(*fields.values()):
            return line(*fields.values())
    raise NotALine(f"no line of a worker: {text[:200]!r}")


def decode_order(text: str) -> OrderLine:
    """Return the order that the app wrote; raises NotALine when the text is none."""
    fields = _object(text)
    kind, payload = fields.get("kind"), fields.get("payload")
    if len(fields) != len(OrderLine.__slots__) or not isinstance(kind, str) or not isinstance(payload, dict):
        raise NotALine(f"no order: {text[:200]!r}")
    return OrderLine(kind, payload)


def _object(text: str) -> dict[str, Json]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise NotALine(f"no JSON: {text[:200]!r}") from error
    if not isinstance(value, dict):
        raise NotALine(f"no JSON object: {text[:200]!r}")
    return value


def _is_share(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_json(_value: Json) -> bool:
    return True


_OUT: dict[type[Line], Callable[[Json], bool]] = {
    StateLine: lambda value: value in ("compiling", "ready"),
    ShareLine: _is_share,
    PartialLine: _is_json,
    ResultLine: _is_json,
    ErrorLine: lambda value: isinstance(value, str),
}
