"""What is known of the best so far, in three stages: a glance at candidates that are known already, the first look of
the search, and what exact runs have decided. Each is shown as soon as it is there.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from headroom.advisor.explore.tornado import Tornado
from headroom.advisor.search.glance import worth_a_glance
from headroom.advisor.search.types import Plan, Screen
from headroom.advisor.tell import decision
from headroom.ui.explore import orders
from headroom.ui.shell import cached, long_work, session
from headroom.work.jobs import WorkOrder
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario

GLANCE_PATIENCE_S = 0.3
_CANDIDATES = "glance_candidates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known: the latest stage that is there. screen: the first look, where it was made; only glanced: neither
    it nor a plan is there yet. tornado: how the assumptions move what was decided on.
    """

    screen: Screen | None
    plan: Plan | None
    glanced: bool = False
    tornado: Tornado | None = None

    @property
    def decision(self) -> decision.Decision | None:
        """What to take, by the latest stage; None when nothing is known."""
        if self.plan is not None:
            return decision.of_plan(self.plan)
        return None if self.screen is None else decision.of_screen(self.screen)

    @property
    def changed(self) -> str:
        """What exact runs made of the first look, once both are there."""
        if self.plan is None or self.screen is None:
            return ""
        return decision.what_changed(self.screen, self.plan)


def at_once(scenario: Scenario) -> Known:
    """Return what is there already, or within the time of a glance."""
    plan, screen = orders.known_plan(scenario), orders.known_screen(scenario)
    if plan is not None or screen is not None:
        _remember(plan or screen)
        return Known(screen=screen, plan=plan, tornado=_known_tornado(scenario, plan))
    glanced = _glance(scenario)
    return Known(screen=glanced, plan=None, glanced=glanced is not None)


def go_on(scenario: Scenario, known: Known) -> None:
    """Ask for what is not there yet, draw how it goes, and draw the page again when a stage is there."""
    if known.plan is not None:
        order = None if known.tornado is not None else _tornado_order(scenario, known.plan)
        if order and long_work.ask(order, "the look at assumptions", topic="plan tornado").result is not None:
            st.rerun()
        return
    screen = orders.screen(scenario) if known.screen is None or known.glanced else known.screen
    plan = orders.plan(scenario)
    if plan is not None or (screen is not None and screen is not known.screen):
        st.rerun()


def _glance(scenario: Scenario) -> Screen | None:
    """Return how the candidates that were shown last stand now; None when there were none, or it takes too long."""
    candidates: tuple[Deployment, ...] = st.session_state.get(_CANDIDATES, ())
    if not candidates:
        return None
    order = orders.order("glance", scenario, candidates=candidates)
    quick = cached.quick_pool()
    quick.want(f"{session.watcher()}/glance", [order])
    quick.wait([order.key], GLANCE_PATIENCE_S)
    statuses = quick.statuses([order.key])
    result = statuses[0].result if statuses else None
    return result if isinstance(result, Screen) else None


def _tornado_order(scenario: Scenario, plan: Plan) -> WorkOrder | None:
    best = plan.comparison.best
    if best is None:
        return None
    return orders.order("tornado", scenario, deployment=plan.comparison.evaluations[best].deployment)


def _known_tornado(scenario: Scenario, plan: Plan | None) -> Tornado | None:
    order = None if plan is None else _tornado_order(scenario, plan)
    statuses = () if order is None else cached.pool().statuses([order.key])
    result = statuses[0].result if statuses else None
    return result if isinstance(result, Tornado) else None


def _remember(known: Screen | Plan | None) -> None:
    if known is not None:
        st.session_state[_CANDIDATES] = worth_a_glance(known)
