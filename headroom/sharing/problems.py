"""The one place where errors of pydantic become `Problem`s in plain English, for files, links and forms alike.

A path names fields only: the tags of unions, which pydantic puts into its locations, are left out
("workload.traffic.rate_per_s", "deployments[0].max_concurrency"; the first deployment is 0).
"""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from simulator.errors import InvalidScenario, Problem
from simulator.scenario import Scenario

Model = TypeVar("Model", bound=BaseModel)

MAX_PROBLEMS = 50  # A file with more mistakes than this is the wrong file.
MAX_GIVEN_CHARS = 60

_KIND_WORDS: Mapping[Any, str] = {
    float: "a number",
    Decimal: "a number",
    int: "a whole number",
    bool: "true or false",
    str: "a text",
    tuple: "a list",
}

_OWN_ENDPOINT = "Describe each model as a real-time or asynchronous endpoint of its own."
_TO_ZERO = "Endpoints that go to zero are asynchronous or serverless (facts rows 1.15, 2.70)."
_COMPONENTS = "inference components, several models or copies on the instances of one endpoint (facts row 1.36)"
_NOT_SIMULATED: Mapping[str, tuple[str, str]] = {
    "inferencecomponent": (_COMPONENTS, _TO_ZERO),
    "copie": (_COMPONENTS, _TO_ZERO),
    "copycount": (_COMPONENTS, _TO_ZERO),
    "mininstancecount": ("managed instance scaling, which goes to zero with inference components", _TO_ZERO),
    "maxinstancecount": ("managed instance scaling, which goes to zero with inference components", _TO_ZERO),
    "managedinstancescaling": ("managed instance scaling, which goes to zero with inference components", _TO_ZERO),
    "multimodel": ("multi-model endpoints (facts row 1.33)", _OWN_ENDPOINT),
    "multicontainer": ("multi-container endpoints and pipelines (facts row 1.34)", _OWN_ENDPOINT),
    "pipeline": ("multi-container endpoints and pipelines (facts row 1.34)", _OWN_ENDPOINT),
    "variant": ("production and shadow variants (facts row 1.35)", _OWN_ENDPOINT),
    "shadowvariant": ("production and shadow variants (facts row 1.35)", _OWN_ENDPOINT),
    "instancepool": ("instance pools, a list of types to fall back on (facts row 1.25)", "Describe one type."),
}
"""By the letters of a word, without a plural s: what AWS calls so, and what to do instead."""


@dataclass(frozen=True, slots=True)
class _Site:
    """A place in the description: its type, and what was declared about it."""

    annotation: Any
    metadata: tuple[Any, ...] = ()
    field: FieldInfo | None = None

    def bound(self, name: str) -> Any:
        """Return the bound called `name` (ge, gt, le, min_length, max_length), or None when none was declared."""
        return next((bound for item in self.metadata if (bound := getattr(item, name, None)) is not None), None)

    @property
    def unit(self) -> str:
        extra = self.field.json_schema_extra if self.field is not None else None
        return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def problems_of(error: ValidationError, model: type[BaseModel] = Scenario, prefix: str = "") -> tuple[Problem, ...]:
    """Return every problem that pydantic reported, at most MAX_PROBLEMS.

    model: the type that was validated. prefix: the path of the validated part in the scenario, such as
    "deployments[0]".
    """
    errors = error.errors(include_url=False)
    problems = [_problem(details, model, prefix) for details in errors[:MAX_PROBLEMS]]
    if len(errors) > MAX_PROBLEMS:
        problems.append(Problem("", f"{len(errors) - MAX_PROBLEMS} more problems", "none", "Is this a scenario file?"))
    return tuple(problems)


def checked(model: type[Model], values: Mapping[str, Any], prefix: str = "") -> Model:
    """Return the part of a scenario that `values` describe; raises InvalidScenario with every problem."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidScenario(problems_of(error, model, prefix)) from error


def dotted(steps: Iterable[int | str]) -> str:
    """Return a path as messages show it: names joined by dots, list indices in brackets."""
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.removeprefix(".")


def nearest(word: str, vocabulary: Iterable[str]) -> str:
    """Return a sentence that names the word of the vocabulary nearest to `word`; empty when none is near."""
    near = difflib.get_close_matches(word, list(vocabulary), n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else ""


def value_text(value: Any) -> str:
    """Return a value as text that is short enough for a message."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    text = repr(value) if isinstance(value, str | int | float) else str(value)
    return text if len(text) <= MAX_GIVEN_CHARS else text[: MAX_GIVEN_CHARS - 1] + "…"


def _problem(details: ErrorDetails, model: type[BaseModel], prefix: str) -> Problem:
    path, sites = _walk(details["loc"], model)
    place = dotted([prefix, *path] if prefix else path)
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(place, str(details["loc"][-1]), sites[-2])
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _unknown_tag(place, context, value)
    if kind == "value_error":
        return _broken_rule(place, sites[-1], str(context["error"]), value)
    if kind == "missing":
        return Problem(place, "nothing", _allowed_values(sites[-1]), "Add it.")
    return Problem(place, value_text(value), _allowed_values(sites[-1]))


def _walk(loc: Sequence[int | str], model: type[BaseModel]) -> tuple[list[int | str], list[_Site]]:
    path: list[int | str] = []
    sites = [_Site(model)]
    for item in loc:
        site, is_name = _enter(sites[-1], item)
        if is_name:
            path.append(item if isinstance(item, int) else _plain(item))
        sites.append(site)
    return path, sites


