"""Changing the deployments under consideration: their fields, one more, one less. Every change takes effect at once;
Back undoes it.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from headroom.ui.shell import cached, state
from headroom.ui.widgets import forms
from headroom.ui.widgets.plain_text import md
from simulator.patterns.registry import BY_KEY, PATTERNS, Deployment
from simulator.scenario import MAX_DEPLOYMENTS, Scenario

EDITED = "edited_deployment"


def deployments(scenario: Scenario) -> None:
    """Draw an expander with the form of one deployment at a time, and buttons to add and remove deployments."""
    with st.expander("Change, add or remove deployments", icon=":material/tune:", key="editor"):
        number = len(scenario.deployments)
        if number:
            _deployment_form(scenario, min(int(st.session_state.get(EDITED) or 0), number - 1))
        _add(scenario)


def _deployment_form(scenario: Scenario, index: int) -> None:
    names = [deployment.name for deployment in scenario.deployments]
    st.session_state[EDITED] = index
    st.selectbox("Deployment to change", range(len(names)), format_func=lambda n: f"{n + 1}. {names[n]}", key=EDITED)
    index = int(st.session_state[EDITED])
    deployment = scenario.deployments[index]
    edited = forms.edit(deployment, f"deployments.{index}", forms.Options(choices=_choices(scenario, deployment)))
    if edited is not None and edited != deployment:
        state.change(_with(scenario, [*scenario.deployments[:index], edited, *scenario.deployments[index + 1 :]]))
    full = len(names) >= MAX_DEPLOYMENTS
    with st.container(horizontal=True):
        st.button("Duplicate", on_click=_duplicate, args=(index,), icon=":material/content_copy:", disabled=full)
        st.button(
            "Remove",
            on_click=_remove,
            args=(index,),
            icon=":material/delete:",
            help=f"Removes {md(deployment.name)}. Back brings it back.",
        )


def _add(scenario: Scenario) -> None:
    full = len(scenario.deployments) >= MAX_DEPLOYMENTS
    with st.container(horizontal=True):
        for pattern in PATTERNS:
            st.button(
                f"Add {pattern.title.lower()}",
                on_click=_append,
                args=(pattern.key,),
                icon=":material/add:",
                disabled=full,
                key=f"add-{pattern.key}",
            )


def _choices(scenario: Scenario, deployment: Deployment) -> dict[str, Sequence[str]]:
    machines = BY_KEY[deployment.pattern].billing.machines
    return {"instance_type": cached.world().prices.instance_types(scenario.region, machines)} if machines else {}


def _with(scenario: Scenario, deployments: Sequence[Deployment]) -> Scenario:
    return scenario.model_copy(update={"deployments": tuple(deployments)})


def _duplicate(index: int) -> None:
    scenario = state.scenario()
    copy = scenario.deployments[index]
    copy = copy.model_copy(update={"name": f"{copy.name[:70]} copy"})
    _replace([*scenario.deployments, copy], len(scenario.deployments))


def _remove(index: int) -> None:
    scenario = state.scenario()
    _replace([*scenario.deployments[:index], *scenario.deployments[index + 1 :]], max(0, index - 1))


def _append(key: str) -> None:
    scenario = state.scenario()
    _replace([*scenario.deployments, BY_KEY[key].deployment()], len(scenario.deployments))


def _replace(deployments: Sequence[Deployment], edited: int) -> None:
    state.put(_with(state.scenario(), deployments), fresh=True)
    st.session_state[EDITED] = edited
