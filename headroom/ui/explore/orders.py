"""What the tabs of Explore ask for: orders without the deployments under consideration, which change no answer."""

from __future__ import annotations

from collections.abc import Hashable

from headroom.advisor.search.types import Plan, Screen
from headroom.ui.shell import cached, long_work
from headroom.work.jobs import WorkOrder
from simulator.scenario import Scenario


def order(kind: str, scenario: Scenario, **more: Hashable) -> WorkOrder:
    """The order of one question."""
    return cached.order(kind, scenario=scenario.model_copy(update={"deployments": ()}), **more)


def screen(scenario: Scenario) -> Screen | None:
    """What the fast answer says of all candidates, once it is there; draws how it goes until then."""
    result = long_work.ask(order("screen", scenario), "the first look", pool=cached.quick_pool()).result
    return result if isinstance(result, Screen) else None


def plan(scenario: Scenario) -> Plan | None:
    """What exact runs have decided, once they have; draws how it goes until then."""
    result = long_work.ask(order("plan", scenario), "the search").result
    return result if isinstance(result, Plan) else None


def known_plan(scenario: Scenario) -> Plan | None:
    """The same if it happens to be there; begins nothing."""
    statuses = cached.pool().statuses([order("plan", scenario).key])
    result = statuses[0].result if statuses else None
    return result if isinstance(result, Plan) else None
