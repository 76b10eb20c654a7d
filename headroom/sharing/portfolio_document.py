"""Reading a portfolio from plain values: what its files and its links have in common.

Problems are named by their path in the portfolio, and those of all its parts are reported together.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from headroom.advisor.portfolio.description import MAX_WORKLOADS, Member, Portfolio
from headroom.sharing.problems import nearest, problems_of, value_text
from simulator.errors import InvalidScenario, Problem

FIXED = "deployments[0]"  # A deployment on its own is read as the only one of a scenario.


@contextmanager
def collected(problems: list[Problem], place: str = "", instead_of: str = "") -> Iterator[None]:
    """Add the problems of an InvalidScenario raised in the block to `problems`.

    place: put before the path of each problem. instead_of: the start of a path that `place` replaces.
    """
    try:
        yield
    except InvalidScenario as invalid:
        problems += [_at_place(problem, place, instead_of) for problem in invalid.problems]


def entries_of(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Remove the entries of `workloads` from the values and return them; raises InvalidScenario unless they are a list
    of tables.
    """
    entries = values.pop("workloads", None)
    if not isinstance(entries, list):
        raise InvalidScenario([Problem("workloads", value_text(entries), "a list of tables")])
    if len(entries) > MAX_WORKLOADS:
        raise InvalidScenario([Problem("workloads", f"{len(entries)} entries", f"at most {MAX_WORKLOADS}")])
    odd = [
        Problem(f"workloads[{index}]", value_text(entry), "a table")
        for index, entry in enumerate(entries)
        if type(entry) is not dict
    ]
    if odd:
        raise InvalidScenario(odd)
    return entries


def check_keys(entry: Mapping[str, Any], allowed_keys: Sequence[str], place: str) -> None:
    """Raise InvalidScenario that names every key of an entry that is not among the allowed ones."""
    allowed = f"only the keys {', '.join(allowed_keys)}"
    unknown = [
        Problem(f"{place}.{key}", "an unknown key", allowed, nearest(key, allowed_keys))
        for key in entry.keys() - allowed_keys
    ]
    if unknown:
        raise InvalidScenario(sorted(unknown, key=lambda problem: problem.where))


def finished(rest: Mapping[str, Any], members: Sequence[Member], problems: list[Problem]) -> Portfolio:
    """Return the portfolio made of its own values and its members. Raises InvalidScenario when there was any
    problem.
    """
    try:
        portfolio = Portfolio.model_validate_json(json.dumps(rest), strict=True)
    except ValidationError as error:
        raise InvalidScenario([*problems, *problems_of(error, Portfolio)]) from error
    if problems:
        raise InvalidScenario(problems)
    return portfolio.model_copy(update={"workloads": tuple(members)})


def _at_place(problem: Problem, place: str, instead_of: str) -> Problem:
    rest = problem.where.removeprefix(instead_of).removeprefix(".")
    joint = "." if place and rest and not place.endswith(" ") and not rest.startswith("[") else ""
    path = f"{place}{joint}{rest}" if rest else place.removesuffix(": ")
    return Problem(path, problem.given, problem.allowed, problem.todo)
