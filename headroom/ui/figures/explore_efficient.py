"""The efficient set: every candidate by its cost and by the latency percentile that the requirement names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from headroom.advisor.answer import Answer
from headroom.advisor.search.screen import efficient
from headroom.advisor.search.types import Plan, Point, Screen
from headroom.advisor.tell import words
from headroom.ui.figures.labels import places
from headroom.ui.figures.look import (
    REFERENCE,
    Drawing,
    Look,
    blank,
    cost_axis,
    plain,
    reference,
    share,
    time_axis,
)
from simulator.model.requirement import Requirement
from simulator.patterns.registry import BY_KEY

FAR = 30.0
"""Times the limit, from which all are drawn at one height."""
MOST_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A deployment on the plane of cost (USD a month) and latency (seconds)."""

    name: str
    cost_usd: float
    latency_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Efficient:
    """The plane to draw. efficient: indices into points, from cheap to fast. best: None when nothing meets.

    own: the deployments of the scenario. decided: whether exact runs have decided, rather than estimates alone.
    """

    points: tuple[Point, ...]
    efficient: tuple[int, ...]
    best: Spot | None
    own: tuple[Spot, ...]
    screened: int
    decided: bool

    @property
    def placed(self) -> list[int]:
        """The indices of the points that have a latency, because they answer requests."""
        return [index for index, point in enumerate(self.points) if point.latency_s is not None]


def of_screen(screen: Screen, spots: Sequence[Spot]) -> Efficient:
    """Return the plane of all candidates by their estimates."""
    preview = None if screen.best is None else screen.patterns[screen.best].best
    best = None
    if preview is not None:
        point = next((candidate for candidate in screen.points if candidate.deployment == preview.deployment), None)
        best = None if point is None else _spot(point)
    return Efficient(
        points=screen.points,
        efficient=efficient(screen.points),
        best=best,
        own=tuple(spots),
        screened=screen.screened,
        decided=False,
    )


def of_plan(plan: Plan, spots: Sequence[Spot], percentile: str) -> Efficient:
    """Return the plane of all candidates by the exact runs."""
    best = plan.comparison.best
    return Efficient(
        points=plan.points,
        efficient=plan.efficient,
        best=None if best is None else spot(plan.comparison.evaluations[best], percentile),
        own=tuple(spots),
        screened=plan.screened,
        decided=True,
    )


def spot(evaluation: Answer, percentile: str) -> Spot | None:
    """Return the place of an answer on the plane; None when it has no cost or no latency."""
    cost, latency = evaluation.cost_usd_per_month, evaluation.latency_s.get(percentile)
    if cost is None or latency is None:
        return None
    return Spot(name=evaluation.deployment.name, cost_usd=cost.value, latency_s=latency.value)


def draw(efficient_set: Efficient, requirement: Requirement, look: Look) -> Drawing:
    """Draw the plane with all candidates, the efficient set as steps, the best and the scenario's own deployments."""
    name, limit_s = words.percentile(requirement.latency_percentile), requirement.latency_limit_s
    figure = blank(look, 440)
    near, most_s = _near(efficient_set, limit_s)
    costs, latencies = _extent(near, limit_s)
    x_axis = cost_axis(costs)
    y_axis = time_axis(f"{name} latency", min(latencies, default=0.1), max(latencies, default=1.0))
    for trace in _candidates(near, efficient_set, look, name):
        figure.add_trace(trace)
    if efficient_set.placed:
        figure.add_trace(_frontier(near))
        for trace in _rings(near, look, x_axis, y_axis):
            figure.add_trace(trace)
    if most_s:
        reference(figure, most_s, f"{words.seconds(most_s)} or more", along="y", log=True)
    if limit_s:
        reference(figure, limit_s, f"limit {words.seconds(limit_s)}", along="y", log=True)
    figure.update_layout(xaxis=x_axis, yaxis=y_axis, clickmode="event+select", dragmode="zoom")
    return Drawing(
        question=_title(efficient_set, name),
        figure=figure,
        alt=_alt(efficient_set, name, limit_s),
        table=_table(efficient_set, name),
    )


