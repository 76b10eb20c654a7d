"""All settings of a scenario, grouped: what the controls beside the page show is a part of them."""

from __future__ import annotations

import streamlit as st

from headroom.ui.shell import cached, page_link, problems, state
from headroom.ui.widgets import forms
from headroom.ui.workload import faults_form, inputs, traffic_panel
from simulator.patterns.registry import BY_KEY
from simulator.scenario import Scenario


def show(scenario: Scenario) -> None:
    """Draw the forms, a tab for each group."""
    page_link.link_to("plan", "Back to the plan")
    of_traffic, of_work, of_requirement, of_search, of_simulation, of_faults = st.tabs(
        ["Traffic", "Work", "Requirement", "Search", "Region and simulation", "Faults"]
    )
    with of_traffic:
        inputs.traffic(scenario)
        if not problems.has_problems(scenario):
            traffic_panel.show(scenario)
    with of_work:
        inputs.work(scenario)
    with of_requirement:
        inputs.requirement(scenario)
    with of_search:
        _search(scenario)
    with of_simulation:
        inputs.simulation(scenario)
    with of_faults:
        faults_form.show(scenario)


def _search(scenario: Scenario) -> None:
    """Draw where the search may look, and for what."""
    choices = {"patterns": tuple(BY_KEY), "families": cached.families(scenario.region)}
    edited = forms.edit(scenario.search, "search", forms.Options(choices=choices))
    if edited is not None and edited != scenario.search:
        state.change(scenario.model_copy(update={"search": edited}))
