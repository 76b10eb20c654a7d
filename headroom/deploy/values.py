"""The values of resources made plain: references replaced by names, ARNs and what the placement says, or by the way in
which a template says them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.patterns.resources import Join, Json, Parameter, Ref


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is not known yet, by the reference that would say it."""

    of: Ref | Parameter


@dataclass(frozen=True, slots=True)
class Known:
    """What references stand for: names and ARNs by logical id, texts by the key of a parameter."""

    names: Mapping[str, str]
    given: Mapping[str, str]
    arns: Mapping[str, str]


def plain(value: Any, known: Known) -> Any:
    """The value as dicts, lists, texts and numbers, as boto3 takes them; `Unknown` where a reference is not known."""
    found = value
    match value:
        case Ref(logical_id, attribute):
            found = (known.names if attribute == "Name" else known.arns).get(logical_id) or Unknown(value)
        case Parameter(key):
            found = known.given.get(key) or Unknown(value)
        case Join(parts):
            texts = [plain(part, known) for part in parts]
            found = _first(unknown(texts)) or "".join(texts)
        case Json(inner):
            content = plain(inner, known)
            found = _first(unknown(content)) or json.dumps(content, separators=(",", ":"))
        case Mapping():
            found = {key: plain(item, known) for key, item in value.items()}
        case list() | tuple():
            found = [plain(item, known) for item in value]
    return found


def _first(missing: list[Unknown]) -> Unknown | None:
    return missing[0] if missing else None


def unknown(value: Any) -> list[Unknown]:
    """What is still unknown in a plain value."""
    if isinstance(value, Unknown):
        return [value]
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [missing for item in items for missing in unknown(item)]


Part = str | Ref | Parameter


def parts(value: str | Ref | Parameter | Join | Json) -> tuple[Part, ...]:
    """A text as its parts, literal ones joined; the JSON of a value has its references inside its texts."""
    if isinstance(value, Join):
        return _joined(value.parts)
    if isinstance(value, Json):
        found: list[Part] = []
        marked = templated(value.value, lambda inside: _marked(inside, found))
        text = json.dumps(marked, separators=(",", ":"))
        pieces = text.split(_MARK)
        return _joined([part for pair in zip(pieces, [*found, ""], strict=True) for part in pair])
    return (value,)


_MARK = "@@reference@@"
"""Stands where a reference was while JSON is written. The placement's own texts cannot hold it: see `Placement`."""


def _marked(inside: tuple[Part, ...], found: list[Part]) -> str:
    found += (part for part in inside if not isinstance(part, str))
    return "".join(part if isinstance(part, str) else _MARK for part in inside)


def _joined(given: Any) -> tuple[Part, ...]:
    joined: list[Part] = []
    for part in given:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return tuple(joined)


def templated(
    value: Any, text: Callable[[tuple[Part, ...]], Any], literal: Callable[[str], Any] = lambda plain_text: plain_text
) -> Any:
    """The value as dicts and lists, each text with references as `text` says it and every other text as `literal`."""
    found = value
    match value:
        case Ref() | Parameter() | Join() | Json():
            found = text(parts(value))
        case Mapping():
            found = {key: templated(item, text, literal) for key, item in value.items()}
        case list() | tuple():
            found = [templated(item, text, literal) for item in value]
        case str():
            found = literal(value)
    return found
