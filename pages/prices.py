from ui import nav

nav.guard()

import streamlit as st  # noqa: E402

from ui import assumptions, live, prices, problems, state  # noqa: E402

scenario = state.scenario()
of_prices, of_assumptions = st.tabs(["Prices", "Assumptions"])
with of_prices:
    if not problems.found(scenario):
        prices.show(scenario, live.results(scenario))
with of_assumptions:
    assumptions.show(scenario)
