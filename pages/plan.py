from headroom.ui.shell import nav

nav.guard()

import streamlit as st  # noqa: E402

from headroom.ui.controls import new_scenario  # noqa: E402
from headroom.ui.plan import page  # noqa: E402
from headroom.ui.shell import problems, state  # noqa: E402

scenario = state.scenario()
if new_scenario.asked():
    new_scenario.show()
elif problems.has_problems(scenario):
    st.stop()
else:
    page.show(scenario)
