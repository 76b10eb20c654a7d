"""Where the time of an answer goes: waiting, the model, and every stage of the list."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from headroom.advisor.answer import Comparison
from headroom.advisor.tell import words
from headroom.ui.figures.look import HATCHES, Drawing, Look, axis, blank, marks
from simulator.engine.outcome import Outcome
from simulator.engine.stages import parts


def latency_parts(comparison: Comparison, look: Look) -> Drawing:
    """Draw the mean latency of each simulated deployment by its parts, as shares of the whole."""
    simulated = [answer for answer in reversed(comparison.evaluations) if answer.outcome and answer.outcome.completed]
    outcomes = [answer.outcome for answer in simulated if answer.outcome]
    names = [mark.name for mark in marks([answer.deployment for answer in simulated], look)]
    labels = [f"{name}{' ' * place}" for place, name in enumerate(names)]  # two of one name stay two bars
    totals_s = [sum(outcome.parts_s.values()) for outcome in outcomes]
    figure = blank(look, 130 + 46 * max(len(outcomes), 1))
    table: dict[str, list[float | str]] = {"Deployment": [answer.deployment.name for answer in simulated]}
    for place, part in enumerate(parts()):
        times_s = np.array([outcome.parts_s.get(part.key, 0.0) for outcome in outcomes])
        if not times_s.any():
            continue
        figure.add_trace(
            go.Bar(
                x=100 * times_s / np.maximum(totals_s, 1e-300),
                y=labels,
                name=part.title,
                orientation="h",
                customdata=[words.seconds(float(time_s)) for time_s in times_s],
                marker={
                    "color": look.colours[place % len(look.colours)],
                    "pattern": {"shape": HATCHES[(place + place // len(HATCHES)) % len(HATCHES)], "solidity": 0.25},
                },
                hovertemplate=f"%{{y}}<br>{part.title}: %{{customdata}}, %{{x:.0f}} %<extra></extra>",
            )
        )
        table[f"{part.title} (s)"] = [float(f"{time_s:.3g}") for time_s in times_s]
    table["Mean latency (s)"] = [float(f"{total_s:.3g}") for total_s in totals_s]
    figure.update_layout(
        barmode="stack",
        xaxis=axis("Share of the mean latency (%)", range=[0, 100], tickvals=[0, 25, 50, 75, 100]),
        yaxis=axis("", type="category"),
    )
    texts = [f"{name}: {_longest(outcome)}" for name, outcome in zip(table["Deployment"], outcomes, strict=True)]
    alt = f"The longest part of the mean latency: {'; '.join(texts[::-1])}." if texts else "Nothing was answered."
    return Drawing(question="Where does the time go?", figure=figure, alt=alt, table=table)


def _longest(outcome: Outcome) -> str:
    """Return the longest part of the mean latency as text, such as "model, 74 % of 812 ms"."""
    total_s = sum(outcome.parts_s.values())
    longest = max(parts(), key=lambda part: outcome.parts_s.get(part.key, 0.0))
    share = outcome.parts_s[longest.key] / total_s if total_s else 0.0
    return f"{longest.title.lower()}, {words.share(share)} of {words.seconds(total_s)}"
