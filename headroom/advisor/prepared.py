"""A scenario made ready once: checked, with its source of requests and its own prices. Whatever runs is handed this."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from headroom.advisor.check import deployment_problems, shared_problems
from headroom.advisor.monthly import monthly_bill, own_prices
from headroom.advisor.world import World
from pricing.bill import Bill
from simulator.engine.replication import Case, in_step
from simulator.errors import InvalidScenario, Problem
from simulator.model.usage import Usage
from simulator.scenario import Scenario
from simulator.traffic.sources import make_source, span_s
from simulator.traffic.spiked import spiked

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedScenario:
    """A scenario without problems. world: with the scenario's own prices in its price book; case: the workload's side
    of the scenario, which a pattern is given to run. trace_s: how long the trace that the traffic follows is, in
    seconds; None where it follows none.
    """

    scenario: Scenario
    world: World
    case: Case
    trace_s: float | None

    def bill(self, usage: Iterable[Usage], horizon_s: float) -> Bill:
        """The bill of one month for what was used in a horizon."""
        return monthly_bill(usage, horizon_s, self.world.prices, self.scenario, self.world.on)

    def to_send(self) -> PreparedScenario:
        """The same for another process: without the traces, of which the source holds what it needs, and with requests
        drawn in step, since no second core is left to draw them ahead.
        """
        world = replace(self.world, traces={}, ahead=in_step)
        return replace(self, world=world, case=replace(self.case, ahead=in_step))

    def simulated_as(self, scenario: Scenario) -> PreparedScenario:
        """Another scenario, prepared, that differs in nothing but assumptions, simulation and deployments."""
        simulation, assumptions = scenario.simulation, scenario.assumptions
        case = replace(self.case, assumptions=assumptions, simulation=simulation)
        return replace(self, scenario=scenario, case=case)


def prepare(scenario: Scenario, world: World, more: Iterable[Problem] = ()) -> PreparedScenario:
    """Check everything but the deployments and make it ready. more: problems that were found elsewhere.

    Raises InvalidScenario with every problem.
    """
    traffic, starts_on = scenario.workload.traffic, scenario.simulation.starts_on
    source, of_traffic = _tried(lambda: make_source(traffic, world.traces, starts_on))
    prices, of_prices = _tried(lambda: own_prices(world.prices, scenario))
    problems = (*shared_problems(scenario, world, of_traffic, of_prices), *more)
    if problems or source is None or prices is None:
        raise InvalidScenario(problems)
    case = Case(
        workload=scenario.workload,
        requirement=scenario.requirement,
        assumptions=scenario.assumptions,
        simulation=scenario.simulation,
        hardware=world.hardware,
        region=scenario.region,
        source=spiked(source, scenario.faults),
        faults=scenario.faults,
        ahead=world.ahead,
    )
    trace_s = span_s(traffic, world.traces)
    return PreparedScenario(scenario=scenario, world=replace(world, prices=prices), case=case, trace_s=trace_s)


def prepare_all(scenario: Scenario, world: World) -> PreparedScenario:
    """Check the whole scenario, deployments included, and make it ready."""
    return prepare(scenario, world, deployment_problems(scenario, world))


def check(scenario: Scenario, world: World) -> tuple[Problem, ...]:
    """Every problem, in the order of the scenario's fields; empty when there is none."""
    try:
        prepare_all(scenario, world)
    except InvalidScenario as invalid:
        return tuple(invalid.problems)
    return ()


def _tried(make: Callable[[], Value]) -> tuple[Value | None, tuple[Problem, ...]]:
    """The result of making something, or the problems that prevented it."""
    try:
        return make(), ()
    except InvalidScenario as invalid:
        return None, tuple(invalid.problems)
