"""Requests and answers held against the shapes of botocore's service models, as AWS's servers do.

boto3 checks names, types and minima before it sends. The rest (enum, pattern, maximum) only the server refuses, so
that a client which was tried against a lenient stand-in fails at the customer's.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import regex
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

_JAVA = {
    r"\p{Print}": r"\x20-\x7e",
    r"\p{ASCII}": r"\x00-\x7f",
    r"\z": r"\Z",
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
}
"""Patterns are written for Java: what Python spells in another way, as it stands between square brackets."""


@functools.cache
def model_of(service: str) -> ServiceModel:
    """The model of a service as botocore names it, such as "sagemaker-runtime"."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service_name=service)


@functools.cache
def compiled(pattern: str) -> regex.Pattern[str]:
    """A pattern of a model, ready to be matched."""
    for java, python in _JAVA.items():
        before, *after = pattern.split(java)
        for part in after:
            bracketed = before.count("[") > before.count("]") or java == r"\z"
            before += (python if bracketed else f"[{python}]") + part
        pattern = before
    return regex.compile(pattern)


def broken(shape: Shape, value: Any, place: str = "") -> Iterator[str]:
    """Every rule of the shape that the value breaks, in AWS's words."""
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, place)
    elif isinstance(shape, ListShape):
        yield from _bounds(shape, len(value), place, "length") if isinstance(value, list) else _type(place, "a list")
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from broken(shape.member, item, f"{place}.{index + 1}.member")
    elif isinstance(shape, MapShape):
        for key, item in value.items() if isinstance(value, dict) else ():
            yield from broken(shape.key, key, f"{place}.key")
            yield from broken(shape.value, item, f"{place}.{key}")
    else:
        yield from _scalar(shape, value, place)


def _structure(shape: StructureShape, value: Any, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield from _type(place, "a structure")
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"Value null at '{_below(place, name)}' failed to satisfy constraint: Member must not be null"
    for name, item in value.items():
        if name not in shape.members:
            yield f"Unknown member '{_below(place, name)}'"
        elif item is not None:
            yield from broken(shape.members[name], item, _below(place, name))


def _scalar(shape: Shape, value: Any, place: str) -> Iterator[str]:
    kinds: dict[str, Any] = {
        "string": str,
        "integer": int,
        "long": int,
        "float": (int, float),
        "double": (int, float),
        "boolean": bool,
        "timestamp": (int, float, str, datetime),
    }
    kind = kinds.get(shape.type_name, object)
    if not isinstance(value, kind) or (isinstance(value, bool) and shape.type_name != "boolean"):
        yield from _type(place, f"a {shape.type_name}")
        return
    if shape.type_name == "string":
        enum = shape.metadata.get("enum")
        if enum and value not in enum:
            yield _failed(value, place, f"Member must satisfy enum value set: [{', '.join(enum)}]")
        pattern = shape.metadata.get("pattern")
        if pattern and not compiled(pattern).fullmatch(value):
            yield _failed(value, place, f"Member must satisfy regular expression pattern: {pattern}")
        yield from _bounds(shape, len(value), place, "length")
    elif shape.type_name in {"integer", "long", "float", "double"}:
        yield from _bounds(shape, value, place, "value")


def _bounds(shape: Shape, amount: float, place: str, what: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    must = "Member must have" if what == "value" else "Member must have length"
    if low is not None and amount < low:
        yield _failed(amount, place, f"{must} {'value ' if what == 'value' else ''}greater than or equal to {low}")
    if high is not None and amount > high:
        yield _failed(amount, place, f"{must} {'value ' if what == 'value' else ''}less than or equal to {high}")


def _type(place: str, wanted: str) -> Iterator[str]:
    yield f"Value at '{place}' is not {wanted}"


def _failed(value: Any, place: str, rule: str) -> str:
    return f"Value '{value}' at '{place}' failed to satisfy constraint: {rule}"


def _below(place: str, name: str) -> str:
    lower = name[:1].lower() + name[1:]
    return f"{place}.{lower}" if place else lower


def validation_message(problems: list[str]) -> str:
    """AWS's sentence around what is wrong with a request."""
    some = "validation error" if len(problems) == 1 else "validation errors"
    return f"{len(problems)} {some} detected: {'; '.join(problems)}"


def cut(shape: Shape, value: Any) -> Any:
    """The part of a value that the shape knows: what a Describe may answer of what is stored."""
    if isinstance(shape, StructureShape):
        known = {name: item for name, item in value.items() if name in shape.members and item is not None}
        return {name: cut(shape.members[name], item) for name, item in known.items()}
    if isinstance(shape, ListShape):
        return [cut(shape.member, item) for item in value]
    return value
