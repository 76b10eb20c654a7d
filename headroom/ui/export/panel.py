"""Files that deploy what is shown: where it goes is typed here, stays with this visitor, and is in no link."""

from __future__ import annotations

import streamlit as st

from headroom.advisor.answer import Answer
from headroom.advisor.prepared import prepare
from headroom.deploy.form import make_form
from headroom.sharing.exports.export import PlacedDeployment
from headroom.sharing.placement_file import read_placement
from headroom.ui.shell import cached, downloads
from headroom.ui.widgets.plain_text import lines, md
from simulator.errors import InvalidScenario
from simulator.model.placement import Placement
from simulator.scenario import Scenario

PLACE = "deploy_place"
_KEPT = "deploy_place_kept"
"""What was typed, also while other pages are drawn."""
MOST_CHARACTERS = 20_000
_EXAMPLE = """[deploy]
endpoint_name = "card-fraud"
execution_role_arn = "arn:aws:iam::123456789012:role/sagemaker-execution"
image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/fraud:1"
model_data_url = "s3://models/fraud/model.tar.gz"
"""


def place() -> str:
    """Draw the field for where a deployment goes, and return what is typed there."""
    st.session_state.setdefault(PLACE, st.session_state.get(_KEPT, ""))
    typed = st.text_area(
        "Where it goes (TOML)",
        placeholder=_EXAMPLE,
        max_chars=MOST_CHARACTERS,
        height=150,
        key=PLACE,
        help="What is left out is asked for by the files. It is in no link and is not stored.",
    )
    st.session_state[_KEPT] = typed
    return typed


def show(scenario: Scenario, answer: Answer, typed: str) -> Placement | None:
    """Draw a button for each file of this deployment, and return where it goes; None where that is no good. Nothing is
    sent to AWS.
    """
    st.subheader("Files that deploy it", anchor=False)
    st.markdown("Templates, scripts, IAM policies, a plan and a report to print. Headroom calls nothing: you run them.")
    try:
        placement = read_placement(typed)
        form = make_form(prepare(scenario, cached.world()), answer.deployment, placement)
    except InvalidScenario as invalid:
        st.error(lines(str(invalid)))
        return None
    if form.open:
        st.caption(f"Left open: {md(', '.join(form.open))}.")
    downloads.offer(PlacedDeployment(scenario=scenario, answer=answer, form=form), key="deploy")
    return placement