def _plain(text: str) -> str:
    """A step of a path; a key that is no plain word is quoted and cut, so that it cannot garble the message."""
    return text if re.fullmatch(r"[\w-]{1,60}", text) else value_text(text)


def _enter(site: _Site, item: int | str) -> tuple[_Site, bool]:
    """The place that `item` leads to, and whether it is a name to show (a union's tag is not)."""
    members = _models(site.annotation)
    if len(members) > 1:
        matches = [member for member in members if item in _tags(member)]
        return _Site(matches[0] if matches else None), not matches
    if members:
        return _of_field(members[0], str(item)), True
    if get_origin(site.annotation) is tuple:
        return _peel(get_args(site.annotation)[0]), True
    return _Site(None), True


def _of_field(model: type[BaseModel], name: str) -> _Site:
    for key, field in model.model_fields.items():
        if name in (key, field.alias):
            return _Site(field.annotation, tuple(field.metadata), field)
    return _Site(None)


def _peel(annotation: Any) -> _Site:
    if get_origin(annotation) is not Annotated:
        return _Site(annotation)
    base, *declared = get_args(annotation)
    metadata = [item for part in declared for item in (part.metadata if isinstance(part, FieldInfo) else (part,))]
    return _Site(base, tuple(metadata))


def _models(annotation: Any) -> list[type[BaseModel]]:
    if get_origin(annotation) in (Union, types.UnionType):
        return [model for member in get_args(annotation) for model in _models(member)]
    return [annotation] if isinstance(annotation, type) and issubclass(annotation, BaseModel) else []


def _tags(model: type[BaseModel]) -> set[Any]:
    literals = (field.annotation for field in model.model_fields.values() if get_origin(field.annotation) is Literal)
    return {get_args(literal)[0] for literal in literals if len(get_args(literal)) == 1}


def _not_simulated(word: object) -> str:
    """Return a sentence about something of AWS that Headroom knows of and cannot simulate; empty for anything else."""
    plain = re.sub(r"[^a-z]", "", word.lower()).removesuffix("s") if isinstance(word, str) else ""
    title, instead = _NOT_SIMULATED.get(plain, ("", ""))
    return f"AWS has {title}; Headroom cannot simulate that. {instead}" if title else ""


def _unknown_key(place: str, key: str, parent: _Site) -> Problem:
    keys = [field.alias or name for model in _models(parent.annotation) for name, field in model.model_fields.items()]
    allowed = f"only the keys {', '.join(keys)}" if keys else "no such key"
    return Problem(place, "an unknown key", allowed, _not_simulated(key) or nearest(key, keys))


def _unknown_tag(place: str, context: Mapping[str, Any], given: Any) -> Problem:
    tag = str(context["discriminator"]).strip("'")
    value = given.get(tag) if isinstance(given, Mapping) else None
    tags = _TAGS[tag]
    near = nearest(value, tags) if isinstance(value, str) else f"Say which {tag} it is."
    todo = _not_simulated(value) or near
    return Problem(f"{place}.{tag}", value_text(value), f"one of {', '.join(tags)}", todo)


def _all_tags() -> dict[str, tuple[str, ...]]:
    tags: dict[str, tuple[str, ...]] = {}
    for name, path in (("kind", ("workload", "traffic")), ("pattern", ("deployments", 0))):
        site = _walk(path, Scenario)[1][-1]
        tags[name] = tuple(str(model.model_fields[name].default) for model in _models(site.annotation))
    return tags


_TAGS: Mapping[str, tuple[str, ...]] = _all_tags()


def _broken_rule(place: str, site: _Site, message: str, given: Any) -> Problem:
    """A rule between several fields: shows the values of the fields that it names."""
    fields = {name: field for model in _models(site.annotation) for name, field in model.model_fields.items()}
    values = given if isinstance(given, Mapping) else {}
    names = [name for name in dict.fromkeys(re.findall(r"\w+", message)) if name in fields]
    names_shown = names or [name for name in values if name in fields and name not in _TAGS]
    parts = [f"{name} {value_text(values.get(name, fields[name].default))}" for name in names_shown]
    return Problem(place, ", ".join(parts) or value_text(given), message.removeprefix("needs "))


def _allowed_values(site: _Site) -> str:
    """What a place accepts, in words with the unit."""
    annotation = site.annotation
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(str(value) for value in get_args(annotation))}"
    if _models(annotation):
        return "a table"
    kind = get_origin(annotation) or annotation
    words = _KIND_WORDS.get(kind, "something else")
    if kind in (str, tuple):
        return words + _length(site, "characters" if kind is str else "entries")
    unit = f" {site.unit}" if site.unit else ""
    return words + _range(site) + unit


def _length(site: _Site, noun: str) -> str:
    least, most = site.bound("min_length"), site.bound("max_length")
    if most is None:
        return ""
    return f" of {least} to {most:,} {noun}" if least else f" of at most {most:,} {noun}"


def _range(site: _Site) -> str:
    least, above, most = site.bound("ge"), site.bound("gt"), site.bound("le")
    if least is not None and most is not None:
        return f" from {_number(least)} to {_number(most)}"
    parts = [f"above {_number(above)}"] if above is not None else []
    parts += [f"at least {_number(least)}"] if least is not None else []
    parts += [f"at most {_number(most)}"] if most is not None else []
    return " " + " and ".join(parts) if parts else ""


def _number(value: Any) -> str:
    return f"{value:,.12g}"
