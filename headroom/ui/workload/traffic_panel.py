"""The traffic of the scenario, drawn once: its numbers and its chart."""

from __future__ import annotations

import streamlit as st

from headroom.advisor.tell import words
from headroom.ui.figures.rate import rate
from headroom.ui.shell import cached, chart
from headroom.ui.widgets.plain_text import md
from simulator.scenario import Scenario
from simulator.traffic.summary import Preview


def show(scenario: Scenario) -> None:
    """Draw the numbers of the traffic and its rate over the horizon; raises InvalidScenario when it cannot be drawn."""
    preview = cached.traffic_preview(scenario)
    with st.grid(4, min_column_width=210):
        for label, value, meaning in _numbers(preview):
            st.metric(label, value, help=meaning, border=True, height="stretch")
    chart.show(rate(preview, scenario.simulation.starts_on, chart.look()), "rate")
    if preview.note:
        st.caption(md(preview.note))


def _numbers(preview: Preview) -> list[tuple[str, str, str]]:
    return [
        ("Requests", words.count(preview.total), "Arrivals in the horizon, in one draw."),
        ("Mean rate", words.per_second(preview.mean_per_s), "Arrivals per second on average."),
        ("Peak, 1 s", words.per_second(preview.peak_1s_per_s), "The busiest second."),
        ("Peak, 60 s", words.per_second(preview.peak_60s_per_s), "The busiest minute, per second."),
        (
            "Dispersion, 1 s",
            _plain(preview.dispersion_1s),
            "Variance over mean of the counts per second; 1 for an even Poisson stream.",
        ),
        ("Dispersion, 60 s", _plain(preview.dispersion_60s), "Variance over mean of the counts per minute."),
        ("Empty minutes", words.share(preview.empty_minutes), "Share of minutes in which nothing arrives."),
    ]


def _plain(value: float | None) -> str:
    return words.UNKNOWN if value is None else f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
