"""The chosen deployment of Explore: a candidate that takes the place of the scenario's deployment of its pattern.

Undo brings the one before back. What was done is said on the page as long as it is so.
"""

from __future__ import annotations

import streamlit as st

from simulator.scenario import MAX_DEPLOYMENTS, Deployment, Scenario
from ui import state
from ui.text import md

_CHOSEN = "explore_chosen"


def choose(deployment: Deployment) -> None:
    """Put it in the place of the first deployment of its pattern, or add it where there is none."""
    mine = state.scenario().deployments
    if deployment in mine:
        said = f"{deployment.name} is one of your deployments already; it is now the chosen one."
        st.session_state[_CHOSEN] = (state.scenario(), deployment, said)
        return
    at = next((n for n, one in enumerate(mine) if one.pattern == deployment.pattern), None)
    if at is None and len(mine) >= MAX_DEPLOYMENTS:
        at = len(mine) - 1
    if at is None:
        new, said = (*mine, deployment), "It was added to your deployments. Undo takes it away again."
    else:
        new = (*mine[:at], deployment, *mine[at + 1 :])
        said = f"It took the place of {mine[at].name}. Undo brings that back."
    changed = state.scenario().model_copy(update={"deployments": new})
    state.put(changed, fresh=True)
    st.session_state[_CHOSEN] = (changed, deployment, f"{deployment.name} is now the chosen deployment. {said}")


def notice(scenario: Scenario) -> None:
    """Say what was chosen, while the scenario is the one that came of it."""
    then, _, said = st.session_state.get(_CHOSEN, (None, None, ""))
    if then == scenario:
        st.success(md(said), icon=":material/check_circle:")


def index(scenario: Scenario) -> int:
    """The place of the chosen deployment among the scenario's; of the first when none was chosen."""
    _, chosen, _ = st.session_state.get(_CHOSEN, (None, None, ""))
    return scenario.deployments.index(chosen) if chosen in scenario.deployments else 0
