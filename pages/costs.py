from headroom.ui.shell import nav

nav.guard()

import streamlit as st  # noqa: E402

from headroom.ui import assumptions_table, price_table  # noqa: E402
from headroom.ui.explore import contenders  # noqa: E402
from headroom.ui.plan import bill_table, stages  # noqa: E402
from headroom.ui.shell import live, problems, state  # noqa: E402

scenario = state.scenario()
of_costs, of_assumptions = st.tabs(["Costs", "Assumptions"])
with of_costs:
    if not problems.has_problems(scenario):
        stages.go_on(scenario, stages.at_once(scenario))
        able = contenders.every(scenario, live.results(scenario))
        bill_table.show(able)
        price_table.show(scenario, able)
with of_assumptions:
    assumptions_table.show(scenario)
