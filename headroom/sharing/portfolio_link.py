"""A portfolio as a short text for a URL (`?p=`), and back: the form, the limits and the trust of `link`.

Its scenarios are differences from the schema's defaults, as in the link of a scenario. What the user fixed is the place
of a deployment in the scenario, or the difference of a deployment of its own.
"""

from __future__ import annotations

from typing import Any

from headroom.advisor.portfolio.description import Member, Portfolio
from headroom.sharing.canonical import document, normal
from headroom.sharing.link import MAX_KEPT_BYTES, coded, pack, uncoded, unpack
from headroom.sharing.portfolio_document import FIXED, check_keys, collected, entries_of, finished
from headroom.sharing.problems import value_text
from headroom.sharing.schema import difference, to_scenario
from simulator.errors import InvalidScenario, Problem
from simulator.patterns.registry import Deployment
from simulator.scenario import SCHEMA, Scenario


def encode_portfolio(portfolio: Portfolio) -> str:
    """Return the text of a portfolio's link; raises BadLink when it exceeds the limits of links."""
    return coded(values_of(portfolio), "portfolio")


def decode_portfolio(text: str) -> Portfolio:
    """Return the portfolio of a link's text. Raises BadLink when it is unreadable, InvalidScenario when a value is not
    allowed.
    """
    schema, values = uncoded(text)
    return portfolio_of(values, schema)


def pack_portfolio(portfolio: Portfolio) -> bytes:
    """Return a portfolio as compressed bytes, whatever its size."""
    return pack(values_of(portfolio))


def unpack_portfolio(body: bytes) -> Portfolio:
    """Return the portfolio of the bytes that `pack_portfolio` of this program made. Raises BadLink."""
    return portfolio_of(unpack(SCHEMA, body, MAX_KEPT_BYTES), SCHEMA)


def values_of(portfolio: Portfolio) -> dict[str, Any]:
    """Return the portfolio as plain values of the current schema; equal portfolios give equal values."""
    values = normal(portfolio.model_dump(mode="json", exclude={"workloads"}))
    return {**values, "workloads": [_values(member) for member in portfolio.workloads]}


def portfolio_of(values: dict[str, Any], schema: int) -> Portfolio:
    """Return the portfolio that plain values describe, emptying `values`. Raises InvalidScenario when a value is not
    allowed.
    """
    problems: list[Problem] = []
    members: list[Member] = []
    for index, entry in enumerate(entries_of(values)):
        place = f"workloads[{index}]"
        with collected(problems):
            check_keys(entry, ("scenario", "fixed"), place)
        with collected(problems, f"{place}.scenario"):
            scenario = to_scenario(entry.get("scenario"), schema)
            with collected(problems, f"{place}.fixed", FIXED):
                members.append(Member(scenario=scenario, fixed=_fixed(entry.get("fixed"), schema, scenario)))
    return finished(values, members, problems)


def _values(member: Member) -> dict[str, Any]:
    scenario, fixed = member.scenario, member.fixed
    values: dict[str, Any] = {"scenario": difference(document(scenario))}
    if fixed is None:
        return values
    if fixed in scenario.deployments:
        return {**values, "fixed": scenario.deployments.index(fixed)}
    alone = difference(document(scenario.model_copy(update={"deployments": (fixed,)})))
    return {**values, "fixed": alone["deployments"][0]}


def _fixed(value: Any, schema: int, scenario: Scenario) -> Deployment | None:
    """Return the deployment that the user fixed, by its index in the scenario or by its own values."""
    if value is None:
        return None
    if type(value) is int and 0 <= value < len(scenario.deployments):
        return scenario.deployments[value]
    if isinstance(value, dict):
        return to_scenario({"deployments": [value]}, schema).deployments[0]
    allowed = f"the place of one of {len(scenario.deployments)} deployments, or a deployment"
    raise InvalidScenario([Problem("", value_text(value), allowed)])
