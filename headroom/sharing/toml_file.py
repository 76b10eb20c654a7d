"""A scenario as a TOML file, and back. Reading names every problem at once; writing adds unit and meaning as comments.

Keys that a file leaves out take the defaults of its schema. The written file has every key but the assumptions and
those of the search: of them it has only the changed ones.
"""

from __future__ import annotations

import json
import math
import re
import textwrap
import tomllib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, get_args

from pydantic import BaseModel

from headroom.sharing.canonical import normal
from headroom.sharing.problems import dotted
from headroom.sharing.schema import check_schema, to_scenario
from simulator.errors import InvalidScenario, Problem
from simulator.fields import Spec
from simulator.model.workload import Workload
from simulator.patterns.registry import Deployment
from simulator.scenario import SCHEMA, Scenario

MAX_CHARS = 4_000_000  # The largest trace a scenario may hold, 200,000 counts or times, written out. For every reader.
# tomllib takes 2 us a value, 4 us a key, 1 us a bracket and 0.5 us an empty line, and memory for each.
MAX_BRACKETS, MAX_KEYS, MAX_VALUES, MAX_LINES = 20_000, 50_000, 600_000, 500_000
MAX_ODD = 100  # Problems with dates and the like that are named.
MAX_KEY_PARTS = 50  # tomllib needs time that grows with the square of the parts of a dotted key.
NONE = "none"
DEPLOY = "deploy"
"""The table of a scenario's file that says where to deploy it. It is no part of the scenario (placement_file.py)."""
_TAGS = ("kind", "pattern")  # What says how to read the rest comes first.
# Tables of a deployment or of the workload that may be absent.
_ABSENT = frozenset(
    name
    for kind in (*get_args(get_args(Deployment)[0]), Workload)
    for name, field in kind.model_fields.items()
    if type(None) in get_args(field.annotation)
)
_WRAP = 100  # Lists longer than this go over several lines.


def read_scenario(text: str) -> Scenario:
    """Return the scenario of a TOML text; raises InvalidScenario with every problem in it."""
    values = parse(text)
    if "workloads" in values and "workload" not in values:
        todo = "Give it to `headroom portfolio`, or open it on the page Portfolio."
        raise InvalidScenario([Problem("workloads", "a portfolio file", "a scenario, which has one workload", todo)])
    values.pop(DEPLOY, None)
    return scenario_of(values)


def scenario_of(data: dict[str, Any]) -> Scenario:
    """Return the scenario of a parsed file, or of a table inside one; raises InvalidScenario with every problem
    in it.
    """
    odd = tuple(islice(odd_values(data), MAX_ODD))
    schema = check_schema(data.pop("schema", None))
    if odd:
        raise InvalidScenario((*odd, *_other_problems(data, schema, {problem.where for problem in odd})))
    return to_scenario(_with_null(data), schema)


def write_scenario(scenario: Scenario) -> str:
    """Return the scenario as commented TOML, which `read_scenario` reads back."""
    return "\n".join([f"schema = {SCHEMA}", *scenario_lines(scenario)]) + "\n"


def scenario_lines(scenario: Scenario, prefix: str = "") -> list[str]:
    """Return the TOML lines of a scenario without its schema. prefix: goes before table names, such as
    "workloads.scenario.".
    """
    lines = _assignment(scenario, "region")
    lines += [] if scenario.deployments else ["deployments = []"]
    for name in ("workload", "requirement", "simulation"):
        lines += table_lines(prefix + name, getattr(scenario, name))
    for fault in scenario.faults:
        lines += table_lines(f"{prefix}faults", fault, entry=True)
    for deployment in scenario.deployments:
        lines += table_lines(f"{prefix}deployments", deployment, entry=True)
    lines += _changed_lines(f"{prefix}assumptions", scenario.assumptions)
    lines += _changed_lines(f"{prefix}search", scenario.search)
    for price in scenario.prices:
        lines += table_lines(f"{prefix}prices", price, entry=True)
    return lines


def parse(text: str) -> dict[str, Any]:
    """Return the values of a TOML text; raises InvalidScenario when it is broken or absurdly large."""
    if len(text) > MAX_CHARS:
        raise _unreadable(f"{len(text):,} characters", f"at most {MAX_CHARS:,}", "Is this a scenario file?")
    _check_size(text)
    if _longest_key(text) > MAX_KEY_PARTS:
        raise _unreadable("a key of very many parts", f"at most {MAX_KEY_PARTS} dots in a key")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidScenario([_broken_toml(str(error), text)]) from error
    except ValueError as error:  # Python refuses to read a whole number of more than 4,300 digits.
        raise _unreadable("a number of thousands of digits", "numbers of a sensible length") from error
    except RecursionError as error:
        raise _unreadable("hundreds of tables or lists inside each other", "the tables of a scenario") from error


def _check_size(text: str) -> None:
    """Refuse what would take seconds to parse; strings and comments are counted too, which no real file notices."""
    if text.count("[") + text.count("{") > MAX_BRACKETS:
        raise _unreadable("too many tables or lists", f"at most {MAX_BRACKETS:,} opening brackets")
    if text.count("=") > MAX_KEYS:
        raise _unreadable("too many keys", f"at most {MAX_KEYS:,}")
    if text.count(",") > MAX_VALUES:
        raise _unreadable("too many values", f"at most {MAX_VALUES:,}", "Use a shorter trace.")
    if text.count("\n") > MAX_LINES:
        raise _unreadable("too many lines", f"at most {MAX_LINES:,}")


