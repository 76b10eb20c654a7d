"""Requests held against AWS's own service model, which botocore brings: what has to be there, types, ranges, words.

boto3 itself checks what is missing, types and minima before it sends. AWS checks the rest, so the same is done here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any, Final

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StringShape, StructureShape

from headroom.deploy.values import Unknown
from simulator.errors import Problem

_SAMPLE = 12
"""Allowed words that a message lists; of longer lists the nearest."""
_CLASSES: Final = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{Print}": r"[\x20-\x7e]",
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
    r"(?i)": "",
}
"""Java's ways of writing what Python's `re` writes otherwise."""


@functools.cache
def service_model(service: str) -> ServiceModel:
    """The model of a service, by boto3's name of its client."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service_name=service)


def operation(service: str, name: str) -> OperationModel:
    """One operation of it."""
    return service_model(service).operation_model(name)


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the model as Python reads it."""
    for java, python in _CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)


def shape_problems(service: str, operation_name: str, request: Any, where: str) -> Iterator[Problem]:
    """Everything in a request that the operation's shape does not allow. What is unknown is not looked at."""
    shape = operation(service, operation_name).input_shape
    assert shape is not None
    yield from _problems(shape, request, where)


def _problems(shape: Shape, value: Any, where: str) -> Iterator[Problem]:
    if isinstance(value, Unknown):
        return
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, where)
    elif isinstance(shape, ListShape):
        yield from _listed(shape, value, where)
    elif isinstance(shape, MapShape):
        yield from _mapped(shape, value, where)
    elif isinstance(shape, StringShape):
        yield from _text(shape, value, where)
    else:
        yield from _scalar(shape, value, where)


def _structure(shape: StructureShape, value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(where, _said(value), "a structure")
        return
    for name in shape.required_members:
        if name not in value:
            yield Problem(f"{where}.{name}", "nothing", "a value: AWS requires it")
    for name, item in value.items():
        member = shape.members.get(name)
        if member is None:
            yield Problem(f"{where}.{name}", _said(item), f"one of {', '.join(shape.members)}: AWS knows no {name}")
        else:
            yield from _problems(member, item, f"{where}.{name}")


def _listed(shape: ListShape, value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(where, _said(value), "a list")
        return
    yield from _within(shape, len(value), where, "entries")
    for index, item in enumerate(value):
        yield from _problems(shape.member, item, f"{where}[{index}]")


def _mapped(shape: MapShape, value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(where, _said(value), "keys with values")
        return
    yield from _within(shape, len(value), where, "entries")
    for key, item in value.items():
        yield from _problems(shape.key, key, f"{where} (key)")
        yield from _problems(shape.value, item, f"{where}.{key}")


def _text(shape: StringShape, value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(where, _said(value), "a text")
        return
    if shape.enum and value not in shape.enum:
        words = ", ".join(shape.enum[:_SAMPLE]) + (", ..." if len(shape.enum) > _SAMPLE else "")
        yield Problem(where, _said(value), f"one of {words} (AWS's list)")
        return
    yield from _within(shape, len(value), where, "characters")
    pattern = shape.metadata.get("pattern")
    if pattern and not compiled(pattern).fullmatch(value):
        yield Problem(where, _said(value), f"a text like {pattern} (AWS's pattern)")


def _scalar(shape: Shape, value: Any, where: str) -> Iterator[Problem]:
    kinds: dict[str, tuple[type[Any], ...]] = {"boolean": (bool,), "float": (int, float), "double": (int, float)}
    allowed = kinds.get(shape.type_name, (int,))
    if not isinstance(value, allowed) or (isinstance(value, bool) and allowed != (bool,)):
        yield Problem(where, _said(value), f"a value of type {shape.type_name}")
    elif allowed != (bool,):
        yield from _within(shape, value, where, "")


def _within(shape: Shape, size: float, where: str, unit: str) -> Iterator[Problem]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        bounds = f"{least if least is not None else 'any'} to {most if most is not None else 'any'}"
        yield Problem(
            where, f"{size:g}{f' {unit}' if unit else ''}", f"{bounds}{f' {unit}' if unit else ''} (AWS's range)"
        )


def _said(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
