from headroom.ui.shell import nav

nav.guard()

import streamlit as st  # noqa: E402

from headroom.ui.compare import bill_table, cards, editor, pins, planner_panel, verdict_panel  # noqa: E402
from headroom.ui.figures import comparison as figures  # noqa: E402
from headroom.ui.figures.latency_parts import latency_parts  # noqa: E402
from headroom.ui.shell import chart, downloads, live, problems, state  # noqa: E402
from headroom.ui.workload import welcome  # noqa: E402

scenario = state.scenario()
if problems.has_problems(scenario):
    editor.deployments(scenario)
    st.stop()

answer = st.container()
results = live.results(scenario)
exact = live.comparison(scenario, results)
preview = None if exact is not None else live.preview(scenario, results)
with answer:
    if exact is not None:
        verdict_panel.sentence(exact)
    elif preview is not None:
        verdict_panel.preview(preview)
    else:
        verdict_panel.pending(scenario, results)
    welcome.portfolio()

cards.show(scenario, results, exact)
planner_panel.show(scenario)
editor.deployments(scenario)
pins.show(scenario, results)

comparison = exact or preview
if comparison is not None:
    verdict_panel.table(comparison)
    verdict_panel.worth_knowing(comparison)
    chart.show(figures.cost_against_latency(comparison, chart.look()), "cost")
    chart.show(figures.stacked_bill(comparison, chart.look()), "bill")
    bill_table.show(comparison)
if exact is not None:
    chart.show(figures.latency_distribution(exact, chart.look()), "tail")
    chart.show(latency_parts(exact, chart.look()), "parts")
    downloads.offer(exact)
