from headroom.ui.shell import nav

nav.guard()

import streamlit as st  # noqa: E402

from headroom.ui import assumptions_table, price_table  # noqa: E402
from headroom.ui.shell import live, problems, state  # noqa: E402

scenario = state.scenario()
of_prices, of_assumptions = st.tabs(["Prices", "Assumptions"])
with of_prices:
    if not problems.has_problems(scenario):
        price_table.show(scenario, live.results(scenario))
with of_assumptions:
    assumptions_table.show(scenario)
