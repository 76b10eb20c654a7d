"""The body of the page Export and deploy: which deployment, the files that deploy it, and deploying it."""

from __future__ import annotations

import streamlit as st

from headroom.advisor.answer import Answer
from headroom.deploy.updates import WAYS
from headroom.ui import timeline_panels
from headroom.ui.deploy import desk
from headroom.ui.deploy.acts import Subject
from headroom.ui.explore import contenders
from headroom.ui.export import panel
from headroom.ui.shell import live
from simulator.scenario import Scenario

CHOSEN = "deploy"


def show(scenario: Scenario) -> None:
    """Draw the choice, the best first; its numbers, its files, and what can be done with it in an account."""
    choice, where = st.container(), st.container()
    with where:  # before anything that comes and goes above it, or what is being typed would be lost with the field
        typed = panel.place()
    results = live.results(scenario)
    with choice:
        answer = contenders.choose(scenario, results, CHOSEN)
    desk.draw(None if answer is None else _subject(scenario, answer, typed))


def _subject(scenario: Scenario, answer: Answer, typed: str) -> Subject | None:
    """Draw the numbers and files of an answer, and return what can be deployed; None where it is not whole yet."""
    timeline_panels.numbers(scenario, answer)
    if answer.estimated:
        st.info("Preview: the files are made when the exact run is there.", icon=":material/hourglass:")
        return None
    placement = panel.show(scenario, answer, typed)
    if placement is None:
        return None
    way = st.selectbox(
        "How an update leads traffic over",
        WAYS,
        width=420,
        key="deploy_way",
        help="Only where an endpoint of this name runs already. Shares and waits: headroom deploy update.",
    )
    return Subject(scenario, answer, placement, way)
