"""What AWS does not publish: every assumption with its value, its default, where that comes from, and a way back."""

from __future__ import annotations

import streamlit as st

from headroom.ui.shell import state
from headroom.ui.widgets import forms
from simulator.model.assumptions import Assumptions
from simulator.scenario import Scenario


def show(scenario: Scenario) -> None:
    """Draw the form of all assumptions, with the overridden ones marked and counted."""
    present = scenario.assumptions
    changed_names = [
        name for name in Assumptions.model_fields if getattr(present, name) != getattr(Assumptions(), name)
    ]
    st.markdown(
        "AWS does not publish these numbers. Each default comes from a measurement or a report; the help of a field"
        " names its row in the facts table. Change one to see how much the answer depends on it."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{len(changed_names)} of {len(Assumptions.model_fields)} overridden.**")
        st.button(
            "Reset all",
            on_click=_set_assumptions,
            args=(Assumptions(),),
            disabled=not changed_names,
            icon=":material/restart_alt:",
        )
    edited = forms.edit(present, "assumptions", forms.Options(reset=_reset))
    if edited is not None and edited != present:
        state.change(scenario.model_copy(update={"assumptions": edited}))


def _reset(name: str) -> None:
    present = state.scenario().assumptions
    _set_assumptions(present.model_copy(update={name: getattr(Assumptions(), name)}))


def _set_assumptions(new: Assumptions) -> None:
    state.put(state.scenario().model_copy(update={"assumptions": new}), fresh=True)