def _near(efficient_set: Efficient, limit_s: float) -> tuple[Efficient, float]:
    """Return the plane with points far beyond the limit brought to its edge, and the latency of that edge (0: none is
    so slow).

    That keeps the other points apart.
    """
    most_s = FAR * limit_s
    slow = [index for index in efficient_set.placed if _latency_s(efficient_set.points[index]) > most_s]
    if not limit_s or not slow:
        return efficient_set, 0.0
    most_s = max([most_s, *(_latency_s(efficient_set.points[index]) for index in efficient_set.efficient)])
    points = tuple(
        point
        if point.latency_s is None
        else replace(point, latency_s=replace(point.latency_s, value=min(most_s, _latency_s(point))))
        for point in efficient_set.points
    )
    near_spots = tuple(replace(spot, latency_s=min(most_s, spot.latency_s)) for spot in efficient_set.own)
    return replace(efficient_set, points=points, own=near_spots), most_s


def _spot(point: Point) -> Spot | None:
    if point.latency_s is None:
        return None
    return Spot(name=point.deployment.name, cost_usd=point.cost_usd_per_month.value, latency_s=point.latency_s.value)


def _latency_s(point: Point) -> float:
    assert point.latency_s is not None, "only placed points are drawn"
    return point.latency_s.value


def _extent(efficient_set: Efficient, limit_s: float) -> tuple[list[float], list[float]]:
    """Return all costs and all latencies that must be visible."""
    points = [efficient_set.points[index] for index in efficient_set.placed]
    spots = [*efficient_set.own, *([efficient_set.best] if efficient_set.best else [])]
    costs = [point.cost_usd_per_month.value for point in points] + [ring.cost_usd for ring in spots]
    latencies = [_latency_s(point) for point in points] + [ring.latency_s for ring in spots]
    return costs, latencies + ([limit_s] if limit_s else [])


def _candidates(near: Efficient, all_points: Efficient, look: Look, percentile: str) -> Iterator[go.Scatter]:
    """Yield one trace for each pattern and kind of point: filled when exact, open when screened, small when it
    breaks.
    """
    for pattern in BY_KEY:
        in_legend = False
        for exact, meets in ((True, True), (True, False), (False, True), (False, False)):
            indices = [
                index
                for index in all_points.placed
                if (point := all_points.points[index]).deployment.pattern == pattern
                and (point.exact, point.meets) == (exact, meets)
            ]
            if indices:
                yield _points(near, indices, look).update(
                    showlegend=not in_legend, text=[_hover(all_points.points[index], percentile) for index in indices]
                )
                in_legend = True


def _hover(point: Point, percentile: str) -> str:
    """Return everything about a point as text, at its true latency."""
    source = f"{'exact' if point.exact else 'fast answer'}, {'meets' if point.meets else 'breaks'}"
    cost, latency = words.dollars(point.cost_usd_per_month.value), words.seconds(_latency_s(point))
    return f"{plain(point.deployment.name)}<br>{cost} a month<br>{percentile} {latency}<br>{source}"


def _points(efficient_set: Efficient, indices: Sequence[int], look: Look) -> go.Scatter:
    points = [efficient_set.points[index] for index in indices]
    first = points[0]
    pattern = first.deployment.pattern
    return go.Scatter(
        x=np.array([point.cost_usd_per_month.value for point in points]),
        y=np.array([_latency_s(point) for point in points]),
        customdata=np.array(indices),
        mode="markers",
        name=BY_KEY[pattern].description.short,
        legendgroup=pattern,
        marker={
            "symbol": BY_KEY[pattern].description.symbol + ("" if first.exact else "-open"),
            "color": look.of_pattern(pattern),
            "size": (11 if first.exact else 9) if first.meets else 6,
            "line": {"width": 1.5, "color": look.of_pattern(pattern)},
        },
        hovertemplate="%{text}<extra></extra>",
    )


def _frontier(efficient_set: Efficient) -> go.Scatter:
    points = [efficient_set.points[index] for index in efficient_set.efficient]
    return go.Scatter(
        x=np.array([point.cost_usd_per_month.value for point in points]),
        y=np.array([_latency_s(point) for point in points]),
        mode="lines", name="efficient set", hoverinfo="skip",
        line={"shape": "hv", "color": REFERENCE, "width": 2, "dash": "dot"},
    )  # fmt: skip


