"""The orders of work of Explore; they leave out the deployments under consideration, which change no answer."""

from __future__ import annotations

from collections.abc import Hashable

from headroom.advisor.search.types import Plan, Screen
from headroom.ui.shell import cached, long_work
from headroom.work.jobs import WorkOrder
from simulator.scenario import Scenario


def order(kind: str, scenario: Scenario, **more: Hashable) -> WorkOrder:
    """Return the order of one question of Explore; it leaves out the deployments under consideration."""
    return cached.order(kind, scenario=scenario.model_copy(update={"deployments": ()}), **more)


def screen(scenario: Scenario) -> Screen | None:
    """Return the estimates of all candidates; draw the progress and return None until they are there."""
    result = long_work.ask(order("screen", scenario), "the first look", pool=cached.quick_pool()).result
    return result if isinstance(result, Screen) else None


def plan(scenario: Scenario) -> Plan | None:
    """Return what exact runs have decided; draw the progress and return None until they have."""
    result = long_work.ask(order("plan", scenario), "the search").result
    return result if isinstance(result, Plan) else None


def known_screen(scenario: Scenario) -> Screen | None:
    """Return the estimates of all candidates if they are known already; begins no work."""
    statuses = cached.quick_pool().statuses([order("screen", scenario).key])
    result = statuses[0].result if statuses else None
    return result if isinstance(result, Screen) else None


def known_plan(scenario: Scenario) -> Plan | None:
    """Return what exact runs have decided if that is known already; begins no work."""
    statuses = cached.pool().statuses([order("plan", scenario).key])
    result = statuses[0].result if statuses else None
    return result if isinstance(result, Plan) else None
