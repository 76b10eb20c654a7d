"""How figures look in light and dark: colours, marks, reference lines, axes that read in words. Measured in
docs/app.md.

A deployment has the colour of its pattern, and a symbol and a dash of its own, so colour never says anything alone.
Text that a user typed is escaped before plotly, which reads HTML, gets it.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from headroom.advisor.tell import words
from simulator.patterns.registry import BY_KEY, Deployment

FloatArray = NDArray[np.float64]

MOST_POINTS = 2000
LIGHT = ("#688FF4", "#751800", "#A18F3D", "#56076E", "#EB63A6", "#2B4246")
DARK = ("#1DFFF6", "#F1B54A", "#9C73DD", "#DB5951", "#CDF2A9", "#428C98")
REFERENCE = "#7D838C"  # 3.8:1 on white, 4.7:1 on the dark background: lines that plotly would draw black
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
ROUND_S = (*(10.0**e for e in range(-6, 2)), 60.0, 600.0, 3600.0, 36_000.0, 86_400.0, 864_000.0, 8.64e6)
WIDE = 12.0
"""Dearest over cheapest from which an axis of cost is logarithmic."""
FEW_TICKS = 2.0
"""Decades of cost from which only powers of ten are marked."""
HATCHES = ("", "/", "x", ".", "+", "-")


@dataclass(frozen=True, slots=True)
class Look:
    """The theme, light or dark, for which a figure is drawn."""

    dark: bool = False

    @property
    def colours(self) -> tuple[str, ...]:
        """Six colours that can be told apart on this background."""
        return DARK if self.dark else LIGHT

    def fill(self, place: int) -> tuple[str, str]:
        """Return colour and hatch of the n-th kind of bar; after six kinds the colours recur with other hatches."""
        number = len(self.colours)
        return self.colours[place % number], HATCHES[(place + place // number) % len(HATCHES)]

    def of_pattern(self, key: str) -> str:
        """Return the colour of a pattern on this background."""
        description = BY_KEY[key].description
        return description.dark if self.dark else description.light

    @property
    def ink(self) -> str:
        """The colour of text inside a figure."""
        return "#F4F6F8" if self.dark else "#0F1216"


class Mark(NamedTuple):
    """The name of a deployment, escaped for plotly, with the colour, symbol and dash in which it is drawn."""

    name: str
    colour: str
    symbol: str
    dash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A figure and the question it answers; `alt` is the answer in words, `table` its numbers."""

    question: str
    figure: go.Figure
    alt: str
    table: Mapping[str, Sequence[Any]]


def plain(text: str) -> str:
    """Return user text for a plotly label: HTML is escaped, and what does not fit is cut."""
    short = text if len(text) <= 40 else text[:39] + "…"
    return html.escape(short)


def marks(deployments: Sequence[Deployment], look: Look) -> tuple[Mark, ...]:
    """Return one mark per deployment, with its pattern's colour and symbol; further ones of a pattern differ in fill
    and dash.
    """
    counts: Counter[str] = Counter()
    result = []
    for deployment in deployments:
        nth = counts[deployment.pattern]
        counts[deployment.pattern] += 1
        symbol = BY_KEY[deployment.pattern].description.symbol + ("-open" if nth % 2 else "")
        dash = DASHES[nth % len(DASHES)]
        result.append(Mark(plain(deployment.name), look.of_pattern(deployment.pattern), symbol, dash))
    return tuple(result)


