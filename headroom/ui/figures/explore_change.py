"""What would change the answer: how far each parameter may go from today, as times today's value."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from headroom.advisor.explore.thresholds import Change, Threshold, Thresholds
from headroom.advisor.explore.vary import BY_KEY as PARAMETERS
from headroom.advisor.tell import words
from headroom.ui.figures.look import REFERENCE, Drawing, Look, axis, blank, reference
from simulator.patterns.registry import BY_KEY

NOTHING = "x"
_ROOM = 0.35
_NEAR = 0.3
_FEW_TICKS = 2.2
_FURTHEST = 3.0  # decades; an arrow says that it goes on beyond


def draw(thresholds: Thresholds, look: Look) -> Drawing:
    """Draw a row for each parameter: where another pattern wins, where another size does, and how far was examined."""
    keys = list(dict.fromkeys(threshold.parameter for threshold in thresholds.found))[::-1]
    rows = {key: row for row, key in enumerate(keys)}
    figure = blank(look, 130 + 52 * max(1, len(keys)))
    for threshold in thresholds.found:
        for trace in _row(threshold, rows[threshold.parameter], look):
            figure.add_trace(trace)
    reference(figure, 1.0, " today", along="x", log=True)
    reached = [abs(_decades(threshold, value)) for threshold in thresholds.found for value in _values(threshold)]
    most = min(max(reached, default=1.0), _FURTHEST) + _ROOM
    ticks = [10.0**e for e in range(-math.floor(most), math.floor(most) + 1) if most < _FEW_TICKS or e % 2 == 0]
    figure.update_layout(
        showlegend=False,
        xaxis=axis(
            "Times today's value",
            type="log",
            range=[-most, most],
            tickvals=ticks,
            ticktext=[f"× {words.count(tick)}" for tick in ticks],
            tickangle=0,
        ),
        yaxis=axis(
            "",
            tickvals=list(rows.values()),
            ticktext=[PARAMETERS[key].title for key in keys],
            range=[-0.6, len(keys) - 0.35],
        ),
    )
    return Drawing(question=title(thresholds), figure=figure, alt=_alt(thresholds), table=_table(thresholds))


def title(thresholds: Thresholds) -> str:
    """Return the change of a parameter that is nearest to today, as a sentence."""
    if thresholds.winner is None:
        return "Nothing meets the requirement today, so no answer can change"
    changes = [
        (abs(_decades(threshold, threshold.pattern.changes)), threshold, threshold.pattern)
        for threshold in thresholds.found
        if threshold.pattern
    ]
    if not changes:
        return f"{thresholds.winner.title} stays the best as far as was looked"
    _, nearest, change = min(changes, key=lambda candidate: candidate[0])
    parameter = PARAMETERS[nearest.parameter]
    wins = "nothing meets the requirement" if change.after is None else f"{change.after.title} wins"
    return f"Nearest to today: {parameter.title} {nearest.direction} {parameter.form(change.changes)}, where {wins}"


def _values(threshold: Threshold) -> Iterator[float]:
    yield threshold.looked_to if threshold.pattern is None else threshold.pattern.changes
    if threshold.size is not None:
        yield threshold.size.changes


def _decades(threshold: Threshold, value: float) -> float:
    return math.log10(value / threshold.today)


def _row(threshold: Threshold, row: int, look: Look) -> Iterator[go.Scatter]:
    """Yield the traces of one direction: from today to where another pattern wins, or as far as was examined."""
    end = threshold.looked_to if threshold.pattern is None else threshold.pattern.changes
    times = 10 ** max(-_FURTHEST, min(_FURTHEST, _decades(threshold, end)))
    yield go.Scatter(
        x=np.array([1.0, times]), y=np.array([row, row]), mode="lines", hoverinfo="skip",
        line={"color": REFERENCE, "width": 3, "dash": "dot" if threshold.pattern is None else "solid"},
    )  # fmt: skip
    yield _end(threshold, row, times, look)
    if threshold.size is not None and threshold.size is not threshold.pattern and threshold.size.changes != end:
        size_text = PARAMETERS[threshold.parameter].form(threshold.size.changes)
        yield go.Scatter(
            x=np.array([threshold.size.changes / threshold.today]), y=np.array([row]), mode="markers",
            marker={"symbol": "line-ns-open", "size": 14, "color": look.ink, "line": {"width": 2, "color": look.ink}},
            hovertemplate=f"another size from {size_text}<extra></extra>",
        )  # fmt: skip


def _end(threshold: Threshold, row: int, times: float, look: Look) -> go.Scatter:
    """Return a symbol of the pattern that wins, with the value; an arrow where nothing changes."""
    value = PARAMETERS[threshold.parameter].form(
        threshold.looked_to if threshold.pattern is None else threshold.pattern.changes
    )
    value = value.removesuffix(" times today's")
    upwards = threshold.direction == "above"
    far = abs(math.log10(times)) > _NEAR  # its words stand between today and it, else beyond it
    symbol, colour, text = f"triangle-{'right' if upwards else 'left'}-open", REFERENCE, ""
    if threshold.pattern is not None:
        symbol, colour, text = _winner(threshold.pattern, look)
        text = f"{text} {value}"
    return go.Scatter(
        x=np.array([times]), y=np.array([row]), mode="markers+text", text=[text],
        textposition="top left" if upwards is far else "top right",
        textfont={"color": look.ink if threshold.pattern else REFERENCE, "size": 12},
        marker={"symbol": symbol, "size": 11, "color": colour, "line": {"width": 1.5, "color": colour}},
        hovertemplate=f"{text}<extra></extra>",
    )  # fmt: skip


def _winner(change: Change, look: Look) -> tuple[str, str, str]:
    """Return symbol, colour and word of what wins beyond a change."""
    if change.after is None:
        return NOTHING, look.ink, "nothing"
    pattern = change.after.pattern
    description = BY_KEY[pattern].description
    return description.symbol, look.of_pattern(pattern), description.short


def _alt(thresholds: Thresholds) -> str:
    if thresholds.winner is None:
        return "Nothing meets the requirement."
    ends = sum(threshold.pattern is not None for threshold in thresholds.found)
    ways = words.counted(len(thresholds.found), "way")
    return (
        f"Today {thresholds.winner.title} wins. {words.count(ends)} of {ways} looked along"
        " lead to another answer: a symbol says which pattern wins there, an arrow that nothing changes as far as was"
        " looked, a bar that another size wins first."
    )


def _table(thresholds: Thresholds) -> dict[str, Sequence[Any]]:
    rows = thresholds.found
    forms = [PARAMETERS[threshold.parameter].form for threshold in rows]
    return {
        "Parameter": [PARAMETERS[threshold.parameter].title for threshold in rows],
        "Direction": [threshold.direction for threshold in rows],
        "Today": [form(threshold.today) for form, threshold in zip(forms, rows, strict=True)],
        "Looked to": [form(threshold.looked_to) for form, threshold in zip(forms, rows, strict=True)],
        "Another pattern at": [
            form(threshold.pattern.changes) if threshold.pattern else "–"
            for form, threshold in zip(forms, rows, strict=True)
        ],
        "Which": [_winner_name(threshold.pattern) for threshold in rows],
        "Another size at": [
            form(threshold.size.changes) if threshold.size else "–" for form, threshold in zip(forms, rows, strict=True)
        ],
        "Why": [threshold.pattern.why if threshold.pattern else "" for threshold in rows],
    }


def _winner_name(change: Change | None) -> str:
    if change is None:
        return "–"
    return "nothing serves" if change.after is None else change.after.title
