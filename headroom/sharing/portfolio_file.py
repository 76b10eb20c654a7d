"""A portfolio as a TOML file, and back. A file with `workloads` is a portfolio; one without is a scenario.

Each entry of `workloads` names a scenario file, names a preset, or holds a scenario. It may say which deployment the
user would choose: by its name in the scenario, or as a table. The written file holds everything itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from headroom.advisor.portfolio.description import Member, Portfolio
from headroom.sharing.portfolio_document import FIXED, check_keys, collected, entries_of, finished
from headroom.sharing.presets import load_preset
from headroom.sharing.problems import nearest, value_text
from headroom.sharing.schema import check_schema
from headroom.sharing.toml_file import assignments, odd_values, parse, quoted, scenario_lines, scenario_of, table_lines
from simulator.errors import InvalidScenario, Problem
from simulator.patterns.registry import Deployment
from simulator.scenario import SCHEMA, Scenario

ReadFile = Callable[[str], str]
"""The text of a file that a portfolio names; raises InvalidScenario when it cannot be read."""

_SOURCES = ("file", "preset", "scenario")
_KEYS = (*_SOURCES, "fixed")


def no_files(name: str) -> str:
    """Raise InvalidScenario where files named by a portfolio cannot be read, as in a browser. A `ReadFile`."""
    todo = "Or use the command line, which reads files."
    raise InvalidScenario([Problem("file", repr(name), "a scenario in the portfolio file itself, or a preset", todo)])


def gather(files: Sequence[tuple[str, str]], read_beside: Callable[[str, str], str]) -> Portfolio:
    """Return one portfolio made of several files (pairs of name and text): scenarios, and at most one portfolio file.

    read_beside(portfolio file, name): returns the text of a file that the portfolio names. Raises InvalidScenario with
    the problems of all files.
    """
    whole, members, problems, first_file = Portfolio(), [], list[Problem](), ""
    for name, text in files:
        with collected(problems, f"{name}: "):
            values = parse(text)
            if "workloads" not in values:
                members.append(Member(scenario=scenario_of(values)))
                continue
            if first_file:
                raise InvalidScenario(
                    [Problem("", f"a second portfolio, after {first_file}", "at most one portfolio file")]
                )
            first_file, whole = name, _portfolio(values, partial(read_beside, name))
    if problems:
        raise InvalidScenario(problems)
    return whole.model_copy(update={"workloads": (*whole.workloads, *members)})


def write_portfolio(portfolio: Portfolio) -> str:
    """Return the portfolio as commented TOML, which `gather` reads back."""
    lines = [f"schema = {SCHEMA}", *assignments(portfolio, ["name"])]
    lines += [line for member in portfolio.workloads for line in _member_lines(member)] or ["workloads = []"]
    lines += table_lines("quotas", portfolio.quotas)
    for plan in portfolio.savings_plans:
        lines += table_lines("savings_plans", plan, entry=True)
    return "\n".join(lines) + "\n"


def _member_lines(member: Member) -> list[str]:
    fixed, names = member.fixed, [deployment.name for deployment in member.scenario.deployments]
    by_name = fixed is not None and fixed in member.scenario.deployments and names.count(fixed.name) == 1
    return [
        "",
        "[[workloads]]",
        *([f"fixed = {quoted(fixed.name)}"] if fixed is not None and by_name else []),
        "",
        "[workloads.scenario]",
        *scenario_lines(member.scenario, "workloads.scenario."),
        *(table_lines("workloads.fixed", fixed) if fixed is not None and not by_name else []),
    ]


def _portfolio(values: dict[str, Any], read_file: ReadFile) -> Portfolio:
    odd = tuple(odd_values(values))
    if odd:
        raise InvalidScenario(odd)
    schema = check_schema(values.pop("schema", None))
    problems: list[Problem] = []
    members: list[Member] = []
    for index, entry in enumerate(entries_of(values)):
        place = f"workloads[{index}]"
        with collected(problems):
            check_keys(entry, _KEYS, place)
        with collected(problems):
            scenario = _scenario(entry, place, schema, read_file)
            members.append(Member(scenario=scenario, fixed=_fixed(entry.get("fixed"), place, schema, scenario)))
    return finished(values, members, problems)


def _scenario(entry: dict[str, Any], place: str, schema: int, read_file: ReadFile) -> Scenario:
    sources = [source for source in _SOURCES if source in entry]
    if len(sources) != 1:
        raise InvalidScenario([Problem(place, " and ".join(sources) or "nothing", f"one of {', '.join(_SOURCES)}")])
    source, value = sources[0], entry[sources[0]]
    problems: list[Problem] = []
    if isinstance(value, dict) and source == "scenario":
        with collected(problems, f"{place}.scenario"):
            return scenario_of({"schema": schema, **value})
    elif isinstance(value, str) and source == "preset":
        with collected(problems, f"{place}.preset", "preset"):
            return load_preset(value)
    elif isinstance(value, str) and source == "file":
        with collected(problems, f"{place}.file", "file"):
            text = read_file(value)
            with collected(problems, f"{value}: "):
                return scenario_of(parse(text))
    else:
        problems.append(
            Problem(f"{place}.{source}", value_text(value), "a table" if source == "scenario" else "a text")
        )
    raise InvalidScenario(problems)


def _fixed(value: Any, place: str, schema: int, scenario: Scenario) -> Deployment | None:
    """Return the deployment that the user fixed, named in the scenario or described by a table of its own."""
    if value is None:
        return None
    problems: list[Problem] = []
    if isinstance(value, dict):
        with collected(problems, f"{place}.fixed", FIXED):
            return scenario_of({"schema": schema, "deployments": [value]}).deployments[0]
        raise InvalidScenario(problems)
    names = [deployment.name for deployment in scenario.deployments]
    if isinstance(value, str) and names.count(value) == 1:
        return scenario.deployments[names.index(value)]
    allowed = f"the name of one deployment of the scenario ({', '.join(map(repr, names)) or 'it has none'}), or a table"
    near = nearest(value, names) if isinstance(value, str) and value not in names else ""
    given = f"{value_text(value)}, which several deployments have" if value in names else value_text(value)
    raise InvalidScenario([Problem(f"{place}.fixed", given, allowed, near)])
