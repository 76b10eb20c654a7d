"""Figures of an estimate over time: the rate of arriving requests, and the capacity that serves them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from headroom.advisor.tell import words
from headroom.ui.figures.look import Drawing, FloatArray, Look, axis, panel, thinned
from headroom.ui.figures.timeline import TimeAxis
from simulator.estimate.figures import Estimate
from simulator.patterns.registry import BY_KEY


def rate(estimate: Estimate, starts_on: int, look: Look) -> Drawing:
    """Draw the estimated rate of arriving requests, per second."""
    values = thinned(estimate.over_time.rate_per_s)
    alt = f"Preview: on average {words.per_second(float(np.mean(values)))}, at most {words.per_second(_most(values))}."
    return _drawing("How much work arrives?", "Requests (1/s)", values, _clock(estimate, starts_on), look, alt)


def capacity(estimate: Estimate, starts_on: int, look: Look) -> Drawing:
    """Draw the estimated number of instances or environments that are paid for or kept."""
    values = thinned(estimate.over_time.capacity)
    title = BY_KEY[estimate.pattern].description.capacity
    least, most = words.count(round(float(np.min(values, initial=np.inf)), 2)), words.count(round(_most(values), 2))
    alt = f"Preview: {title.lower()} from {least} to {most}."
    return _drawing(f"How many {title.lower()} are there?", title, values, _clock(estimate, starts_on), look, alt)


def _clock(estimate: Estimate, starts_on: int) -> TimeAxis:
    return TimeAxis(estimate.over_time.step_s, starts_on, len(estimate.over_time.rate_per_s))


def _most(values: FloatArray) -> float:
    return float(np.max(values, initial=0.0))


def _drawing(question: str, title: str, values: FloatArray, clock: TimeAxis, look: Look, alt: str) -> Drawing:
    labels = clock.labels()
    figure = panel(look, 280)
    figure.add_trace(
        go.Scatter(
            x=clock.t_s, y=values, mode="lines", name=f"{title}, preview", customdata=labels,
            line={"color": look.colours[0], "width": 2, "dash": "dot", "shape": "hv"},
            hovertemplate="%{customdata}<br>%{y:.4~g} (preview)<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(xaxis=clock.axis(), yaxis=axis(title, rangemode="tozero"), showlegend=True)
    table: dict[str, Sequence[Any]] = {"Local time": labels, title: [float(f"{value:.4g}") for value in values]}
    return Drawing(question=question, figure=figure, alt=alt, table=table)
