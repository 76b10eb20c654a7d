"""The traffic at a glance: requests per second over the horizon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from headroom.advisor.tell import words
from headroom.ui.figures.look import REFERENCE, Drawing, Look, axis, blank
from headroom.ui.figures.timeline import TimeAxis
from simulator.traffic.summary import Preview


def rate(preview: Preview, starts_on: int, look: Look) -> Drawing:
    """Draw one sample of the traffic and its expected rate, in requests per second."""
    clock = TimeAxis(preview.point_s, starts_on, len(preview.t_s))
    labels = clock.labels()
    figure = blank(look, 300)
    for name, values, line in (
        ("drawn", preview.rate_per_s, {"color": look.colours[0], "width": 1.5}),
        ("expected", preview.expected_per_s, {"color": REFERENCE, "width": 2, "dash": "dash"}),
    ):
        figure.add_trace(
            go.Scatter(
                x=preview.t_s, y=values, mode="lines", name=name, line=line, customdata=labels,
                hovertemplate=f"%{{customdata}}<br>{name}: %{{y:.4~g}} /s<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(xaxis=clock.axis(), yaxis=axis("Requests (1/s)", rangemode="tozero"))
    alt = f"{words.count(preview.total)} requests, {words.per_second(preview.mean_per_s)} on average."
    if preview.total:
        peak = int(np.argmax(preview.rate_per_s))
        bin_words = words.seconds(preview.point_s)
        alt += (
            f" The busiest {bin_words} is at {labels[peak]} with {words.per_second(float(preview.rate_per_s[peak]))}."
        )
    table: dict[str, Sequence[Any]] = {
        "Local time": labels,
        "Drawn (1/s)": [float(f"{v:.4g}") for v in preview.rate_per_s],
        "Expected (1/s)": [float(f"{v:.4g}") for v in preview.expected_per_s],
    }
    return Drawing(question="When does work arrive?", figure=figure, alt=alt, table=table)
