from headroom.ui.shell import nav

nav.guard()

import streamlit as st  # noqa: E402

from headroom.ui.shell import problems, state  # noqa: E402
from headroom.ui.workload import faults_form, inputs, traffic_panel, welcome  # noqa: E402

scenario = state.scenario()
welcome.offer()

of_traffic, of_work, of_requirement, of_simulation, of_faults = st.tabs(
    ["Traffic", "Work", "Requirement", "Region and simulation", "Faults"]
)
with of_traffic:
    inputs.traffic(scenario)
    if not problems.has_problems(scenario):
        traffic_panel.show(scenario)
with of_work:
    inputs.work(scenario)
with of_requirement:
    inputs.requirement(scenario)
with of_simulation:
    inputs.simulation(scenario)
with of_faults:
    faults_form.show(scenario)

nav.next_page("compare")