def blank(look: Look, height: int = 320) -> go.Figure:
    """Return an empty figure: transparent, with the legend above and margins that leave room on a phone."""
    return go.Figure(
        layout={
            "height": height,
            "margin": {"l": 8, "r": 12, "t": 36, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": look.ink, "size": 13},
            "legend": {
                "traceorder": "normal",
                "orientation": "h",
                "x": 0,
                "y": 1.02,
                "yanchor": "bottom",
                "font": {"color": look.ink, "size": 12},
            },
            "hovermode": "closest",
        }
    )


def panel(look: Look, height: int) -> go.Figure:
    """Return an empty figure with fixed sides, so that panels below one another have aligned clocks."""
    figure = blank(look, height)
    figure.update_layout(margin={"l": 84, "r": 12}, yaxis={"automargin": False})
    return figure


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Return an axis with its title, unit included, that makes room for its own labels."""
    return {"title": {"text": title, "standoff": 8}, "automargin": True, "zeroline": False, **more}


def time_axis(title: str, least_s: float, most_s: float) -> dict[str, Any]:
    """Return a logarithmic axis of seconds with ticks in words, and room for labels at its ends."""
    low, high = np.log10(max(least_s, 1e-6)), np.log10(max(most_s, 1e-6))
    room = max(0.15, 0.13 * (high - low))
    low, high = low - room, max(high + room, low + 0.5)
    ticks = _time_ticks(high - low)
    return axis(
        title,
        type="log",
        range=[float(low), float(high)],
        tickvals=ticks,
        ticktext=[words.round_seconds(t) for t in ticks],
    )


def cost_axis(costs: Sequence[float]) -> dict[str, Any]:
    """Return an axis of costs in USD: linear from 0, or logarithmic where the costs lie far apart and none is 0."""
    title = "Cost a month (USD)"
    least, most = min(costs, default=1.0), max(costs, default=1.0) or 1.0
    if least <= 0 or most / least < WIDE:
        return axis(title, tickprefix="$", tickformat="~s", range=[-0.06 * most, 1.1 * most])
    low, high = float(np.log10(least)), float(np.log10(most))
    room = 0.06 * (high - low)
    steps = (1, 3) if high - low < FEW_TICKS else (1,)
    ticks = [n * 10.0**e for e in range(int(np.floor(low)), int(np.ceil(high)) + 1) for n in steps]
    visible_ticks = [tick for tick in ticks if low - room <= np.log10(tick) <= high + room]
    return axis(
        title,
        type="log",
        range=[low - room, high + room],
        tickvals=visible_ticks,
        ticktext=[round_dollars(t) for t in visible_ticks],
    )


def round_dollars(tick: float) -> str:
    """Return a round amount of USD as text: "$100", "$0.10"."""
    return f"${tick:,.0f}" if tick >= 1 else words.dollars(tick)


def share(value: float, axis_layout: Mapping[str, Any]) -> float:
    """Return where a value lies on an axis, as a share of its length."""
    low, high = axis_layout["range"]
    position = float(np.log10(max(value, 1e-9))) if axis_layout.get("type") == "log" else value
    return float((position - low) / (high - low))


def _time_ticks(decades: float) -> list[float]:
    """Return round times in seconds: powers of ten up to 10 s, then minutes and hours; more of them on a short axis."""
    if decades > 3.5:
        return list(ROUND_S[::2])
    steps = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0) if decades < 0.8 else (1.0, 2.0, 5.0) if decades < 2.4 else (1.0,)
    return [t * step for t, after in pairwise(ROUND_S) for step in steps if t * step < after]


def reference(
    figure: go.Figure, value: float, text: str, *, along: str, log: bool = False, at_end: bool = True
) -> None:
    """Draw a dashed line at `value` of the axis "x" or "y", with its meaning beside it; visible in light and dark."""
    other_axis = "y" if along == "x" else "x"
    figure.add_shape(
        type="line",
        **{
            f"{along}0": value,
            f"{along}1": value,
            f"{other_axis}0": 0,
            f"{other_axis}1": 1,
            f"{other_axis}ref": "paper",
        },
        line={"color": REFERENCE, "width": 1.5, "dash": "dash"},
    )
    place = float(np.log10(value)) if log else value
    anchor = {"x": place, "y": 0, "yref": "paper", "xanchor": "left", "yanchor": "bottom", "textangle": 0}
    if along == "y":
        x, side = (1, "right") if at_end else (0, "left")
        anchor = {"x": x, "y": place, "xref": "paper", "xanchor": side, "yanchor": "bottom"}
    figure.add_annotation(text=text, showarrow=False, font={"color": REFERENCE, "size": 12}, **anchor)


def thinned(values: FloatArray, statistic: str = "mean") -> FloatArray:
    """Return at most MOST_POINTS values: the mean, sum or maximum of equal groups, of which the last may be shorter."""
    size = -(-len(values) // MOST_POINTS)
    if size <= 1:
        return values
    starts = np.arange(0, len(values), size)
    if statistic == "max":
        largest: FloatArray = np.fmax.reduceat(values, starts)
        return largest
    sums = np.add.reduceat(np.nan_to_num(values), starts)
    if statistic == "sum":
        return sums
    filled = np.add.reduceat(np.isfinite(values).astype(np.float64), starts)
    means: FloatArray = np.divide(sums, filled, out=np.full(len(sums), np.nan), where=filled > 0)
    return means
