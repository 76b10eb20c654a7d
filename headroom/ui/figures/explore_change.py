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


def draw(found: Thresholds, look: Look) -> Drawing:
    """One row for each parameter: where another pattern wins, where another size does, and how far was looked."""
    keys = list(dict.fromkeys(one.parameter for one in found.found))[::-1]
    rows = {key: at for at, key in enumerate(keys)}
    figure = blank(look, 130 + 52 * max(1, len(keys)))
    for one in found.found:
        for trace in _row(one, rows[one.parameter], look):
            figure.add_trace(trace)
    reference(figure, 1.0, " today", along="x", log=True)
    reached = [abs(_decades(one, value)) for one in found.found for value in _values(one)]
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
    return Drawing(question=title(found), figure=figure, alt=_alt(found), table=_table(found))


def title(found: Thresholds) -> str:
    """The change that is nearest to today."""
    if found.winner is None:
        return "Nothing meets the requirement today, so no answer can change"
    changes = [(abs(_decades(one, one.pattern.changes)), one, one.pattern) for one in found.found if one.pattern]
    if not changes:
        return f"{found.winner.title} stays the best as far as was looked"
    _, one, change = min(changes, key=lambda each: each[0])
    parameter = PARAMETERS[one.parameter]
    wins = "nothing meets the requirement" if change.after is None else f"{change.after.title} wins"
    return f"Nearest to today: {parameter.title} {one.direction} {parameter.form(change.changes)}, where {wins}"


def _values(one: Threshold) -> Iterator[float]:
    yield one.looked_to if one.pattern is None else one.pattern.changes
    if one.size is not None:
        yield one.size.changes


def _decades(one: Threshold, value: float) -> float:
    return math.log10(value / one.today)


def _row(one: Threshold, at: int, look: Look) -> Iterator[go.Scatter]:
    """The way from today to where another pattern wins, or as far as was looked."""
    end = one.looked_to if one.pattern is None else one.pattern.changes
    times = 10 ** max(-_FURTHEST, min(_FURTHEST, _decades(one, end)))
    yield go.Scatter(
        x=np.array([1.0, times]), y=np.array([at, at]), mode="lines", hoverinfo="skip",
        line={"color": REFERENCE, "width": 3, "dash": "dot" if one.pattern is None else "solid"},
    )  # fmt: skip
    yield _end(one, at, times, look)
    if one.size is not None and one.size is not one.pattern and one.size.changes != end:
        yield go.Scatter(
            x=np.array([one.size.changes / one.today]), y=np.array([at]), mode="markers",
            marker={"symbol": "line-ns-open", "size": 14, "color": look.ink, "line": {"width": 2, "color": look.ink}},
            hovertemplate=f"another size from {PARAMETERS[one.parameter].form(one.size.changes)}<extra></extra>",
        )  # fmt: skip


def _end(one: Threshold, at: int, times: float, look: Look) -> go.Scatter:
    """A symbol of what wins, with the value; an arrow where nothing changes."""
    value = PARAMETERS[one.parameter].form(one.looked_to if one.pattern is None else one.pattern.changes)
    value = value.removesuffix(" times today's")
    upwards = one.direction == "above"
    far = abs(math.log10(times)) > _NEAR  # its words stand between today and it, else beyond it
    symbol, colour, text = f"triangle-{'right' if upwards else 'left'}-open", REFERENCE, ""
    if one.pattern is not None:
        symbol, colour, text = _winner(one.pattern, look)
        text = f"{text} {value}"
    return go.Scatter(
        x=np.array([times]), y=np.array([at]), mode="markers+text", text=[text],
        textposition="top left" if upwards is far else "top right",
        textfont={"color": look.ink if one.pattern else REFERENCE, "size": 12},
        marker={"symbol": symbol, "size": 11, "color": colour, "line": {"width": 1.5, "color": colour}},
        hovertemplate=f"{text}<extra></extra>",
    )  # fmt: skip


def _winner(change: Change, look: Look) -> tuple[str, str, str]:
    """Symbol, colour and word of what wins beyond."""
    if change.after is None:
        return NOTHING, look.ink, "nothing"
    pattern = change.after.pattern
    description = BY_KEY[pattern].description
    return description.symbol, look.of_pattern(pattern), description.short


def _alt(found: Thresholds) -> str:
    if found.winner is None:
        return "Nothing meets the requirement."
    ends = sum(one.pattern is not None for one in found.found)
    return (
        f"Today {found.winner.title} wins. {words.count(ends)} of {words.counted(len(found.found), 'way')} looked along"
        " lead to another answer: a symbol says which pattern wins there, an arrow that nothing changes as far as was"
        " looked, a bar that another size wins first."
    )


def _table(found: Thresholds) -> dict[str, Sequence[Any]]:
    rows = found.found
    forms = [PARAMETERS[one.parameter].form for one in rows]
    return {
        "Parameter": [PARAMETERS[one.parameter].title for one in rows],
        "Direction": [one.direction for one in rows],
        "Today": [form(one.today) for form, one in zip(forms, rows, strict=True)],
        "Looked to": [form(one.looked_to) for form, one in zip(forms, rows, strict=True)],
        "Another pattern at": [
            form(one.pattern.changes) if one.pattern else "–" for form, one in zip(forms, rows, strict=True)
        ],
        "Which": [_which(one.pattern) for one in rows],
        "Another size at": [form(one.size.changes) if one.size else "–" for form, one in zip(forms, rows, strict=True)],
        "Why": [one.pattern.why if one.pattern else "" for one in rows],
    }


def _which(change: Change | None) -> str:
    if change is None:
        return "–"
    return "nothing serves" if change.after is None else change.after.title
