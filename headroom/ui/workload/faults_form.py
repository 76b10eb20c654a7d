"""Changing what goes wrong: one fault after the other, each with its own form."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from headroom.advisor.tell import words
from headroom.ui.shell import state
from headroom.ui.widgets import forms
from simulator.model.faults import KINDS, MAX_FAULTS, TITLES, Fault
from simulator.scenario import Scenario

WHAT = (
    "What goes wrong, and when. Every deployment meets the same faults; Timeline draws them and says how long each "
    "took to recover, or that a fault does not touch a deployment."
)


def show(scenario: Scenario) -> None:
    """Draw a form for each fault of the scenario, and buttons to add one."""
    st.caption(WHAT)
    for index, fault in enumerate(scenario.faults):
        _fault_form(scenario, index, fault)
    full = len(scenario.faults) >= MAX_FAULTS
    with st.container(horizontal=True):
        for kind in KINDS:
            name = str(kind.model_fields["kind"].default)
            st.button(
                f"Add {TITLES[name].lower()}",
                on_click=_append,
                args=(name,),
                icon=":material/add:",
                disabled=full,
                key=f"add-fault-{name}",
                help=" ".join((kind.__doc__ or "").split()),
            )


def _fault_form(scenario: Scenario, index: int, fault: Fault) -> None:
    with st.container(border=True):
        st.markdown(f"**{index + 1}. {TITLES[fault.kind]}**", help=" ".join((type(fault).__doc__ or "").split()))
        edited = forms.edit(fault, f"faults.{index}.{fault.kind}")
        horizon_s = scenario.simulation.duration_s
        if fault.at_s >= horizon_s:
            st.warning(f"This never happens: the horizon ends after {words.seconds(horizon_s)}.")
        st.button(
            f"Remove {index + 1}",
            on_click=_remove,
            args=(index,),
            icon=":material/delete:",
            key=f"remove-fault-{index}",
            help="Back brings it back.",
        )
    if edited is not None and edited != fault:
        state.change(_with(scenario, [*scenario.faults[:index], edited, *scenario.faults[index + 1 :]]))


def _append(name: str) -> None:
    scenario = state.scenario()
    fault: Fault = next(kind for kind in KINDS if kind.model_fields["kind"].default == name)()  # type: ignore[assignment]
    # The middle of a horizon that is shorter than the default time.
    half_s = scenario.simulation.duration_s / 2
    placed = fault.model_copy(update={"at_s": min(fault.at_s, half_s)})
    state.put(_with(scenario, [*scenario.faults, placed]), fresh=True)


def _remove(index: int) -> None:
    scenario = state.scenario()
    state.put(_with(scenario, [*scenario.faults[:index], *scenario.faults[index + 1 :]]), fresh=True)


def _with(scenario: Scenario, faults: Sequence[Fault]) -> Scenario:
    return scenario.model_copy(update={"faults": tuple(faults)})