def _rings(
    efficient_set: Efficient, look: Look, x_axis: dict[str, Any], y_axis: dict[str, Any]
) -> Iterator[go.Scatter]:
    """Yield the rings around the best and the scenario's own deployments, each with its name."""
    best = [efficient_set.best] if efficient_set.best is not None else []
    spots = [*best, *efficient_set.own]
    points = [(share(ring.cost_usd, x_axis), share(ring.latency_s, y_axis)) for ring in spots]
    names = [plain(ring.name) for ring in spots]
    texts = ["best", *(_short(name) for name in names[1:])] if best else [_short(name) for name in names]
    _, sides = places(points, texts)
    for label, indices, symbol, size in (
        ("best", range(len(best)), "circle-open", 22),
        ("yours", range(len(best), len(spots)), "square-open", 17),
    ):
        if indices:
            yield go.Scatter(
                x=np.array([spots[index].cost_usd for index in indices]),
                y=np.array([spots[index].latency_s for index in indices]),
                mode="markers+text",
                name=label,
                text=[texts[index] for index in indices],
                textposition=[sides[index] for index in indices],
                textfont={"color": look.ink, "size": 12},
                marker={"symbol": symbol, "size": size, "color": look.ink, "line": {"width": 2, "color": look.ink}},
                hoverinfo="skip",
            )


def _short(name: str) -> str:
    return name if len(name) <= 22 else name[:21] + "…"


def _title(efficient_set: Efficient, name: str) -> str:
    lead = "" if efficient_set.decided else "By the fast answer "
    if efficient_set.best is None:
        candidates = words.counted(efficient_set.screened, "candidate")
        return f"{lead}{'n' if lead else 'N'}one of {candidates} meets the requirement"
    cost, latency = words.dollars(efficient_set.best.cost_usd), words.seconds(efficient_set.best.latency_s)
    return f"{lead}{efficient_set.best.name} is the best: {cost} a month, {name} {latency}"


def _alt(efficient_set: Efficient, name: str, limit_s: float) -> str:
    points = [efficient_set.points[index] for index in efficient_set.efficient]
    candidates = words.counted(efficient_set.screened, "candidate")
    sentences = [f"{words.count(len(efficient_set.points))} of {candidates} looked at are drawn."]
    exact = sum(point.exact for point in efficient_set.points)
    if exact:
        sentences.append(f"{words.count(exact)} of them by exact runs (filled), the others by the fast answer (open).")
    if not all(point.meets for point in efficient_set.points):
        sentences.append("Small ones break something of the requirement.")
    if points:
        sentences.append(_ends(points[0], points[-1], name))
    if limit_s:
        beyond_limit = sum(_latency_s(efficient_set.points[index]) > limit_s for index in efficient_set.placed)
        sentences.append(f"{words.count(beyond_limit)} are slower than the limit of {words.seconds(limit_s)}.")
    return " ".join(sentences)


def _ends(cheapest: Point, fastest: Point, name: str) -> str:
    """Return the two ends of the efficient set in words, with as many digits as tell them apart."""
    costs = words.apart(cheapest.cost_usd_per_month.value, fastest.cost_usd_per_month.value, words.dollars)
    latencies = words.apart(_latency_s(cheapest), _latency_s(fastest), words.seconds)
    low, high = (f"{cost} at {name} {latency}" for cost, latency in zip(costs, latencies, strict=True))
    if cheapest is fastest:
        return f"One candidate, {low}, is both cheapest and fastest."
    return f"The efficient set goes from {low} to {high}."


def _table(efficient_set: Efficient, name: str) -> dict[str, Sequence[Any]]:
    """Return the columns of a table of the candidates: the efficient ones first, then the others by cost."""
    rest = sorted(
        set(range(len(efficient_set.points))) - set(efficient_set.efficient),
        key=lambda index: efficient_set.points[index].cost_usd_per_month.value,
    )
    rows = [(index, efficient_set.points[index]) for index in [*efficient_set.efficient, *rest][:MOST_ROWS]]
    return {
        "Candidate": [point.deployment.name for _, point in rows],
        "Pattern": [BY_KEY[point.deployment.pattern].title for _, point in rows],
        "Cost a month (USD)": [float(f"{point.cost_usd_per_month.value:.5g}") for _, point in rows],
        f"{name} (s)": [
            None if point.latency_s is None else float(f"{point.latency_s.value:.4g}") for _, point in rows
        ],
        "Requirement": ["met" if point.meets else "broken" for _, point in rows],
        "Efficient": ["yes" if index in efficient_set.efficient else "no" for index, _ in rows],
        "Result": ["simulated" if point.exact else "fast answer" for _, point in rows],
    }
