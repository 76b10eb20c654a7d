"""The tornado: how far each assumption, moved alone, moves the cost or the latency of one deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from headroom.advisor.explore.tornado import Bar, Figures, Tornado, setting
from headroom.advisor.tell import words
from headroom.ui.figures.look import HATCHES, Drawing, Look, axis, blank, reference

MOST_BARS = 8
ROOM = 0.3  # on either side, of what the bars reach over: the values stand there
SEEN = 0.015  # bars shorter than this share of all have no value beside them
Amount = Callable[[Figures], float | None]


def cost(tornado: Tornado, look: Look) -> Drawing:
    """Draw how far each assumption moves the cost of a month, in USD."""
    bars = [bar for bar in tornado.by_cost if bar.cost_swing_usd > 0]
    return _drawing(
        tornado, bars, look, ("cost", "Cost a month (USD)", words.dollars, lambda end: end.cost_usd_per_month)
    )


def latency(tornado: Tornado, look: Look) -> Drawing:
    """Draw how far each assumption moves the latency percentile that the requirement names, in seconds."""
    bars = [bar for bar in tornado.by_latency if bar.latency_swing_s > 0]
    name = f"{tornado.percentile} latency"
    return _drawing(tornado, bars, look, (name, name, words.seconds, lambda end: end.latency_s))


_What = tuple[str, str, words.Format, Amount]


def _drawing(tornado: Tornado, bars: Sequence[Bar], look: Look, quantity: _What) -> Drawing:
    name, title, form, amount = quantity
    longest = list(bars[:MOST_BARS])[::-1]
    figure = blank(look, 130 + 56 * max(1, len(longest)))
    if longest:
        for trace in _traces(longest, look, form, amount):
            figure.add_trace(trace)
        values = [value for bar in longest for end in _three(bar) if (value := amount(end)) is not None]
        low, high = min(values), max(values)
        room = ROOM * (high - low)
        ticks = [float(tick) for tick in np.linspace(low, high, 3)]
        figure.update_layout(
            barmode="overlay",
            xaxis=axis(title, range=[low - room, high + room], tickvals=ticks, ticktext=[form(tick) for tick in ticks]),
            yaxis=axis("", showticklabels=False, range=[-0.9, len(longest) - 0.3]),
        )
        for place, bar in enumerate(longest):
            figure.add_annotation(
                text=_label(bar), x=0, xref="paper", xanchor="left", y=place + 0.38, yanchor="middle", showarrow=False,
                font={"color": look.ink, "size": 12},
            )  # fmt: skip
        middle = amount(longest[-1].at_middle)
        if middle is not None:
            reference(figure, middle, " as assumed", along="x")
    return Drawing(
        question=_question(name, bars, form, amount),
        figure=figure,
        alt=_alt(bars, len(longest), name),
        table=_table(tornado),
    )


def _three(bar: Bar) -> tuple[Figures, Figures, Figures]:
    return bar.at_low, bar.at_middle, bar.at_high


def _traces(bars: Sequence[Bar], look: Look, form: words.Format, amount: Amount) -> Iterator[go.Bar]:
    """Yield the bars of the low and of the high values, from the middle outwards, each with the value at its end."""
    reach = [_number_or_nan(amount(end)) for bar in bars for end in _three(bar)]
    least = SEEN * (np.nanmax(reach) - np.nanmin(reach))
    for side, name in enumerate(("low value", "high value")):
        ends = [(bar.at_low, bar.at_high)[side] for bar in bars]
        base = np.array([_number_or_nan(amount(bar.at_middle)) for bar in bars])
        values = np.array([_number_or_nan(amount(end)) for end in ends])
        yield go.Bar(
            x=values - base, base=base, y=np.arange(len(bars)), orientation="h", name=name, width=0.42,
            marker={
                "color": look.colours[side * 4],
                "pattern": {"shape": HATCHES[side], "solidity": 0.35},
                "line": {"color": look.ink, "width": 1},
            },
            text=[
                form(value) if abs(value - middle) > least else ""
                for value, middle in zip(values, base, strict=True)
            ],
            textposition="outside", textfont={"color": look.ink, "size": 12}, cliponaxis=False,
            customdata=[
                f"{setting((bar.low, bar.high)[side], bar.unit)}: {form(value)}"
                for bar, value in zip(bars, values, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip


def _number_or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _label(bar: Bar) -> str:
    mark = " (not sure)" if bar.method == "unsure" else ""
    return f"{bar.title}{mark}, {setting(bar.low, bar.unit)} to {setting(bar.high, bar.unit)}"


def _question(name: str, bars: Sequence[Bar], form: words.Format, amount: Amount) -> str:
    if not bars:
        return f"No assumption moves the {name}"
    first = bars[0]
    ends = [form(amount(end)) for end in (first.at_low, first.at_high)]
    move = f"{first.title}, {setting(first.low, first.unit)} to {setting(first.high, first.unit)},"
    return f"{move} moves the {name} most: {ends[0]} to {ends[1]}"


def _alt(bars: Sequence[Bar], count: int, name: str) -> str:
    if not bars:
        return f"Moved alone within their plausible ranges, the assumptions leave the {name} where it is."
    lead = f"{words.counted(len(bars), 'assumption')} move the {name}" if len(bars) > 1 else f"One moves the {name}"
    more = f", the {words.count(count)} largest are drawn" if len(bars) > count else ""
    unsure = sum(bar.method == "unsure" for bar in bars)
    doubt = f" For {words.count(unsure)} of them only a fast answer that is not sure was at hand." if unsure else ""
    return f"{lead}{more}: plain bars at the low value, hatched bars at the high value.{doubt}"


def _table(tornado: Tornado) -> dict[str, Sequence[Any]]:
    bars = tornado.by_cost
    columns: dict[str, Sequence[Any]] = {
        "Assumption": [bar.title for bar in bars],
        "Assumed": [setting(bar.value, bar.unit) for bar in bars],
        "Low": [setting(bar.low, bar.unit) for bar in bars],
        "High": [setting(bar.high, bar.unit) for bar in bars],
    }
    for side, index in (("low", 0), ("as assumed", 1), ("high", 2)):
        columns[f"Cost, {side} (USD a month)"] = [_rounded(_three(bar)[index].cost_usd_per_month) for bar in bars]
        columns[f"{tornado.percentile}, {side} (s)"] = [_rounded(_three(bar)[index].latency_s) for bar in bars]
    return columns | {"Result": [bar.method for bar in bars], "Why this range": [bar.because for bar in bars]}


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")
