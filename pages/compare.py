from ui import nav

nav.guard()

import streamlit as st  # noqa: E402

from ui import chart, downloads, editor, live, problems, state, verdict  # noqa: E402
from ui.figures import comparison as figures  # noqa: E402

scenario = state.scenario()
if problems.found(scenario):
    editor.deployments(scenario)
    st.stop()

answer = st.container()
results = live.results(scenario)
comparison = live.comparison(scenario, results)
with answer:
    if comparison is None:
        verdict.pending(scenario, results)
    else:
        verdict.sentence(comparison)

verdict.cards(scenario, results, comparison)
editor.deployments(scenario)

if comparison is not None:
    verdict.table(comparison)
    verdict.warnings(comparison)
    chart.show(figures.cost_against_latency(comparison, chart.look()), "cost")
    chart.show(figures.latency_distribution(comparison, chart.look()), "tail")
    chart.show(figures.stacked_bill(comparison, chart.look()), "bill")
    downloads.comparison(comparison)
