"""The values of resources made plain: references replaced by names, ARNs and what the placement says."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
