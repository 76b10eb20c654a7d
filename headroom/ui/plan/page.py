"""The body of Plan, from the decision down to the downloads."""

from __future__ import annotations

import streamlit as st

from headroom.ui.figures import plane
from headroom.ui.plan import decision_panel, sent_panel, stages, yours
from headroom.ui.shell import live, sent
from simulator.scenario import Scenario


def show(scenario: Scenario) -> None:
    """Draw what is known at once, then ask for more; each part is drawn again as more is known."""
    answer, work = st.container(), st.container()
    known = stages.at_once(scenario)
    decided = known.decision
    with answer:
        came = sent.of(scenario) if known.plan is None else None
        if came is not None:
            sent_panel.show(scenario, came)
        elif decided is None:
            st.markdown("Looking at candidates of every pattern …")
            st.skeleton(height=plane.HEIGHT_PX)
        else:
            decision_panel.headline(decided, known)
            decision_panel.picture(decided, known, yours.spots(scenario))
            if known.plan is not None:
                sent_panel.check(scenario, known.plan)
                decision_panel.review_line(decided)
    with work:
        stages.go_on(scenario, known)
        st.markdown("**Yours**")
        results = live.results(scenario)
        yours.rows(scenario, results, decided)
