"""What is surely worse than the best, by the goal of the search."""

from __future__ import annotations

from headroom.advisor.answer import Answer
from headroom.advisor.prepared import prepare
from headroom.advisor.search.significance import dearer
from simulator.model.requirement import Requirement
from simulator.model.simulation import Simulation
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from tests.headroom.advisor.outcomes import instances, judged, outcome, world

FAST_WANTED = Scenario(
    requirement=Requirement(latency_limit_s=0.5, min_zones=1),
    search=SearchSpace(goal="latency"),
    simulation=Simulation(replications=3),
)
PREPARED = prepare(FAST_WANTED, world())


def run(instance_count: float, latency_s: float) -> Answer:
    usages = [instances(instance_count) for _ in range(3)]
    return judged(FAST_WANTED, RealtimeDeployment(), outcome(usages=usages, latency_s=[latency_s]), world())


def test_what_is_as_fast_as_the_best_and_surely_dearer_is_surely_worse() -> None:
    best = run(1, 0.1)
    assert dearer(run(2, 0.1), best, PREPARED)
    assert not dearer(run(0.5, 0.1), best, PREPARED)


def test_what_is_faster_by_more_than_counts_as_the_same_is_not_worse_at_any_price() -> None:
    assert not dearer(run(9, 0.09), run(1, 0.1), PREPARED)
    assert dearer(run(0.5, 0.11), run(1, 0.1), PREPARED)
