"""Values of the what-ifs as JSON and back: dataclasses, tuples, deployments and what JSON knows itself."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from headroom.advisor.evaluation import deployment_from_json
from simulator.fields import Spec
from simulator.patterns.registry import Deployment

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """Plain JSON values; a dataclass becomes an object of its fields, a tuple a list."""
    if isinstance(value, Spec):
        return value.model_dump(mode="json")
    if is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    return [to_json(one) for one in value] if isinstance(value, tuple) else value


def from_json(kind: type[T], data: Any) -> T:
    """The inverse of to_json for a dataclass. Raises KeyError where a field is missing."""
    hints = typing.get_type_hints(kind, include_extras=True)
    made: T = kind(**{field.name: _read(hints[field.name], data[field.name]) for field in fields(kind)})  # type: ignore[arg-type]
    return made


def _read(hint: Any, data: Any) -> Any:
    if data is None:
        return None
    if hint == Deployment:
        return deployment_from_json(data)
    inner = typing.get_args(hint)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return _read(next(one for one in inner if one is not type(None)), data)
    if typing.get_origin(hint) is tuple:
        return tuple(_read(inner[0], one) for one in data)
    if isinstance(hint, type) and is_dataclass(hint) and isinstance(data, Mapping):
        return from_json(hint, data)
    return data
