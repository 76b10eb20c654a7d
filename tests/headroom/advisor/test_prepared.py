"""A scenario is prepared once for a command: one source, one price book, one look at what is wrong."""

from __future__ import annotations

import pickle
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest

from headroom.advisor.answer import Comparison
from headroom.advisor.compare import compare
from headroom.advisor.evaluate import estimate, simulate
from headroom.advisor.explore.decisive_assumptions import hinges_prepared
from headroom.advisor.explore.tornado import tornado
from headroom.advisor.portfolio.description import Member, Portfolio
from headroom.advisor.portfolio.planner import plan_portfolio
from headroom.advisor.prepared import prepare
from headroom.advisor.search.planner import plan, plan_prepared
from headroom.advisor.search.screen import screen
from headroom.sharing.packaged_traces import load_traces
from pricing.book import PriceBook
from simulator.errors import InvalidScenario
from simulator.model.assumptions import Assumptions
from simulator.model.simulation import Simulation
from simulator.patterns.realtime.deployment import RealtimeDeployment
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.scenario import PriceOverride, Scenario
from simulator.traffic.kinds import DAY_S, NamedTrace
from simulator.traffic.sources import make_source
from tests.headroom.advisor.search.small import WORLD, scenario

DEPLOYMENTS = (
    RealtimeDeployment(name="A"),
    RealtimeDeployment(name="B", initial_instance_count=2),
    ServerlessDeployment(),
)
TRACED = replace(WORLD, traces=load_traces())
COUNTED = {make_source.__code__: "sources", PriceBook.with_overrides.__code__: "price books"}


def small(**search: Any) -> Scenario:
    search = {"patterns": ("realtime",), "families": ("ml.m5",), **search}
    asked = scenario(search=search, simulation={"duration_s": 3600.0, "replications": 2})
    return asked.model_copy(update={"deployments": DEPLOYMENTS})


def made_by(command: Callable[[], object]) -> Counter[str]:
    """How often a command makes a source and a price book."""
    made: Counter[str] = Counter()

    def look(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in COUNTED:
            made[COUNTED[frame.f_code]] += 1

    sys.setprofile(look)
    try:
        command()
    finally:
        sys.setprofile(None)
    return made


def planned_with_its_hinges() -> Comparison:
    prepared = prepare(small(), WORLD)
    comparison = plan_prepared(prepared).comparison
    hinges_prepared(comparison, prepared)
    return comparison


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(lambda: compare(small(), WORLD), id="compare"),
        pytest.param(lambda: screen(small(), WORLD), id="screen"),
        pytest.param(lambda: plan(small(), WORLD), id="plan"),
        pytest.param(planned_with_its_hinges, id="plan with what it hangs on"),
        pytest.param(lambda: tornado(small(), DEPLOYMENTS[0], WORLD), id="tornado"),
        pytest.param(
            lambda: plan_portfolio(Portfolio(workloads=(Member(scenario=small(), fixed=DEPLOYMENTS[0]),)), WORLD),
            id="portfolio",
        ),
    ],
)
def test_a_command_makes_one_source_and_one_price_book(command: Callable[[], object]) -> None:
    assert made_by(command) == {"sources": 1, "price books": 1}


def test_every_problem_is_told_at_once() -> None:
    wrong = small(families=("ml.none",)).model_copy(
        update={
            "region": "moon-1",
            "prices": (PriceOverride(usage="nothing", dimension="", usd=1),),
            "workload": small().workload.model_copy(update={"traffic": NamedTrace(trace="unknown")}),
        }
    )
    with pytest.raises(InvalidScenario) as caught:
        prepare(wrong, WORLD)
    where = [problem.where for problem in caught.value.problems]
    assert where[0] == "region"
    assert {"workload.traffic.trace", "prices[0].usage", "search.families[0]"} <= set(where)


def test_own_prices_are_in_its_book_and_not_in_that_of_the_world() -> None:
    free = PriceOverride(usage="hosting_instance_s", dimension="ml.m5.xlarge", usd=0)
    prepared = prepare(small().model_copy(update={"prices": (free,)}), WORLD)
    answers = [simulate(one, DEPLOYMENTS[0]) for one in (prepared, prepare(small(), WORLD))]
    costs = [one.cost_usd_per_month.value for one in answers if one.cost_usd_per_month is not None]
    assert costs[0] < costs[1]


def test_other_assumptions_are_simulated_with_the_same_source() -> None:
    slow = small().model_copy(update={"assumptions": Assumptions(overhead_ms=200)})
    prepared = prepare(small(), WORLD)
    moved = prepared.simulated_as(slow)
    assert moved.case.source is prepared.case.source
    fresh = simulate(prepare(slow, WORLD), DEPLOYMENTS[0])
    assert simulate(moved, DEPLOYMENTS[0]).latency_s == fresh.latency_s != simulate(prepared, DEPLOYMENTS[0]).latency_s


def test_it_travels_to_another_process_without_the_traces() -> None:
    prepared = prepare(small(), WORLD)
    sent = pickle.loads(pickle.dumps(prepared.to_send()))
    assert not sent.world.traces
    assert estimate(sent, DEPLOYMENTS[0]).clauses == estimate(prepared, DEPLOYMENTS[0]).clauses


def test_what_another_process_says_of_a_trace_is_what_this_one_says() -> None:
    """A named trace, of a day over two: its warnings need to know how long it is."""
    asked = small().model_copy(update={"simulation": Simulation(duration_s=2 * DAY_S, replications=1)})
    workload = asked.workload.model_copy(
        update={"traffic": NamedTrace(trace="azure-functions-http", window_s=DAY_S / 24, scale=0.001)}
    )
    prepared = prepare(asked.model_copy(update={"workload": workload}), TRACED)
    sent = pickle.loads(pickle.dumps(prepared.to_send()))
    there, here = simulate(sent, DEPLOYMENTS[0]), simulate(prepared, DEPLOYMENTS[0])
    assert there.warnings == here.warnings
    assert any("is shorter than the horizon" in warning for warning in here.warnings)


def test_problems_that_come_from_another_process_are_whole() -> None:
    with pytest.raises(InvalidScenario) as caught:
        prepare(small(families=("ml.none",)), WORLD)
    sent = pickle.loads(pickle.dumps(caught.value))
    assert sent.problems == caught.value.problems
    assert str(sent) == str(caught.value)
