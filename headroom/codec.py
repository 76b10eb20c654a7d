"""Every result as plain JSON values and back, by the type hints of the classes.

Dataclasses become objects of their fields, tuples lists, Decimal and date texts, arrays lists with None for NaN, and
parts of a scenario what pydantic makes of them, under the names that files use. How the classes themselves are read
is the work of cattrs (docs/decisions/0009-json-codec.md); this file says what is special here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from types import GenericAlias, NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints, overload

import numpy as np
from cattrs import Converter
from cattrs.cols import is_namedtuple
from cattrs.gen import make_dict_unstructure_fn, override
from cattrs.preconf.json import make_converter
from numpy.typing import NDArray
from pydantic import TypeAdapter

from headroom.advisor.answer import Answer, Clause
from pricing.bill import Bill, BillLine
from simulator.engine.histogram import Histogram
from simulator.fields import Spec
from simulator.kernels.buckets import BUCKETS

Value = TypeVar("Value")
Write = Callable[[Any], Any]
Read = Callable[[Any, Any], Any]

COMPUTED: Mapping[type, Mapping[str, str]] = {
    Answer: {"meets": ""},
    Bill: {"total_usd": "lines", "complete": "lines"},
    BillLine: {"title": "dimension", "unit": "amount_usd"},
}
"""Properties that are written for readers of the JSON and not read back: the field that each stands before, or ""."""


def to_json(value: Any) -> Any:
    """The value as dicts, lists, texts, numbers, booleans and None."""
    return _CONVERTER.unstructure(value)


@overload
def from_json(kind: type[Value], data: Any) -> Value: ...
@overload
def from_json(kind: Any, data: Any) -> Any: ...
def from_json(kind: Any, data: Any) -> Any:
    """The value of that type which `to_json` wrote. A field that is missing has its default.

    Raises KeyError for a missing field without a default, and pydantic's ValidationError in parts of a scenario.
    """
    return _CONVERTER.structure(data, kind)


def _make() -> Converter:
    converter = make_converter(detailed_validation=False, unstruct_collection_overrides={tuple: list})
    for number in (bool, int, float, str):
        converter.register_structure_hook(number, _as_it_is)  # 2 in a field of floats stays 2
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    converter.register_unstructure_hook(Histogram, _write_histogram)
    converter.register_structure_hook(Histogram, _read_histogram)
    converter.register_unstructure_hook_func(_is_array, _write_array)
    converter.register_structure_hook_func(_is_array, _read_array)
    converter.register_unstructure_hook_func(_is_spec, _write_spec)
    converter.register_structure_hook_factory(_is_spec, _spec_reader)
    converter.register_unstructure_hook_factory(is_namedtuple, _named_tuple_writer)
    converter.register_structure_hook_factory(is_namedtuple, _named_tuple_reader)
    converter.register_unstructure_hook_factory(lambda kind: kind in COMPUTED, _with_computed)
    of_limits_only = override(omit_if_default=True)
    converter.register_unstructure_hook(Clause, make_dict_unstructure_fn(Clause, converter, whose=of_limits_only))
    return converter


def _as_it_is(value: Any, _: Any) -> Any:
    return value


def _is_array(kind: Any) -> bool:
    return kind is np.ndarray or get_origin(kind) is np.ndarray


def _write_array(values: NDArray[Any]) -> list[Any]:
    gaps = np.isnan(values)
    plain: list[Any] = (np.where(gaps, np.array(None), values) if gaps.any() else values).tolist()
    return plain


def _read_array(values: Any, kind: Any) -> NDArray[Any]:
    dtype = get_args(get_args(kind)[1])[0]
    return np.array(values, dtype=dtype)


def _write_histogram(histogram: Histogram) -> dict[str, list[int]]:
    """Its filled buckets only."""
    filled = np.flatnonzero(histogram.counts)
    return {"bucket": filled.tolist(), "count": histogram.counts[filled].tolist()}


def _read_histogram(data: Mapping[str, list[int]], _: Any) -> Histogram:
    counts = np.zeros(BUCKETS, dtype=np.int64)
    counts[np.array(data["bucket"], dtype=np.int64)] = data["count"]
    return Histogram(counts)


def _is_spec(kind: Any) -> bool:
    """Whether it is a part of a scenario, or a choice of such parts: deployments, traffic, faults."""
    if get_origin(kind) is Annotated:
        return _is_spec(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        parts = [part for part in get_args(kind) if part is not NoneType]
        return all(_is_spec(part) for part in parts)
    return isinstance(kind, type) and issubclass(kind, Spec)


def _write_spec(part: Spec | None) -> Any:
    return None if part is None else part.model_dump(mode="json", by_alias=True)


def _spec_reader(kind: Any) -> Read:
    adapter = TypeAdapter[Any](kind)
    return lambda data, _: adapter.validate_python(data)


def _named_tuple_writer(_: Any, converter: Converter) -> Write:
    return lambda value: converter.unstructure(tuple(value))


def _named_tuple_reader(kind: Any, converter: Converter) -> Read:
    parts = GenericAlias(tuple, tuple(get_type_hints(kind).values()))
    read = converter.get_structure_hook(parts)
    return lambda data, _: kind(*read(data, parts))


def _with_computed(kind: Any, converter: Converter) -> Write:
    """Writes fields and computed properties, each where COMPUTED wants it."""
    write_fields = make_dict_unstructure_fn(kind, converter)
    places = COMPUTED[kind]
    order: list[str] = []
    for field in fields(kind):
        order += [*(name for name, before in places.items() if before == field.name), field.name]
    order += [name for name, before in places.items() if not before]

    def write(value: Any) -> dict[str, Any]:
        plain = write_fields(value)
        return {name: plain[name] if name in plain else converter.unstructure(getattr(value, name)) for name in order}

    return write


_CONVERTER = _make()
