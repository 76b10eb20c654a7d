"""The chosen deployment of Explore: a candidate that takes the place of the scenario's deployment of its pattern.

Undo brings the one before back. What was done is said on the page as long as it is so.
"""

from __future__ import annotations

import streamlit as st

from headroom.ui.shell import state
from headroom.ui.widgets.plain_text import md
from simulator.patterns.registry import Deployment
from simulator.scenario import MAX_DEPLOYMENTS, Scenario

_CHOSEN = "explore_chosen"
_ADDED = "It was added to your deployments; Undo takes it away again."


def choose(deployment: Deployment) -> None:
    """Take it over, and note what was done."""
    scenario = state.scenario()
    new, said = with_chosen(scenario.deployments, deployment)
    changed = scenario.model_copy(update={"deployments": new})
    if new != scenario.deployments:
        state.put(changed, fresh=True)
    st.session_state[_CHOSEN] = (changed, deployment, f"{deployment.name} is now the chosen deployment. {said}")


def with_chosen(mine: tuple[Deployment, ...], deployment: Deployment) -> tuple[tuple[Deployment, ...], str]:
    """The deployments with this one in the place of the first of its pattern, else added; and what was done, in words.

    Where no more fit, it takes the place of the last.
    """
    if deployment in mine:
        return mine, "It was one of your deployments already."
    at = next((n for n, one in enumerate(mine) if one.pattern == deployment.pattern), len(mine))
    at = min(at, MAX_DEPLOYMENTS - 1)
    said = f"It took the place of {mine[at].name}; Undo brings that back." if at < len(mine) else _ADDED
    return (*mine[:at], deployment, *mine[at + 1 :]), said


def notice(scenario: Scenario) -> None:
    """Say what was chosen, while the scenario is the one that came of it."""
    then, _, said = st.session_state.get(_CHOSEN, (None, None, ""))
    if then == scenario:
        st.success(md(said), icon=":material/check_circle:")


def index(scenario: Scenario) -> int:
    """The place of the chosen deployment among the scenario's; of the first when none was chosen."""
    _, chosen, _ = st.session_state.get(_CHOSEN, (None, None, ""))
    return scenario.deployments.index(chosen) if chosen in scenario.deployments else 0
