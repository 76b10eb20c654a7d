"""Break-even: the cost of each pattern against volume, both logarithmic, with crossings, ends and today's volume."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from headroom.advisor.explore.break_even import BreakEven, Crossing, Curve, CurvePoint, End, turns, up_to
from headroom.advisor.monthly import MONTH_S
from headroom.advisor.tell import words
from headroom.ui.figures.labels import HEIGHT_PX, WIDTH_PX, Box, places
from headroom.ui.figures.look import Drawing, Look, axis, blank, reference, round_dollars
from simulator.patterns.registry import BY_KEY


def draw(break_even: BreakEven, noun: str, look: Look) -> Drawing:
    """Draw one curve of cost against volume for each pattern. noun: what the volume counts, "requests" or "records"."""
    figure = blank(look, 460)
    priced_curves = [curve for curve in break_even.curves if any(_priced(curve))]
    for curve in priced_curves:
        for trace in _curve(curve, look):
            figure.add_trace(trace)
    if priced_curves:
        spots = [_spot(point) for curve in priced_curves for point in _priced(curve)]
        x_axis = _log(f"{noun.capitalize()} a month", [x for x, _ in spots], words.count)
        y_axis = _log("Cost a month (USD)", [y for _, y in spots], round_dollars)
        room = _Room(spots, (x_axis, y_axis))
        for trace in (*_names(priced_curves, room, look), *_marks(break_even, room, look)):
            figure.add_trace(trace)
        today = break_even.today_requests_per_month
        reference(figure, today, f" today {words.count(today)}", along="x", log=True)
        figure.update_layout(xaxis=x_axis, yaxis=y_axis)
    return Drawing(
        question=title(break_even, noun), figure=figure, alt=_alt(break_even, noun), table=_table(break_even, noun)
    )


def title(break_even: BreakEven, noun: str) -> str:
    """Return the finding: which pattern is the cheapest that serves, up to which volume."""
    leading = _cheapest(break_even)
    changes = turns(leading, break_even)
    if not changes:
        only = leading[0][1] if leading else None
        start = "Nothing serves at any" if only is None else f"{_name(only)} is the cheapest at every"
        return f"{start} volume that was looked at"
    parts = [f"{_name(turn.before)} {up_to(turn)} {noun} a month{_rate(turn.volume)}" for turn in changes]
    return f"Cheapest: {', '.join(parts)}, {_name(changes[-1].after)} beyond"


def _cheapest(break_even: BreakEven) -> list[tuple[float, str | None]]:
    """Return for each monthly volume the pattern that serves at the least cost; None where no pattern serves."""
    best: dict[float, tuple[float, str | None]] = {}
    for curve in break_even.curves:
        for point in curve.points:
            cost = point.cost_usd_per_month if point.meets else None
            cheapest = best.setdefault(point.requests_per_month, (math.inf, None))
            if cost is not None and cost < cheapest[0]:
                best[point.requests_per_month] = (cost, curve.pattern)
    return [(volume, pattern) for volume, (_, pattern) in sorted(best.items())]


def _name(pattern: str | None) -> str:
    return "nothing that serves" if pattern is None else BY_KEY[pattern].title


def _rate(monthly: float) -> str:
    return f" ({words.per_second(monthly / MONTH_S)})"


def _priced(curve: Curve) -> Iterator[CurvePoint]:
    return (point for point in curve.points if point.cost_usd_per_month)


def _curve(curve: Curve, look: Look) -> Iterator[go.Scatter]:
    """Return the traces of a pattern: a line where it serves, open symbols where it does not."""
    points = list(_priced(curve))
    colour, description = look.of_pattern(curve.pattern), BY_KEY[curve.pattern].description
    serving = [point for point in points if point.meets]
    x = np.array([point.requests_per_month for point in points])
    y = np.array([point.cost_usd_per_month or np.nan for point in points])
    meets = np.array([point.meets for point in points])
    name = _short(curve.pattern)
    hover = f"{name}<br>%{{x:,.4~g}} a month<br>%{{y:$,.4~g}} a month"
    if not meets.all():
        yield go.Scatter(
            x=x[~meets], y=y[~meets], mode="markers", name=f"{name}: does not serve", showlegend=not serving,
            marker={"symbol": f"{description.symbol}-open", "size": 6, "color": colour, "line": {"width": 1.5}},
            hovertemplate=f"{hover}<br>does not serve<extra></extra>",
        )  # fmt: skip
    if serving:
        yield go.Scatter(
            x=x, y=np.where(meets, y, np.nan), mode="lines+markers", name=name, connectgaps=False,
            line={"color": colour, "width": 2, "dash": description.dash},
            marker={"symbol": description.symbol, "size": 7, "color": colour},
            hovertemplate=f"{hover}<extra></extra>",
        )  # fmt: skip


def _names(curves: Sequence[Curve], room: _Room, look: Look) -> Iterator[go.Scatter]:
    """Yield the name of each line, at the point that leaves most room for it."""
    for curve in curves:
        serving = [point for point in _priced(curve) if point.meets]
        candidates = [(*room.place(_spot(point), _short(curve.pattern)), _spot(point)) for point in serving]
        if candidates:
            _, side, (x, y) = min(candidates, key=lambda candidate: candidate[0])
            yield go.Scatter(
                x=np.array([x]), y=np.array([y]), mode="text", text=[_short(curve.pattern)], textposition=side,
                textfont={"color": look.ink, "size": 12}, hoverinfo="skip", showlegend=False,
            )  # fmt: skip


class _Room:
    """The room that the points of the curves leave for words."""

    def __init__(self, spots: Sequence[tuple[float, float]], axes: tuple[dict[str, Any], dict[str, Any]]) -> None:
        self._axes = axes
        shares = [self._shares(spot) for spot in spots]
        self._boxes = [Box(x * WIDTH_PX - 5, x * WIDTH_PX + 5, y * HEIGHT_PX - 5, y * HEIGHT_PX + 5) for x, y in shares]

    def place(self, spot: tuple[float, float], words: str) -> tuple[int, str]:
        """Return how many things words beside a spot would cover, and on which side they cover least."""
        trouble, sides = places([self._shares(spot)], [words], self._boxes)
        return trouble, sides[0]

    def _shares(self, spot: tuple[float, float]) -> tuple[float, float]:
        x, y = (
            (float(np.log10(value)) - scale["range"][0]) / (scale["range"][1] - scale["range"][0])
            for value, scale in zip(spot, self._axes, strict=True)
        )
        return x, y


def _spot(point: CurvePoint) -> tuple[float, float]:
    return point.requests_per_month, point.cost_usd_per_month or 1.0


def _short(pattern: str) -> str:
    return BY_KEY[pattern].description.short


def _marks(break_even: BreakEven, room: _Room, look: Look) -> Iterator[go.Scatter]:
    """Yield the crossings as rings and the ends as bars, each with its volume."""
    crossings = [
        (crossing.requests_per_month, crossing.cost_usd_per_month, words.count(crossing.requests_per_month))
        for crossing in break_even.crossings
    ]
    ends = [
        (end.requests_per_month, cost, words.count(end.requests_per_month))
        for end in break_even.ends
        if end.decides and (cost := _cost_at(break_even, end)) is not None
    ]
    for name, spots, symbol in (("crossing", crossings, "circle-open"), ("stops serving", ends, "line-ns-open")):
        if spots:
            yield go.Scatter(
                x=np.array([x for x, _, _ in spots]),
                y=np.array([y for _, y, _ in spots]),
                mode="markers+text",
                name=name,
                text=[text for *_, text in spots],
                textposition=[room.place((x, y), text)[1] for x, y, text in spots],
                textfont={"color": look.ink, "size": 12},
                marker={"symbol": symbol, "size": 15, "color": look.ink, "line": {"width": 2, "color": look.ink}},
                hoverinfo="skip",
            )


def _cost_at(break_even: BreakEven, end: End) -> float | None:
    """Return what a pattern costs a month, in USD, at the last examined volume that it serves on this side."""
    curve = next(curve for curve in break_even.curves if curve.pattern == end.pattern)
    served = [
        point
        for point in _priced(curve)
        if point.meets and (point.times <= end.serves if end.side == "above" else point.times >= end.serves)
    ]
    return (served[-1] if end.side == "above" else served[0]).cost_usd_per_month if served else None


def _log(title: str, values: Sequence[float], form: words.Format) -> dict[str, Any]:
    """Return a logarithmic axis with ticks in words."""
    low, high = np.log10(min(values)), np.log10(max(values))
    room = 0.05 * max(high - low, 0.5)
    ticks = [10.0**e for e in range(int(np.floor(low - room)), int(np.ceil(high + room)) + 1)]
    return axis(
        title,
        type="log",
        range=[float(low - room), float(high + 2 * room)],
        tickvals=ticks,
        ticktext=[form(tick) for tick in ticks],
    )


def _alt(break_even: BreakEven, noun: str) -> str:
    if not any(any(_priced(curve)) for curve in break_even.curves):
        return "No pattern has a cost at any volume that was looked at."
    sentences = [f"Today it is {words.count(break_even.today_requests_per_month)} {noun} a month."]
    sentences += [_crossed(crossing, noun) for crossing in break_even.crossings]
    sentences += [
        f"{BY_KEY[end.pattern].title} stops serving {end.side} {words.count(end.requests_per_month)}"
        f"{f': {end.why}' if end.why else ''}."
        for end in break_even.ends
    ]
    return " ".join([*sentences, "Open symbols: does not serve at that volume."])


def _crossed(crossing: Crossing, noun: str) -> str:
    cost = words.dollars(crossing.cost_usd_per_month)
    below, above = BY_KEY[crossing.below].title, BY_KEY[crossing.above].title
    return f"{below} and {above} cost the same, {cost}, at {words.count(crossing.requests_per_month)} {noun} a month."


def _table(break_even: BreakEven, noun: str) -> dict[str, Sequence[Any]]:
    """Return the columns of a table with a row for each pattern and volume."""
    rows = [(curve.pattern, point) for curve in break_even.curves for point in curve.points]
    return {
        "Pattern": [BY_KEY[pattern].title for pattern, _ in rows],
        "Times today's": [float(f"{point.times:.4g}") for _, point in rows],
        f"{noun.capitalize()} a month": [float(f"{point.requests_per_month:.6g}") for _, point in rows],
        "Cost a month (USD)": [
            None if point.cost_usd_per_month is None else float(f"{point.cost_usd_per_month:.6g}") for _, point in rows
        ],
        "Serves": ["yes" if point.meets else "no" for _, point in rows],
        "Deployment": ["" if point.deployment is None else point.deployment.name for _, point in rows],
        "What is in the way": [point.why for _, point in rows],
    }
