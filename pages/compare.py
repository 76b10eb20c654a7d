from ui import nav

nav.guard()

import streamlit as st  # noqa: E402

from ui import cards, chart, downloads, editor, finder, live, pins, problems, start, state, verdict  # noqa: E402
from ui.figures import comparison as figures  # noqa: E402

scenario = state.scenario()
if problems.found(scenario):
    editor.deployments(scenario)
    st.stop()

answer = st.container()
results = live.results(scenario)
exact = live.comparison(scenario, results)
preview = None if exact is not None else live.preview(scenario, results)
with answer:
    if exact is not None:
        verdict.sentence(exact)
    elif preview is not None:
        verdict.preview(preview)
    else:
        verdict.pending(scenario, results)
    start.portfolio()

cards.show(scenario, results, exact)
finder.show(scenario)
editor.deployments(scenario)
pins.show(scenario, results)

shown = exact or preview
if shown is not None:
    verdict.table(shown)
    verdict.warnings(shown)
    chart.show(figures.cost_against_latency(shown, chart.look()), "cost")
    chart.show(figures.stacked_bill(shown, chart.look()), "bill")
if exact is not None:
    chart.show(figures.latency_distribution(exact, chart.look()), "tail")
    downloads.comparison(exact)
