"""The body of the page Export and deploy: which deployment, the files that deploy it, and deploying it."""

from __future__ import annotations

import streamlit as st

from headroom.deploy.updates import WAYS
from headroom.ui import timeline_panels
from headroom.ui.deploy import desk
from headroom.ui.deploy.acts import Subject
from headroom.ui.explore import contenders
from headroom.ui.export import panel
from headroom.ui.shell.live import Results
from simulator.scenario import Scenario

CHOSEN = "deploy"


def show(scenario: Scenario, results: Results) -> None:
    """Draw the choice, the best first; its numbers, its files, and what can be done with it in an account."""
    answer = contenders.choose(scenario, results, CHOSEN)
    subject = None
    if answer is not None:
        timeline_panels.numbers(scenario, answer)
        if answer.estimated:
            st.info("Preview: the files are made when the exact run is there.", icon=":material/hourglass:")
        else:
            placement = panel.show(scenario, answer)
            if placement is not None:
                way = st.selectbox(
                    "How an update leads traffic over",
                    WAYS,
                    width=420,
                    key="deploy_way",
                    help="Only where an endpoint of this name runs already. Shares and waits: headroom deploy update.",
                )
                subject = Subject(scenario, answer, placement, way)
    desk.draw(subject)
