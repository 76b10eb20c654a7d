"""A limit that rules a deployment out, in words that say whose limit it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from headroom.advisor.tell import words
from simulator.model.limits import BrokenLimit, Whose
from simulator.scenario import Scenario

_BY: Mapping[Whose, str] = {
    "aws": "a hard limit of AWS",
    "account": "a quota of the account",
    "container": "what its container needs",
    "setting": "its own setting",
}
"""After "is ruled out by", in the order in which a sentence names them."""

_ALL_BY: Mapping[Whose, str] = {
    "aws": "hard limits of AWS",
    "account": "quotas of the account",
    "container": "what their containers need",
    "setting": "their own settings",
    "headroom": "what Headroom cannot simulate",
}
"""Before "rule all of them out"."""

_FORBIDS: Mapping[Whose, str] = {
    "aws": "Hard limits of AWS forbid",
    "account": "A quota of the account forbids",
    "container": "What the container needs forbids",
    "setting": "Its own settings forbid",
    "headroom": "Headroom cannot simulate",
}

_OWNER: Mapping[Whose, str] = {
    "aws": "",
    "account": "a quota of the account",
    "container": "what its container needs",
    "setting": "its own setting",
    "headroom": "Headroom cannot simulate it",
}
"""In brackets after a limit. What no bracket says otherwise of is AWS's, and has the fact row that says so."""


def ruled_out(name: str, limits: Sequence[BrokenLimit], scenario: Scenario) -> str:
    """Why a deployment is not simulated, without the full stop: "A is ruled out by a hard limit of AWS: GPU: ...".

    What Headroom itself cannot simulate is told as that, never as something that rules the deployment out.
    """
    rulings = [
        f"{owner}: {_listed(owned, scenario)}"
        for party, owner in _BY.items()
        if (owned := [limit for limit in limits if limit.whose == party])
    ]
    parts = [f"{name} is ruled out by {'; by '.join(rulings)}"] if rulings else []
    unable = [limit for limit in limits if limit.whose == "headroom"]
    if unable:
        subject = "it" if rulings else name
        parts.append(f"Headroom cannot simulate {subject} together with {_listed(unable, scenario)}")
    return "; ".join(parts)


def cannot_run(name: str, limits: Sequence[BrokenLimit], scenario: Scenario) -> str:
    """The verdict on a deployment that stands alone, without the full stop: that it cannot run, or not be simulated."""
    if all(limit.whose == "headroom" for limit in limits):
        return ruled_out(name, limits, scenario)
    return f"{name} cannot run this workload: {listed(limits, scenario)}"


def none_can_run(limits_of_each: Sequence[Sequence[BrokenLimit]]) -> str:
    """The verdict on several deployments of which limits rule every one out."""
    number = len(limits_of_each)
    owners = {limit.whose for limits in limits_of_each for limit in limits}
    if owners == {"headroom"}:
        return f"Headroom cannot simulate any of the {number} deployments together with what is asked of them."
    causes = words.joined([text for owner, text in _ALL_BY.items() if owner in owners])
    runs = all(any(limit.whose != "headroom" for limit in limits) for limits in limits_of_each)
    lead = "can run this workload" if runs else "could be simulated"
    return f"None of the {number} deployments {lead}: {causes} rule all of them out."


def forbids(limits_of: Iterable[tuple[str, Sequence[BrokenLimit]]]) -> str:
    """One sentence for each owner of a limit: "Hard limits of AWS forbid it for A and B."; "" without a limit.

    limits_of: the name of each workload, and the limits that stand in its way.
    """
    pairs = [(limit.whose, name) for name, limits in limits_of for limit in limits]
    return " ".join(
        f"{verb} it for {words.joined(names)}."
        for whose, verb in _FORBIDS.items()
        if (names := list(dict.fromkeys(name for owner, name in pairs if owner == whose)))
    )


def listed(limits: Sequence[BrokenLimit], scenario: Scenario) -> str:
    """Limits as a list that says whose each is: "memory: 5 GB (allowed: at most 2 GB; its own setting, ...)"."""
    return "; ".join(_item(limit, scenario, origin(limit.whose, limit.row)) for limit in limits)


def short(limit: BrokenLimit, separator: str = " ") -> str:
    """A limit in a cell of a table: "memory 5 GB, allowed at most 2 GB (its own setting)"."""
    return _cell(limit, separator, _OWNER[limit.whose])


def cited(limit: BrokenLimit, separator: str = " ") -> str:
    """A limit with its fact row: "memory 5 GB, allowed at most 2 GB (its own setting, facts row 1.5)"."""
    return _cell(limit, separator, origin(limit.whose, limit.row))


def origin(owner: Whose | None, row: str) -> str:
    """Whose a limit is and which fact row states it, without brackets: "its own setting, facts row 1.5"."""
    return ", ".join(filter(None, ("" if owner is None else _OWNER[owner], _fact(row))))


def _cell(limit: BrokenLimit, separator: str, source: str) -> str:
    return f"{limit.what}{separator}{limit.given}, allowed {limit.allowed}{f' ({source})' if source else ''}"


def _listed(limits: Sequence[BrokenLimit], scenario: Scenario) -> str:
    """Without whose they are, which the sentence has said before."""
    return "; ".join(_item(limit, scenario, _fact(limit.row)) for limit in limits)


def _item(limit: BrokenLimit, scenario: Scenario, source: str) -> str:
    simulation, moment = scenario.simulation, ""
    if limit.at_s is not None:
        moment = f", {words.time_of_day(limit.at_s, simulation.starts_on, simulation.duration_s)}"
    return f"{limit.what}: {limit.given}{moment} (allowed: {limit.allowed}{f'; {source}' if source else ''})"


def _fact(row: str) -> str:
    return f"facts row {row}" if row else ""
