"""Results as JSON for programs: everything that a result says, and what it was made with."""

from __future__ import annotations

import json
from typing import Any

from headroom.advisor.answer import Comparison
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.advisor.world import World
from headroom.codec import to_json
from headroom.sharing.canonical import document
from headroom.sharing.exports.export import DefendedPlan, Export, SimulatedDeployment
from simulator.simulate import ENGINE_VERSION

MEDIA_TYPE = "application/json"


def comparison_json(comparison: Comparison, world: World) -> dict[str, Any]:
    """Return every answer with its series over time, the verdict, and the scenario in canonical form."""
    plain = to_json(comparison)
    return {
        "made_with": made_with(world),
        **plain,
        "scenario": document(comparison.scenario),
        "evaluations": [_for_readers(answer) for answer in plain["evaluations"]],
    }


def plan_json(defended: DefendedPlan, world: World) -> dict[str, Any]:
    """Return what the search looked at, the comparison of the finalists and the argument for the choice, as
    JSON values.
    """
    return {
        "made_with": made_with(world),
        **to_json(defended.plan),
        "comparison": comparison_json(defended.plan.comparison, world),
        "argument": to_json(defended.argument),
    }


def simulation_json(simulated: SimulatedDeployment, world: World) -> dict[str, Any]:
    """Return the answer of one simulated deployment as JSON values."""
    return {"made_with": made_with(world), **_for_readers(to_json(simulated.evaluation))}


def portfolio_json(plan: PortfolioPlan, world: World) -> dict[str, Any]:
    """Return the plan of a portfolio as JSON values."""
    return {"made_with": made_with(world), **to_json(plan)}


def _for_readers(answer: dict[str, Any]) -> dict[str, Any]:
    """The JSON of an answer without what only passes between Headroom's processes; n of each figure says how it came
    about.
    """
    return {name: value for name, value in answer.items() if name not in ("provenance", "estimate")}


def made_with(world: World) -> dict[str, str]:
    """Return what a result depends on beside the scenario: the versions of Headroom's engine and of its prices."""
    return {"engine": ENGINE_VERSION, "prices": world.prices.version, "prices_as_of": world.on.isoformat()}


def to_bytes(values: dict[str, Any]) -> bytes:
    """Return values as indented JSON in UTF-8; raises ValueError for NaN and infinity."""
    return (json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


COMPARISON_JSON = Export(
    key="json",
    title="Comparison (JSON)",
    kind=Comparison,
    file_name="comparison.json",
    media_type=MEDIA_TYPE,
    write=lambda comparison, world: to_bytes(comparison_json(comparison, world)),
)
PLAN_JSON = Export(
    key="json",
    title="Plan (JSON)",
    kind=DefendedPlan,
    file_name="plan.json",
    media_type=MEDIA_TYPE,
    write=lambda defended, world: to_bytes(plan_json(defended, world)),
)
SIMULATION_JSON = Export(
    key="json",
    title="Deployment (JSON)",
    kind=SimulatedDeployment,
    file_name="deployment.json",
    media_type=MEDIA_TYPE,
    write=lambda simulated, world: to_bytes(simulation_json(simulated, world)),
)
PORTFOLIO_JSON = Export(
    key="json",
    title="Portfolio (JSON)",
    kind=PortfolioPlan,
    file_name="portfolio.json",
    media_type=MEDIA_TYPE,
    write=lambda plan, world: to_bytes(portfolio_json(plan, world)),
)
