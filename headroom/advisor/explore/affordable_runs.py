"""How often a deployment can be run exactly within a fraction of a second: for what-ifs that make dozens of runs."""

from __future__ import annotations

from headroom.advisor.effort import run_s
from headroom.advisor.prepared import PreparedScenario
from simulator.engine.replication_count import planned_replications
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario

BUDGET_S = 0.3
MOST_S = 1.0


def cheap_replications(prepared: PreparedScenario, deployment: Deployment) -> int:
    """Replications that fit into BUDGET_S of one core, at most those of the scenario.

    One when it alone takes longer but at most MOST_S; 0 when an exact run is not cheap.
    """
    wanted, one_s = prepared.case.simulation.replications, run_s(prepared, deployment)
    fitting = int(BUDGET_S / one_s) if one_s else wanted
    planned = planned_replications(prepared.case.expected_requests(), wanted)
    return min(planned, max(fitting, int(one_s <= MOST_S)))


def short(scenario: Scenario, replications: int) -> Scenario:
    """The scenario with only its first `replications` replications, which keep their draws."""
    return scenario.model_copy(
        update={"simulation": scenario.simulation.model_copy(update={"replications": replications})}
    )
