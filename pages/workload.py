from ui import nav

nav.guard()

import streamlit as st  # noqa: E402

from ui import faults, inputs, preview, problems, start, state  # noqa: E402

scenario = state.scenario()
start.offer()

of_traffic, of_work, of_requirement, of_simulation, of_faults = st.tabs(
    ["Traffic", "Work", "Requirement", "Region and simulation", "Faults"]
)
with of_traffic:
    inputs.traffic(scenario)
    if not problems.found(scenario):
        preview.show(scenario)
with of_work:
    inputs.work(scenario)
with of_requirement:
    inputs.requirement(scenario)
with of_simulation:
    inputs.simulation(scenario)
with of_faults:
    faults.show(scenario)

nav.next_page("compare")
