"""Reading the cases: real situations as scenario files, whose heads say where they come from and what is right."""

from __future__ import annotations

from pathlib import Path

from headroom.sharing.toml_file import read_scenario
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario

FOLDER = Path(__file__).parent


def read_case(path: str) -> Scenario:
    """The scenario of a case, by its path below tests/cases without ".toml"."""
    return read_scenario((FOLDER / f"{path}.toml").read_text(encoding="utf-8"))


def deployment_named(scenario: Scenario, name: str) -> Deployment:
    """The deployment of a scenario that has this name."""
    [deployment] = [deployment for deployment in scenario.deployments if deployment.name == name]
    return deployment
