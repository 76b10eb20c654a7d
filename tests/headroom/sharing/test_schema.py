from __future__ import annotations

import json

from hypothesis import given

from headroom.sharing.canonical import document
from headroom.sharing.schema import complete, difference
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment, BacklogTracking
from simulator.patterns.realtime.deployment import InvocationsTracking, RealtimeDeployment
from simulator.scenario import SCHEMA, Scenario
from tests.headroom.sharing.freeze import FILE, changes, defaults_of_the_program
from tests.strategies import scenarios

A_DEFAULT_CHANGED = f"""
A default of schema {SCHEMA} changed. It is frozen, so that files and links which leave it out keep their meaning.
- A new field: run `.venv/bin/python -m tests.headroom.sharing.freeze`. Its default must mean what was true before.
- A default that was wrong about AWS: add it to corrected.py, then run the same command.
- Another changed default, a renamed or a removed field: raise SCHEMA in simulator/scenario.py, leave this file of
  defaults alone, run the command above (it writes the next file) and add the step from {SCHEMA} to {SCHEMA + 1} to
  sharing.schema.MIGRATIONS.
See docs/decisions/0003-link-format.md.
"""


def test_the_frozen_defaults_are_those_of_the_program() -> None:
    frozen, now = json.loads(FILE.read_text()), defaults_of_the_program()
    assert changes(frozen, now) == [], A_DEFAULT_CHANGED
    assert frozen == now, A_DEFAULT_CHANGED


def test_a_change_of_a_frozen_default_is_found() -> None:
    assert changes({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3, "d": 4}}) == ["a.c: 2 is now 3"]
    assert changes({"a": {"b": 1}}, {"a": {}}) == ["a.b: gone"]


@given(scenarios())
def test_completing_a_difference_gives_the_document(scenario: Scenario) -> None:
    whole = document(scenario)
    assert complete(difference(whole), SCHEMA) == whole


def test_the_default_scenario_has_no_difference() -> None:
    assert difference(document(Scenario())) == {}


def test_completing_does_not_touch_the_frozen_defaults() -> None:
    before = complete({}, SCHEMA)
    changed = complete({"workload": {"traffic": {"kind": "steps"}}, "deployments": [{"pattern": "batch"}]}, SCHEMA)
    changed["workload"]["traffic"]["steps"].append("x")
    changed["deployments"][0]["name"] = "x"
    assert complete({}, SCHEMA) == before


def test_of_a_policy_only_what_differs_from_its_defaults_is_written() -> None:
    """A policy where the default is none is written, if only as {}; one where the default is one needs no word."""

    def written(deployment: RealtimeDeployment | AsynchronousDeployment) -> dict[str, object]:
        values = difference(document(Scenario(deployments=(deployment,))))["deployments"][0]
        return {name: value for name, value in values.items() if name != "pattern"}

    assert written(RealtimeDeployment(scaling=InvocationsTracking())) == {"scaling": {}}
    assert written(RealtimeDeployment(scaling=InvocationsTracking(target_value=7))) == {"scaling": {"target_value": 7}}
    assert written(AsynchronousDeployment()) == {}
    assert written(AsynchronousDeployment(scaling=BacklogTracking(target_value=7))) == {"scaling": {"target_value": 7}}
    assert written(AsynchronousDeployment(scaling=None)) == {"scaling": None}
