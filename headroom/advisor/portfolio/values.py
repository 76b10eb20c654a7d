"""Plain JSON values of the portfolio's dataclasses, and back, by their type hints.

Knows what those hold: dataclasses, pydantic specs, deployments, tuples, numbers, texts, None, and nothing else.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from headroom.advisor.evaluation import deployment_from_json
from simulator.fields import Spec
from simulator.patterns.registry import Deployment

Value = TypeVar("Value")


def to_plain(value: Any) -> Any:
    """Plain JSON values; specs with their aliases, as files hold them."""
    if isinstance(value, Spec):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value


def from_plain(kind: type[Value], data: Mapping[str, Any]) -> Value:
    """The dataclass that `to_plain` wrote."""
    hints = get_type_hints(kind, include_extras=True)
    return kind(**{name: _read(hints[name], data[name]) for name in hints})


def _read(hint: Any, value: Any) -> Any:
    if hint == Deployment:
        return deployment_from_json(value)
    if get_origin(hint) in (Union, types.UnionType):
        return None if value is None else _read(get_args(hint)[0], value)
    if get_origin(hint) is tuple:
        inside = get_args(hint)
        if inside[-1] is Ellipsis:
            return tuple(_read(inside[0], item) for item in value)
        return tuple(_read(one, item) for one, item in zip(inside, value, strict=True))
    if isinstance(hint, type) and issubclass(hint, Spec):
        return hint.model_validate(value)
    return from_plain(hint, value) if isinstance(hint, type) and dataclasses.is_dataclass(hint) else value
