"""The chosen deployment of Explore: a candidate that takes the place of the scenario's deployment of its pattern.

Undo restores the scenario before. What the choice changed is shown on the page until the scenario changes again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from headroom.ui.shell import state
from headroom.ui.widgets.plain_text import md
from simulator.patterns.registry import Deployment
from simulator.scenario import MAX_DEPLOYMENTS, Scenario

_CHOSEN = "explore_chosen"
_ADDED = "It was added to your deployments; Undo takes it away again."


def choose(deployment: Deployment) -> None:
    """Make a candidate the chosen deployment of the scenario, and note what that changed for `notice`."""
    scenario = state.scenario()
    new, effect = with_chosen(scenario.deployments, deployment)
    new_scenario = scenario.model_copy(update={"deployments": new})
    if new != scenario.deployments:
        state.put(new_scenario, fresh=True)
    st.session_state[_CHOSEN] = (new_scenario, deployment, f"{deployment.name} is now the chosen deployment. {effect}")


def with_chosen(deployments: tuple[Deployment, ...], deployment: Deployment) -> tuple[tuple[Deployment, ...], str]:
    """Return the deployments with this one in the place of the first of its pattern, else added, and the change in
    words.

    Where no more fit, it takes the place of the last.
    """
    if deployment in deployments:
        return deployments, "It was one of your deployments already."
    place = next(
        (n for n, present in enumerate(deployments) if present.pattern == deployment.pattern), len(deployments)
    )
    place = min(place, MAX_DEPLOYMENTS - 1)
    effect = (
        f"It took the place of {deployments[place].name}; Undo brings that back."
        if place < len(deployments)
        else _ADDED
    )
    return (*deployments[:place], deployment, *deployments[place + 1 :]), effect


def notice(scenario: Scenario) -> None:
    """Draw what the last choice changed, as long as the scenario is the one that resulted from it."""
    scenario_then, _, effect = st.session_state.get(_CHOSEN, (None, None, ""))
    if scenario_then == scenario:
        st.success(md(effect), icon=":material/check_circle:")


def index(scenario: Scenario) -> int:
    """Return the index of the chosen deployment in the scenario; 0 when none was chosen."""
    _, deployment, _ = st.session_state.get(_CHOSEN, (None, None, ""))
    return scenario.deployments.index(deployment) if deployment in scenario.deployments else 0


def number(clicked: Mapping[str, Any]) -> int | None:
    """Return the index of the candidate of a clicked point; None when the point is no candidate."""
    index = clicked.get("customdata")
    index = index[0] if isinstance(index, list) else index
    return None if index is None else int(index)
