"""A scenario: everything a user describes. What is saved, linked, exported and run. Inert and hashable."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from simulator.fields import Spec, choice
from simulator.model.assumptions import Assumptions
from simulator.model.faults import MAX_FAULTS, Fault
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.patterns.registry import PATTERNS, Deployment
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Name

SCHEMA: int = 1
MAX_DEPLOYMENTS = 12


class PriceOverride(Spec):
    """A price the user knows better: their contract, or one that the catalogue lacks."""

    usage: Annotated[str, Field(min_length=1, max_length=60)] = choice(..., "Usage", "Usage key.")
    dimension: Annotated[str, Field(max_length=60)] = choice(
        "", "Dimension", "Instance type or memory size, where the key has one."
    )
    usd: Annotated[Decimal, Field(ge=0, le=100_000, max_digits=20, decimal_places=12)] = choice(
        ..., "Price", "USD per unit as the price list states it."
    )


class Scenario(Spec):
    """Workload, requirement, Region and the deployments under consideration."""

    schema_: Literal[1] = Field(1, alias="schema", title="Schema", description="Version of this format.")
    region: Name = choice("us-east-1", "Region", "AWS Region whose prices count.")
    workload: Workload = choice(Workload(), "Workload", "What you have.")
    requirement: Requirement = choice(Requirement(), "Requirement", "What must hold.")
    simulation: Simulation = choice(Simulation(), "Simulation", "How long and how often to simulate.")
    faults: tuple[Fault, ...] = choice(
        (), "Faults", "What goes wrong, and when: each is drawn on the timeline.", max_length=MAX_FAULTS
    )
    deployments: tuple[Deployment, ...] = choice(
        tuple(pattern.deployment() for pattern in PATTERNS),
        "Deployments",
        "The configurations to compare.",
        max_length=MAX_DEPLOYMENTS,
    )
    assumptions: Assumptions = choice(Assumptions(), "Assumptions", "What AWS does not publish.")
    search: SearchSpace = choice(SearchSpace(), "Search", "Where the planner may look for deployments, and for what.")
    prices: tuple[PriceOverride, ...] = choice(
        (), "Prices", "Prices that replace or fill those of the catalogue.", max_length=50
    )
