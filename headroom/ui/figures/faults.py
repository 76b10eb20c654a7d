"""Faults on a panel over the clock: where each begins, how long its cause and its effect last, and its name."""

from __future__ import annotations

from collections.abc import Iterable

import plotly.graph_objects as go

from headroom.ui.figures.look import REFERENCE
from simulator.engine.outcome import Recovery
from simulator.model.faults import TITLES

CAUSE = "rgba(128,128,128,0.28)"
EFFECT = "rgba(128,128,128,0.12)"
LINE_PX = 15
ROWS = 4


def mark(figure: go.Figure, recoveries: Iterable[Recovery], horizon_s: float) -> None:
    """Draw a line with number and name at each fault, its cause shaded and its effect shaded lightly up to the
    recovery.
    """
    for place, recovery in enumerate(recoveries):
        until_s = horizon_s if recovery.recovered_s is None else recovery.recovered_s
        _band(figure, recovery.at_s, until_s, EFFECT)
        _band(figure, recovery.at_s, recovery.ended_s, CAUSE)
        _line(figure, recovery.at_s, "solid")
        if recovery.recovered_s is not None and recovery.recovered_s > recovery.at_s:
            _line(figure, recovery.recovered_s, "dot")
        late = recovery.at_s > 0.6 * horizon_s
        figure.add_annotation(
            x=recovery.at_s,
            y=1,
            yref="paper",
            xanchor="right" if late else "left",
            yanchor="top",
            yshift=-LINE_PX * (place % ROWS),
            text=f"{place + 1} {TITLES[recovery.kind]}",
            showarrow=False,
            xshift=-5 if late else 5,
            font={"color": figure.layout.font.color, "size": 12},
            bgcolor="rgba(128,128,128,0.25)",
        )


def _band(figure: go.Figure, from_s: float, to_s: float, colour: str) -> None:
    if to_s > from_s:
        figure.add_shape(
            type="rect",
            x0=from_s,
            x1=to_s,
            y0=0,
            y1=1,
            yref="paper",
            fillcolor=colour,
            line={"width": 0},
            layer="below",
        )


def _line(figure: go.Figure, at_s: float, dash: str) -> None:
    figure.add_shape(
        type="line", x0=at_s, x1=at_s, y0=0, y1=1, yref="paper", line={"color": REFERENCE, "width": 1.5, "dash": dash}
    )
