"""Fleets that the search leaves out are named where they would matter."""

from __future__ import annotations

import pytest

from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import estimate
from headroom.advisor.prepared import PreparedScenario, prepare
from headroom.advisor.search.unasked import cheapest_burstable
from headroom.sharing.library import load_world
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.model.workload import Workload
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from simulator.traffic.kinds import Constant

WORLD = load_world()


def asked(rate_per_s: float, **search: object) -> tuple[PreparedScenario, Answer]:
    """50 ms a request. One ml.m5.large costs $84 a month, ml.t2.medium $41, the volume of either $4.20."""
    scenario = Scenario(
        workload=Workload(traffic=Constant(rate_per_s=rate_per_s)),
        requirement=Requirement(latency_limit_s=1, max_error_share=0.01, min_zones=1),
        simulation=Simulation(duration_s=6 * 3600, warmup_s=0),
        search=SearchSpace(**search),
    )
    prepared = prepare(scenario, WORLD)
    return prepared, estimate(prepared, RealtimeDeployment(instance_type="ml.m5.large"))


def test_a_burstable_fleet_that_would_do_for_less_is_named():
    found = cheapest_burstable(*asked(1.0))
    assert found is not None
    assert found.deployment.name == "Real-time, 1 x ml.t2.medium"
    assert found.cost_usd_per_month is not None
    assert found.cost_usd_per_month.value == pytest.approx(41 + 4.2, rel=0.02)


def test_one_whose_credits_do_not_last_is_not():
    """17 requests a second of 50 ms are 0.85 vCPU; for less than ml.m5.large there are 0.8 on two ml.t2.medium."""
    assert cheapest_burstable(*asked(17.0)) is None


@pytest.mark.parametrize("search", [{"families": ("ml.m5",)}, {"goal": "latency"}, {"patterns": ("serverless",)}])
def test_nor_where_it_is_not_the_question(search):
    assert cheapest_burstable(*asked(1.0, **search)) is None
