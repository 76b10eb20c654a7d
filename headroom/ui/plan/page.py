"""The body of Plan, from the decision down to the downloads."""

from __future__ import annotations

import streamlit as st

from headroom.advisor.tell.decision import Decision
from headroom.ui.explore import contenders
from headroom.ui.figures import comparison as figures
from headroom.ui.figures import plane
from headroom.ui.figures.latency_parts import latency_parts
from headroom.ui.plan import cards, decision_panel, editor, numbers, pins, sent_panel, stages, yours
from headroom.ui.plan.stages import Known
from headroom.ui.shell import chart, downloads, live, page_link, sent
from simulator.scenario import Scenario


def show(scenario: Scenario) -> None:
    """Draw what is known at once, then ask for more; each part is drawn again as more is known."""
    known = stages.at_once(scenario)
    decided = known.decision
    _answer(scenario, known, decided)
    stages.go_on(scenario, known)
    _yours(scenario, decided)


def _answer(scenario: Scenario, known: Known, decided: Decision | None) -> None:
    """Draw the decision with its picture, and what stands behind it; before that what came with a link."""
    came = sent.of(scenario) if known.plan is None else None
    if came is not None:
        sent_panel.show(scenario, came)
        return
    if decided is None:
        st.markdown("Looking at candidates of every pattern …")
        st.skeleton(height=plane.HEIGHT_PX)
        return
    decision_panel.headline(decided, known)
    decision_panel.picture(decided, known, yours.spots(scenario))
    if known.plan is not None:
        sent_panel.check(scenario, known.plan)
        decision_panel.review_line(decided)
        decision_panel.argument(known.plan)


def _yours(scenario: Scenario, decided: Decision | None) -> None:
    """Draw the user's own deployments, and all numbers of these and of the best of the search side by side."""
    st.subheader("Yours, against the best", anchor=False)
    place = st.container()
    results = live.results(scenario)
    with place:
        yours.rows(scenario, results, decided)
    if scenario.deployments:
        with st.expander("Every clause of yours", icon=":material/check:", key="clauses"):
            cards.show(scenario, results)
    editor.deployments(scenario)
    pins.show(scenario, results)
    comparison = contenders.comparison(scenario, contenders.every(scenario, results))
    if comparison is None:
        return
    numbers.table(comparison)
    numbers.worth_knowing(comparison)
    chart.show(figures.stacked_bill(comparison, chart.look()), "bill")
    page_link.link_to("costs", "Every line of these bills: quantity × rate, and where each price comes from")
    chart.show(figures.latency_distribution(comparison, chart.look()), "tail")
    chart.show(latency_parts(comparison, chart.look()), "parts")
    own = live.comparison(scenario, results)
    if own is not None and scenario.deployments:
        downloads.offer(own)
