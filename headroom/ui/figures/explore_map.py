"""The map: which pattern wins and what it costs over two parameters. Letters name the winner, colour is its cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from headroom.advisor.explore.heat_map import Axis, Cell, HeatMap
from headroom.advisor.tell import words
from headroom.ui.figures.look import Drawing, FloatArray, Look, axis, blank
from simulator.patterns.registry import BY_KEY

NOTHING = "–"
SCALE = "Cividis"
DARK_BELOW = 0.179  # relative luminance (WCAG) at which black and white are equally far
_RELATIVE = " times today's"


def draw(heat_map: HeatMap, look: Look) -> Drawing:
    """Draw a cell for each pair of values, lines between different winners, and a frame around today."""
    costs = np.array([[cell.cost_usd_per_month or np.nan for cell in row] for row in heat_map.cells])
    figure = blank(look, 150 + 46 * len(heat_map.y.values))
    figure.add_trace(_cells(heat_map, costs))
    inks = _inks(costs, look)
    figure.add_trace(_letters(heat_map, inks))
    for shape in (*_borders(heat_map, look), _today(heat_map, inks)):
        figure.add_shape(shape)
    figure.update_layout(xaxis=_axis(heat_map.x), yaxis=_axis(heat_map.y))
    return Drawing(question=heat_map.sentence.rstrip("."), figure=figure, alt=_alt(heat_map), table=_table(heat_map))


def _logarithms(costs: FloatArray) -> tuple[FloatArray, list[float]]:
    """Return the decimal logarithms of the costs, NaN where there is none, and the ends of the colour scale."""
    logarithms: FloatArray = np.log10(np.where(costs > 0, costs, np.nan))
    finite = logarithms[np.isfinite(logarithms)]
    return logarithms, [float(finite.min()), float(finite.max())] if finite.size else [0.0, 1.0]


def _inks(costs: FloatArray, look: Look) -> list[list[str]]:
    """Return black or white for each cell, whichever has the stronger contrast to its colour (at least 4.5 to 1)."""
    logarithms, (low, high) = _logarithms(costs)
    parts = np.clip((logarithms - low) / max(high - low, 1e-9), 0, 1)
    return [[look.ink if np.isnan(part) else _ink(float(part)) for part in row] for row in parts]


def _ink(part: float) -> str:
    (colour,) = sample_colorscale(SCALE, [part], colortype="tuple")
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return "#000000" if 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > DARK_BELOW else "#FFFFFF"


def _letters(heat_map: HeatMap, inks: Sequence[Sequence[str]]) -> go.Scatter:
    """Return the trace of letters that name the winner of each cell."""
    places = [(x, y) for y, row in enumerate(heat_map.cells) for x in range(len(row))]
    return go.Scatter(
        x=np.array([x for x, _ in places]),
        y=np.array([y for _, y in places]),
        mode="text",
        text=[_letter(heat_map.cells[y][x]) for x, y in places],
        textfont={"size": 15, "color": [inks[y][x] for x, y in places]},
        hoverinfo="skip",
        showlegend=False,
    )


def _cells(heat_map: HeatMap, costs: FloatArray) -> go.Heatmap:
    logarithms, ends = _logarithms(costs)
    # The upper one a little to the left, where its words have room; they say the end itself.
    ticks = [ends[0], ends[1] - 0.01 * (ends[1] - ends[0])] if ends[1] - ends[0] > 0.1 else ends[:1]
    hovers = [[_hover(heat_map, x, y) for x in range(len(row))] for y, row in enumerate(heat_map.cells)]
    return go.Heatmap(
        z=logarithms,
        x=np.arange(len(heat_map.x.values)),
        y=np.arange(len(heat_map.y.values)),
        customdata=np.array(hovers),
        hovertemplate="%{customdata}<extra></extra>",
        colorscale=SCALE,
        hoverongaps=True,
        xgap=1,
        ygap=1,
        colorbar={
            "title": {"text": "Cost a month, by colour"}, "tickvals": ticks, "tickangle": 0,
            "ticktext": [words.dollars(10**end) for end in ends[: len(ticks)]],
            "orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "thickness": 12,
            "outlinewidth": 0,
        },
    )  # fmt: skip


def _letter(cell: Cell) -> str:
    return NOTHING if cell.pattern is None else BY_KEY[cell.pattern].description.letter


def _hover(heat_map: HeatMap, x: int, y: int) -> str:
    cell = heat_map.cells[y][x]
    place = f"{heat_map.x.title}: {heat_map.x.labels[x]}<br>{heat_map.y.title}: {heat_map.y.labels[y]}"
    if cell.pattern is None:
        return f"{place}<br>nothing serves"
    return f"{place}<br>{BY_KEY[cell.pattern].title}, {words.dollars(cell.cost_usd_per_month)} a month"


def _axis(scale: Axis) -> dict[str, Any]:
    """Return an axis with a labelled tick for each value; what all labels have in common stands in the title."""
    relative = all(label.endswith(_RELATIVE) for label in scale.labels)
    return axis(
        f"{scale.title} ({_RELATIVE.strip()})" if relative else scale.title,
        tickvals=list(range(len(scale.values))),
        ticktext=[label.removesuffix(_RELATIVE) for label in scale.labels],
        range=[-0.5, len(scale.values) - 0.5],
        showgrid=False,
    )


def _borders(heat_map: HeatMap, look: Look) -> Iterator[dict[str, Any]]:
    """Yield the lines between neighbouring cells with different winners."""
    cells = heat_map.cells
    for y, row in enumerate(cells):
        for x, cell in enumerate(row):
            if x + 1 < len(row) and row[x + 1].pattern != cell.pattern:
                yield _line((x + 0.5, y - 0.5), (x + 0.5, y + 0.5), look)
            if y + 1 < len(cells) and cells[y + 1][x].pattern != cell.pattern:
                yield _line((x - 0.5, y + 0.5), (x + 0.5, y + 0.5), look)


def _line(start: tuple[float, float], end: tuple[float, float], look: Look) -> dict[str, Any]:
    (x0, y0), (x1, y1) = start, end
    return {"type": "line", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": {"color": look.ink, "width": 3}}


def _today(heat_map: HeatMap, inks: Sequence[Sequence[str]]) -> dict[str, Any]:
    x, y = heat_map.x.today, heat_map.y.today
    return {
        "type": "rect", "x0": x - 0.38, "x1": x + 0.38, "y0": y - 0.38, "y1": y + 0.38,
        "line": {"color": inks[y][x], "width": 2, "dash": "dot"},
    }  # fmt: skip


def _alt(heat_map: HeatMap) -> str:
    cell = heat_map.cells[heat_map.y.today][heat_map.x.today]
    today = (
        "nothing meets the requirement"
        if cell.pattern is None
        else f"{BY_KEY[cell.pattern].title} at {words.dollars(cell.cost_usd_per_month)} a month"
    )
    return (
        f"Letters name the winner (R real-time, S serverless, A asynchronous, B batch, {NOTHING} nothing); thick lines"
        f" divide winners; the dotted frame is today: {today}."
    )


def _table(heat_map: HeatMap) -> dict[str, Sequence[Any]]:
    rows = [(x, y, cell) for y, row in enumerate(heat_map.cells) for x, cell in enumerate(row)]
    return {
        heat_map.x.title: [heat_map.x.labels[x] for x, _, _ in rows],
        heat_map.y.title: [heat_map.y.labels[y] for _, y, _ in rows],
        "Winner": ["nothing serves" if cell.pattern is None else BY_KEY[cell.pattern].title for *_, cell in rows],
        "Cost a month (USD)": [
            None if cell.cost_usd_per_month is None else float(f"{cell.cost_usd_per_month:.5g}") for *_, cell in rows
        ],
        "Deployment": ["" if cell.deployment is None else cell.deployment.name for *_, cell in rows],
        "What is in the way": [cell.why for *_, cell in rows],
    }
