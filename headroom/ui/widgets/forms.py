"""Forms made from the fields of a description: label, unit, help, bounds and choices come from where the field is
declared.

A form returns a new value, or None while what it holds is not allowed; then each problem stands beside its widget and
nothing that was typed is lost. Widgets have no bounds of their own, so that the message says what is allowed instead
of a silent refusal.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import streamlit as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from streamlit.delta_generator import DeltaGenerator

from headroom.advisor.tell import words
from headroom.sharing.problems import problems_of
from headroom.ui.shell import state
from headroom.ui.widgets import lists
from headroom.ui.widgets.plain_text import lines, md
from simulator.errors import Problem
from simulator.fields import Spec

SpecT = TypeVar("SpecT", bound=Spec)
Choices = Mapping[str, Sequence[str]]

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONG_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of a form. choices: texts to choose from, by field name. skip: names of fields that are left as they are.

    reset: called with the name of a field to give it its default back; when there is one, changed fields are marked.
    """

    choices: Choices = field(default_factory=dict)
    skip: Sequence[str] = ()
    reset: Callable[[str], None] | None = None


PLAIN = Options()


def edit(value: SpecT, path: str, options: Options = PLAIN) -> SpecT | None:
    """Draw a form for a value and return the edited value; None while what it holds is not allowed. path: the value's
    path in the scenario.
    """
    form = _Form(path, options)
    raw = form.fields(value, "")
    try:
        return type(value).model_validate(raw)
    except ValidationError as error:
        form.show(problems_of(error, type(value)))
        return None


class _Form:
    """The widgets of one form, and a place beside each for what is wrong with it."""

    def __init__(self, path: str, options: Options) -> None:
        self._path = path
        self._options = options
        self._places: dict[str, DeltaGenerator] = {}

    def fields(self, value: Spec, path: str) -> dict[str, Any]:
        """Draw a widget for each field of `value` and return what they hold."""
        fields = type(value).model_fields
        raw: dict[str, Any] = {
            name: getattr(value, name) for name in fields if name in self._options.skip or _is_tag(fields[name])
        }
        simple = [name for name in fields if name not in raw and not _spec_of(fields[name])]
        nested = [name for name in fields if name not in raw and _spec_of(fields[name])]
        # Lines of text need the whole width.
        wide = [name for name in simple if _is_list(fields[name]) and lists.has_texts(fields[name])]
        with st.grid(4, min_column_width=190):
            for name in simple:
                if name not in wide:
                    self._cell(fields[name], getattr(value, name), path, name, raw)
        for name in wide:
            self._cell(fields[name], getattr(value, name), path, name, raw)
        for name in nested:
            raw[name] = self._part(fields[name], getattr(value, name), _join(path, name))
        self._places[path] = st.empty()
        return raw

    def _cell(self, field: FieldInfo, value: Any, path: str, name: str, raw: dict[str, Any]) -> None:
        with st.container(gap="xsmall"):
            raw[name] = self._widget(field, value, _join(path, name))
            self._places[_join(path, name)] = st.empty()
            self._mark(field, value, name)

    def show(self, problems: Sequence[Problem]) -> None:
        """Draw each problem beside its widget, or beside the nearest part that has one."""
        by_place: dict[str, list[Problem]] = {}
        for problem in problems:
            by_place.setdefault(self._nearest(problem.where), []).append(problem)
        for place, place_problems in by_place.items():
            self._places[place].error(lines("\n".join(_message(problem, place) for problem in place_problems)))

    def _nearest(self, place: str) -> str:
        while place and place not in self._places:
            place = place.rpartition(".")[0]
        return place

    def _part(self, field: FieldInfo, value: Spec | None, path: str) -> dict[str, Any] | None:
        kind = _spec_of(field)
        assert kind is not None
        if type(None) in get_args(field.annotation):
            if not st.toggle(str(field.title), value is not None, key=self._key(path), help=_help(field)):
                return None
            return self.fields(value or kind(), path)
        st.markdown(f"**{field.title}**", help=_help(field))
        return self.fields(value or kind(), path)

    def _widget(self, field: FieldInfo, value: Any, path: str) -> Any:
        widget: Mapping[str, Any] = {"label": _label(field), "key": self._key(path), "help": _help(field)}
        name = path.rpartition(".")[2]
        if name in self._options.choices:
            choose = _several if isinstance(value, tuple) else _choose
            return choose(value, self._options.choices[name], widget)
        if name == "starts_on":
            return st.selectbox(index=value, options=range(7), format_func=DAYS.__getitem__, **widget)
        if get_origin(field.annotation) is Literal:
            options = get_args(field.annotation)
            return st.selectbox(options=options, index=options.index(value), **widget)
        return _BY_TYPE[get_origin(field.annotation) or field.annotation](value, widget, field)

    def _mark(self, field: FieldInfo, value: Any, name: str) -> None:
        if self._options.reset is not None and value != field.default:
            st.badge("overridden", color="violet")
            back = f"Back to {_said_value(field)}"
            st.button(back, key=f"reset:{self._key(name)}", type="tertiary", on_click=self._options.reset, args=(name,))

    def _key(self, path: str) -> str:
        return f"w{state.epoch()}:{self._path}:{path}"


