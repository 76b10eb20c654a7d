"""How often a deployment can be run exactly within a fraction of a second: for what-ifs that make dozens of runs."""

from __future__ import annotations

from headroom.advisor.prepared import PreparedScenario
from simulator.engine.replication_count import planned_replications
from simulator.patterns.registry import Deployment
from simulator.scaling.policies import is_scaled
from simulator.scenario import Scenario

BUDGET_S = 0.3
MOST_S = 1.0
_REQUEST_S = 1 / 8e6
_CONTROL_S = 25e-6
_CONTROL_EVERY_S = 60.0
"""CPU time of a request (bench/RESULTS.md) and of a look of the controller of a fleet, once a minute; both rough."""


def cheap_replications(prepared: PreparedScenario, deployment: Deployment) -> int:
    """Replications that fit into BUDGET_S of one core, at most those of the scenario.

    One when it alone takes longer but at most MOST_S; 0 when an exact run is not cheap.
    """
    simulation = prepared.case.simulation
    requests = prepared.case.source.expected(-simulation.warmup_s, simulation.duration_s)
    looks = (simulation.duration_s + simulation.warmup_s) / _CONTROL_EVERY_S if is_scaled(deployment) else 0.0
    one_s = requests * _REQUEST_S + looks * _CONTROL_S
    fitting = int(BUDGET_S / one_s) if one_s else simulation.replications
    return min(planned_replications(requests, simulation.replications), max(fitting, int(one_s <= MOST_S)))


def short(scenario: Scenario, replications: int) -> Scenario:
    """The scenario with only its first `replications` replications, which keep their draws."""
    return scenario.model_copy(
        update={"simulation": scenario.simulation.model_copy(update={"replications": replications})}
    )
