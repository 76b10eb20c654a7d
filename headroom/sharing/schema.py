"""The versions of the scenario format: the defaults of each, kept as data, and the steps from one version to the next.

A file or link of schema n leaves out what equals the default of schema n. Those defaults are frozen in
`defaults_n.json`, so that an old file keeps its meaning when a default of the program changes. How to make one:
docs/decisions/0003-link-format.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from pydantic import ValidationError

from headroom.sharing.problems import problems_of
from simulator.errors import InvalidScenario, Problem
from simulator.scenario import SCHEMA, Scenario

Document = dict[str, Any]

# From schema n to n + 1: a complete document of schema n goes in, one of schema n + 1 comes out.
MIGRATIONS: Mapping[int, Callable[[Document], Document]] = {}

# Where a value is one of several kinds: the key that says which.
_TAGS: Mapping[str, str] = {"traffic": "kind", "deployments": "pattern", "faults": "kind"}
_ABSENT = object()


@cache
def frozen_defaults(schema: int) -> Document:
    """Return the defaults of a schema, read from its file.

    "scenario" holds those of a whole scenario; "traffic", "deployments", "faults" and "scaling" those of each kind.
    "parts" holds those of parts that a deployment or the workload may lack, by pattern (or "workload") and field name;
    "entries" those of list entries, by the name of the list.
    """
    text = resources.files("headroom.sharing").joinpath(f"defaults_{schema}.json").read_text(encoding="utf-8")
    defaults: Document = json.loads(text)
    return defaults


def difference(document: Document) -> Document:
    """Return what differs in a complete document of the current schema from the defaults; `complete` is the inverse."""
    frozen = frozen_defaults(SCHEMA)
    remainder = _subtract(document, frozen["scenario"])
    result = remainder if isinstance(remainder, dict) else {}
    result.pop("schema", None)
    traffic = _subtract_kind(document["workload"]["traffic"], "traffic", frozen)
    if "traffic" in result.get("workload", {}):
        result["workload"]["traffic"] = traffic
    if "deployments" in result:
        result["deployments"] = [_subtract_kind(entry, "deployments", frozen) for entry in document["deployments"]]
    return result


def complete(difference: Any, schema: int) -> Any:
    """Return a document of `schema` with its defaults filled in. Values of the wrong shape stay, for validation to
    name.
    """
    frozen = frozen_defaults(schema)
    if not isinstance(difference, dict):
        return difference
    result = _add(difference, _without_key(frozen["scenario"], "deployments"))
    result["schema"] = difference.get("schema", schema)
    workload = difference.get("workload")
    if isinstance(workload, dict) and "traffic" in workload:
        result["workload"]["traffic"] = _add_kind(workload["traffic"], "traffic", frozen)
    if isinstance(workload, dict):
        result["workload"] = _add_parts(result["workload"], "workload", frozen)
        result["workload"]["service_time"] = _add_measured(result["workload"]["service_time"], frozen)
    deployments = result.setdefault("deployments", frozen["scenario"]["deployments"])
    if isinstance(deployments, list):
        result["deployments"] = [_add_kind(entry, "deployments", frozen) for entry in deployments]
    if isinstance(result.get("faults"), list):
        result["faults"] = [_add_kind(entry, "faults", frozen) for entry in result["faults"]]
    return result


def to_scenario(difference: Any, schema: int) -> Scenario:
    """Return the scenario that a document of `schema` describes; raises InvalidScenario with every problem."""
    document = complete(difference, schema)
    for version in range(schema, SCHEMA):
        document = MIGRATIONS[version](document)
    try:
        return Scenario.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        raise InvalidScenario(problems_of(error)) from error


def check_schema(value: Any) -> int:
    """Return the schema number that a file states; raises InvalidScenario when this program cannot read that schema."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= SCHEMA:
        return value
    newer = isinstance(value, int) and value > SCHEMA
    todo = "This was made with a newer version of Headroom." if newer else f"Write schema = {SCHEMA} on the first line."
    text = "nothing" if value is None else repr(value)[:60]
    raise InvalidScenario([Problem("schema", text, _versions(), todo)])


def _versions() -> str:
    return "1" if SCHEMA == 1 else f"a whole number from 1 to {SCHEMA}"


def _subtract(value: Any, default: Any) -> Any:
    if not (isinstance(value, dict) and isinstance(default, dict)):
        return _ABSENT if value == default and isinstance(value, bool) == isinstance(default, bool) else value
    differences = {key: _subtract(item, default.get(key, _ABSENT)) for key, item in value.items()}
    remainder = {key: item for key, item in differences.items() if item is not _ABSENT}
    return remainder or _ABSENT


def _subtract_kind(value: Document, place: str, frozen: Document) -> Document:
    tag = _TAGS[place]
    kind = value[tag]
    # A kind of which no defaults are frozen yet is written with all its fields.
    default = frozen[place].get(kind, {})
    remainder = _subtract(value, default)
    result: Document = remainder if isinstance(remainder, dict) else {}
    if isinstance(value.get("scaling"), dict):
        less = _subtract(value["scaling"], frozen["scaling"].get(kind, {}))
        changed_scaling = {} if less is _ABSENT else less
        if changed_scaling or default.get("scaling") is None:
            result["scaling"] = changed_scaling
    return {**result, tag: kind}


def _add(difference: Document, default: Document) -> Document:
    result = dict(default)
    for key, value in difference.items():
        are_tables = isinstance(value, dict) and isinstance(default.get(key), dict)
        result[key] = _add(value, default[key]) if are_tables else value
    return result


def _add_kind(value: Any, place: str, frozen: Document) -> Any:
    kind = value.get(_TAGS[place]) if isinstance(value, dict) else None
    default = frozen[place].get(kind) if isinstance(kind, str) else None
    if default is None:
        return value
    result = _add(value, default)
    if isinstance(value.get("scaling"), dict):
        result["scaling"] = _add(value["scaling"], frozen["scaling"].get(kind, {}))
    return _add_parts(result, str(kind), frozen)


def _add_parts(value: Document, place: str, frozen: Document) -> Document:
    """The same with the defaults of the parts that it has, of those that it may lack, and of entries filled in."""
    result = dict(value)
    for key, part_default in frozen["parts"].get(place, {}).items():
        if isinstance(value.get(key), dict):
            result[key] = _add_entries(_add(value[key], part_default), frozen)
    return _add_entries(result, frozen)


def _add_measured(service_time: Any, frozen: Document) -> Any:
    """The same with measured times as entries; a table of instance type and mean is their short form."""
    if not isinstance(service_time, dict):
        return service_time
    measured = service_time.get("measured")
    if isinstance(measured, dict):
        measured = [{"instance_type": name, "mean_ms": mean_ms} for name, mean_ms in measured.items()]
    return _add_entries({**service_time, "measured": measured}, frozen)


def _add_entries(value: Document, frozen: Document) -> Document:
    """The same with the defaults of the entries of its lists filled in."""
    result = dict(value)
    for key, default in frozen["entries"].items():
        if isinstance(value.get(key), list):
            result[key] = [_add(entry, default) if isinstance(entry, dict) else entry for entry in value[key]]
    return result


def _without_key(document: Document, key: str) -> Document:
    return {name: value for name, value in document.items() if name != key}
