"""Where a deployment goes, from a TOML file: the table [deploy], in a file of its own or in that of the scenario.

Account, role and buckets are the user's own: they are in no link, and are not written with a scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headroom.sharing.problems import checked, nearest
from headroom.sharing.toml_file import DEPLOY, odd_values, parse
from simulator.errors import InvalidScenario, Problem
from simulator.model.placement import Placement


def read_placement(text: str, settings: Mapping[str, str] | None = None) -> Placement:
    """The placement of a TOML text; all is left open where it has no table [deploy]. settings: fields as text, over
    those of the file. Raises InvalidScenario with every problem.
    """
    given = parse(text).get(DEPLOY, {})
    if not isinstance(given, dict):
        raise InvalidScenario([Problem(DEPLOY, "a single value", "a table [deploy]")])
    odd = tuple(odd_values({DEPLOY: given}))
    if odd:
        raise InvalidScenario(odd)
    return checked(Placement, {**given, **_settings(settings or {})}, DEPLOY)


def _settings(settings: Mapping[str, str]) -> dict[str, Any]:
    """Fields that are one text, number or flag; lists stand in the file."""
    for name in settings:
        if name not in Placement.model_fields:
            allowed = f"one of {', '.join(Placement.model_fields)}"
            raise InvalidScenario([Problem("--set", name, allowed, nearest(name, Placement.model_fields))])
    return dict(settings)