def _broken_toml(message: str, text: str) -> Problem:
    description, _, place = message.rstrip(")").rpartition(" (at ")
    line = place if place.startswith("line") else f"line {text.count(chr(10)) + 1}, at the end"
    return Problem(line, f"broken TOML: {description[:1].lower()}{description[1:]}", "TOML (https://toml.io)")


def _unreadable(given: str, allowed: str, todo: str = "") -> InvalidScenario:
    return InvalidScenario([Problem("", given, allowed, todo)])


def _longest_key(text: str) -> int:
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return max((part.count(".") for line in lines for part in re.split(r"[=,\[\]{}#]", line)), default=0)


def _with_null(data: dict[str, Any]) -> dict[str, Any]:
    """TOML has no null: where a table may be absent, "none" says that it is."""
    deployments = data.get("deployments")
    if isinstance(deployments, list):
        data["deployments"] = [_null_entries(entry) for entry in deployments]
    if "workload" in data:
        data["workload"] = _null_entries(data["workload"])
    return data


def _null_entries(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    return {key: None if key in _ABSENT and value == NONE else value for key, value in part.items()}


def odd_values(value: Any, path: tuple[int | str, ...] = ()) -> Iterator[Problem]:
    """Yield a problem for each value that TOML allows and a scenario never has: dates, times, NaN and infinity."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from odd_values(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from odd_values(item, (*path, index))
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem(dotted(path), str(value), "a finite number")
    elif not isinstance(value, str | int | float):
        yield Problem(dotted(path), f"the date or time {value}", "a number, a text, true or false")


def _other_problems(data: dict[str, Any], schema: int, odd_paths: set[str]) -> Iterator[Problem]:
    """Yield the problems of the other values; an odd value counts as 0 here, and what that breaks is not reported."""
    try:
        to_scenario(_with_null(_tame(data)), schema)
    except InvalidScenario as invalid:
        yield from (
            problem for problem in invalid.problems if not any(path.startswith(problem.where) for path in odd_paths)
        )


def _tame(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tame(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_tame(item) for item in value]
    return 0 if next(odd_values(value), None) else value


def table_lines(path: str, part: BaseModel, *, entry: bool = False) -> list[str]:
    """Return the TOML lines of a table: its plain keys, then the tables inside it. entry: the table is one of a
    list.
    """
    plain = [name for name in type(part).model_fields if _is_plain(getattr(part, name))]
    plain.sort(key=lambda name: name not in _TAGS)
    head = f"[[{path}]]" if entry else f"[{path}]"
    lines = ["", head, *assignments(part, plain)]
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, Spec):
            lines += table_lines(f"{path}.{name}", value)
        elif not _is_plain(value):
            lines += [line for item in value or () for line in table_lines(f"{path}.{name}", item, entry=True)]
    return lines


def _changed_lines(path: str, part: BaseModel) -> list[str]:
    default = type(part)()
    names = [name for name in type(part).model_fields if getattr(part, name) != getattr(default, name)]
    return ["", f"[{path}]", *assignments(part, names)] if names else []


def _is_plain(value: Any) -> bool:
    """Whether it is written as `key = value`; tables and lists of tables are not."""
    if isinstance(value, tuple):
        return not value or not isinstance(value[0], Spec)
    return not isinstance(value, Spec)


def assignments(part: BaseModel, names: Iterable[str]) -> list[str]:
    """Return the TOML lines of some fields of a part, each with its value and, as a comment, unit and meaning."""
    return [line for name in names for line in _assignment(part, name)]


def _assignment(part: BaseModel, name: str) -> list[str]:
    """One key with its value, and unit and meaning as a comment: behind it, or above a value of several lines."""
    value, note = _value(getattr(part, name)), _meaning(part, name)
    if "\n" in value:
        return [*([f"# {note}"] if note else []), f"{name} = {value}"]
    return [f"{name} = {value}" + (f"  # {note}" if note else "")]


def _meaning(part: BaseModel, name: str) -> str:
    field = type(part).model_fields[name]
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    return ". ".join(words for words in (unit, field.description or "") if words)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Decimal):
        return _price(value)
    if isinstance(value, tuple):
        return _list([_value(item) for item in value])
    return quoted(NONE) if value is None else repr(normal(value))


def quoted(value: str) -> str:
    """Return a text as a TOML string."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _price(usd: Decimal) -> str:
    """As a number when a float keeps it exactly, else as a text."""
    plain = f"{usd.normalize() + 0:f}"
    return plain if Decimal(repr(float(usd))) == usd else quoted(plain)


def _list(items: list[str]) -> str:
    flat = f"[{', '.join(items)}]"
    if len(flat) <= _WRAP:
        return flat
    return "[\n" + textwrap.fill(", ".join(items), _WRAP, initial_indent="  ", subsequent_indent="  ") + ",\n]"