def _choose(value: str, options: Sequence[str], widget: Mapping[str, Any]) -> str | None:
    """Draw the choice of one text; the present one is offered even when it is not known."""
    all_options = list(options) if value in options else [value, *options]
    choice: str | None = st.selectbox(options=all_options, index=all_options.index(value), **widget)
    return choice


def _several(values: tuple[str, ...], options: Sequence[str], widget: Mapping[str, Any]) -> list[str]:
    """Draw the choice of several texts; present ones are offered even when they are not known."""
    all_options = [*options, *(value for value in values if value not in options)]
    return st.multiselect(options=all_options, default=values, placeholder="All", **widget)


def _number(value: float, widget: Mapping[str, Any], field: FieldInfo) -> float | None:
    typed: float | None = st.number_input(value=float(value), step=_step(field), format="%g", **widget)
    if typed is not None and _extra(field, "unit") == "s" and typed >= LONG_S:
        st.caption(f"= {words.seconds(typed, 4)}")
    return typed


def _whole(value: int, widget: Mapping[str, Any], _field: FieldInfo) -> int | None:
    typed: int | None = st.number_input(value=value, step=1, format="%d", **widget)
    return typed


def _flag(value: bool, widget: Mapping[str, Any], _field: FieldInfo) -> bool:
    return st.toggle(value=value, **widget)


def _text(value: str, widget: Mapping[str, Any], _field: FieldInfo) -> str | None:
    typed: str | None = st.text_input(value=value, **widget)
    return typed


def _money(value: Decimal, widget: Mapping[str, Any], _field: FieldInfo) -> str | None:
    typed: str | None = st.text_input(value=f"{value:f}", **widget)
    return typed


def _list(value: tuple[Any, ...], widget: Mapping[str, Any], field: FieldInfo) -> Any:
    if len(value) > lists.MOST_SHOWN:
        st.markdown(f"{widget['label']}: {words.count(len(value))}", help=widget["help"])
        return value
    columns, texts = lists.columns(field), lists.has_texts(field)
    help_ = (
        f"{widget['help']} One entry a line: {('; ' if texts else ', ').join(columns)}."
        if columns
        else f"{widget['help']} Separated by spaces or commas."
    )
    typed = st.text_area(value=lists.to_text(value), height=110, **{**widget, "help": help_})
    return lists.from_text(typed or "", columns, texts=texts)


_BY_TYPE: Mapping[Any, Callable[[Any, Mapping[str, Any], FieldInfo], Any]] = {
    float: _number,
    int: _whole,
    bool: _flag,
    str: _text,
    Decimal: _money,
    tuple: _list,
}


def _spec_of(field: FieldInfo) -> type[Spec] | None:
    """Return the type of the part that a field holds; None when it holds none, or one of several kinds."""
    annotation = field.annotation
    members = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    specs = [member for member in members if isinstance(member, type) and issubclass(member, Spec)]
    return specs[0] if len(specs) == 1 else None


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple


def _is_tag(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1


def _extra(field: FieldInfo, name: str) -> str:
    extra = field.json_schema_extra
    return str(extra.get(name, "")) if isinstance(extra, dict) else ""


def _said_value(field: FieldInfo) -> str:
    default = field.default
    if isinstance(default, str):
        return default
    text = {True: "yes", False: "no"}[default] if isinstance(default, bool) else f"{default:,.12g}"
    return f"{text} {_extra(field, 'unit')}".strip()


def _label(field: FieldInfo) -> str:
    unit = _extra(field, "unit")
    return f"{field.title} ({unit})" if unit else str(field.title)


def _help(field: FieldInfo) -> str:
    row = _extra(field, "row")
    return md(" ".join([str(field.description), *_bounds(field), *([f"Facts row {row}."] if row else [])]))


def _bounds(field: FieldInfo) -> list[str]:
    bounds = {
        name: getattr(item, name)
        for item in field.metadata
        for name in ("ge", "gt", "le")
        if getattr(item, name, None) is not None
    }
    least = f"{bounds['ge']:,.12g}" if "ge" in bounds else f"above {bounds['gt']:,.12g}" if "gt" in bounds else ""
    most = f"at most {bounds['le']:,.12g}" if "le" in bounds else ""
    return (
        [f"Allowed: {' and '.join(part for part in (f'at least {least}' if 'ge' in bounds else least, most) if part)}."]
        if bounds
        else []
    )


def _step(field: FieldInfo) -> float:
    """Return a tenth of the size of the default; constant, because a widget whose step changes forgets its value."""
    default = field.default if isinstance(field.default, int | float) else 0
    return float(10.0 ** (math.floor(math.log10(abs(default))) - 1)) if default else 0.1


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _message(problem: Problem, place: str) -> str:
    place_text = "" if problem.where == place else f"{problem.where}: "
    todo = f" {problem.todo}" if problem.todo else ""
    return f"{place_text}given {problem.given}; allowed: {problem.allowed}.{todo}"
