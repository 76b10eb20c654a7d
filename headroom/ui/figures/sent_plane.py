"""The plane of cost and latency of an answer that came with a link: its few points, without what stands behind them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from headroom.advisor.tell import words
from headroom.sharing import sent_answer
from headroom.sharing.sent_answer import SentAnswer, SentPoint
from headroom.ui.figures.labels import places
from headroom.ui.figures.look import REFERENCE, Drawing, Look, blank, cost_axis, reference, share, time_axis
from headroom.ui.figures.plane import HEIGHT_PX
from simulator.model.requirement import Requirement
from simulator.patterns.registry import BY_KEY


def draw(answer: SentAnswer, requirement: Requirement, look: Look) -> Drawing | None:
    """Draw the points with the efficient set as steps and the limit; None when no point has a latency."""
    limit_s, name = requirement.latency_limit_s, words.percentile(requirement.latency_percentile)
    placed = sent_answer.placed(answer, limit_s)
    if not placed:
        return None
    latencies = [latency_s for _, latency_s in placed] + ([limit_s] if limit_s else [])
    figure = blank(look, HEIGHT_PX)
    x_axis = cost_axis([point.cost_usd for point, _ in placed])
    y_axis = time_axis(f"{name} latency", min(latencies), max(latencies))
    steps = sent_answer.steps(placed)
    if steps:
        figure.add_trace(_steps(steps))
    titles = [BY_KEY[point.pattern].description.short if point.name else "" for point, _ in placed]
    shares = [(share(point.cost_usd, x_axis), share(latency_s, y_axis)) for point, latency_s in placed]
    _, sides = places(shares, titles, [])
    for (point, latency_s), title, side in zip(placed, titles, sides, strict=True):
        figure.add_trace(_point(point, latency_s, title, side, look, chosen=point is answer.chosen))
    if limit_s:
        reference(figure, limit_s, f"limit {words.seconds(limit_s)}", along="y", log=True)
    figure.update_layout(xaxis=x_axis, yaxis=y_axis, showlegend=False, margin={"t": 8})
    return Drawing(
        question="What less latency would cost",
        figure=figure,
        alt=f"{words.counted(len(placed), 'candidate')} by cost and {name} latency, as sent.",
        table={
            "Candidate": [point.name or BY_KEY[point.pattern].description.short for point, _ in placed],
            "Cost a month (USD)": [point.cost_usd for point, _ in placed],
            f"{name} (s)": [point.latency_s or 0.0 for point, _ in placed],
        },
    )


def _steps(steps: list[tuple[float, float]]) -> go.Scatter:
    costs, latencies = zip(*steps, strict=True)
    return go.Scatter(
        x=np.array(costs), y=np.array(latencies), mode="lines", hoverinfo="skip",
        line={"shape": "hv", "color": REFERENCE, "width": 2, "dash": "dot"},
    )  # fmt: skip


def _point(point: SentPoint, latency_s: float, title: str, side: str, look: Look, *, chosen: bool) -> go.Scatter:
    colour, symbol = look.of_pattern(point.pattern), BY_KEY[point.pattern].description.symbol
    return go.Scatter(
        x=np.array([point.cost_usd]),
        y=np.array([latency_s]),
        mode="markers+text",
        text=[f"<b>{title}</b>" if chosen else title],
        textposition=side,
        textfont={"color": look.ink, "size": 13},
        cliponaxis=False,
        marker={
            "symbol": symbol + ("" if point.meets else "-open"),
            "size": 18 if chosen else 13 if title else 9,
            "color": colour,
            "line": {"width": 2, "color": look.ink if chosen else colour},
        },
        hoverinfo="skip",
    )
