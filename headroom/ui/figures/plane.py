"""The plane of cost and latency: every candidate by its cost and by the latency percentile that the requirement names.

What lies in the shaded zone breaks the limit. The efficient set is drawn as steps, the best of every pattern has its
name, and the user's own deployments have rings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from headroom.advisor.answer import Answer
from headroom.advisor.order import ranking
from headroom.advisor.search.screen import efficient
from headroom.advisor.search.types import Plan, Point, Screen
from headroom.advisor.tell import words
from headroom.advisor.tell.decision import FAR
from headroom.ui.figures.labels import mark, places
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

HEIGHT_PX = 340
ZONE = "rgba(125, 131, 140, 0.14)"
"""The zone beyond the limit: the grey of reference lines, seen in light and in dark."""
MOST_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A deployment on the plane of cost (USD a month) and latency (seconds)."""

    name: str
    cost_usd: float
    latency_s: float
    pattern: str = ""
    meets: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Efficient:
    """The plane to draw. efficient: indices into points, from cheap to fast. best: None when nothing meets.

    bests: the best of every pattern that has a place. own: the deployments of the scenario. decided: whether exact runs
    have decided, rather than estimates alone.
    """

    points: tuple[Point, ...]
    efficient: tuple[int, ...]
    best: Spot | None
    bests: tuple[Spot, ...] = ()
    own: tuple[Spot, ...]
    screened: int
    decided: bool

    @property
    def steps(self) -> list[int]:
        """The indices of the efficient points that meet, from cheap to fast; of all of them where none meets."""
        return [index for index in self.efficient if self.points[index].meets] or list(self.efficient)

    @property
    def placed(self) -> list[int]:
        """The indices of the points that have a latency, because they answer requests."""
        return [index for index, point in enumerate(self.points) if point.latency_s is not None]


def of_screen(screen: Screen, spots: Sequence[Spot]) -> Efficient:
    """Return the plane of all candidates by their estimates."""
    percentile = words.percentile(screen.scenario.requirement.latency_percentile)
    answers = [plan.best for plan in screen.patterns if plan.best is not None]
    best = None if screen.best is None else screen.patterns[screen.best].best
    return Efficient(
        points=screen.points,
        efficient=efficient(screen.points),
        best=None if best is None else spot(best, percentile),
        bests=_placed(answers, percentile),
        own=tuple(spots),
        screened=screen.screened,
        decided=False,
    )


def of_plan(plan: Plan, spots: Sequence[Spot], percentile: str) -> Efficient:
    """Return the plane of all candidates by the exact runs."""
    best, answers = plan.comparison.best, plan.comparison.evaluations
    firsts = {
        answers[place].deployment.pattern: answers[place]
        for place in reversed(ranking(plan.comparison.scenario, answers))
    }
    return Efficient(
        points=plan.points,
        efficient=plan.efficient,
        best=None if best is None else spot(answers[best], percentile),
        bests=_placed(list(firsts.values()), percentile),
        own=tuple(spots),
        screened=plan.screened,
        decided=True,
    )


def _placed(answers: Sequence[Answer], percentile: str) -> tuple[Spot, ...]:
    """Return the places of those answers that have one."""
    return tuple(place for answer in answers if (place := spot(answer, percentile)) is not None)


def spot(evaluation: Answer, percentile: str) -> Spot | None:
    """Return the place of an answer on the plane; None when it has no cost or no latency."""
    cost, latency = evaluation.cost_usd_per_month, evaluation.latency_s.get(percentile)
    if cost is None or latency is None:
        return None
    deployment = evaluation.deployment
    return Spot(
        name=deployment.name,
        cost_usd=cost.value,
        latency_s=latency.value,
        pattern=deployment.pattern,
        meets=evaluation.meets,
    )


def draw(efficient_set: Efficient, requirement: Requirement, look: Look) -> Drawing:
    """Draw the plane with all candidates, the efficient set as steps, the best of every pattern and the scenario's own
    deployments.
    """
    name, limit_s = words.percentile(requirement.latency_percentile), requirement.latency_limit_s
    figure = blank(look, HEIGHT_PX)
    near, most_s = _near(efficient_set, limit_s)
    costs, latencies = _extent(near, limit_s)
    x_axis = cost_axis(costs)
    y_axis = time_axis(f"{name} latency", min(latencies, default=0.1), max(latencies, default=1.0))
    if limit_s:
        _forbidden(figure, limit_s, y_axis, most_s)
    for trace in _candidates(near, efficient_set, look, name):
        figure.add_trace(trace)
    if efficient_set.placed:
        figure.add_trace(_frontier(near))
    for trace in _named(near, look, x_axis, y_axis):
        figure.add_trace(trace)
    figure.update_layout(
        xaxis=x_axis, yaxis=y_axis, clickmode="event+select", dragmode="zoom", showlegend=False, margin={"t": 8}
    )
    return Drawing(
        question=_title(efficient_set, name),
        figure=figure,
        alt=_alt(efficient_set, name, limit_s),
        table=_table(efficient_set, name),
    )


def _forbidden(figure: go.Figure, limit_s: float, y_axis: dict[str, Any], most_s: float) -> None:
    """Shade what is beyond the limit, and say so at its line."""
    top = 10 ** y_axis["range"][1]
    figure.add_shape(
        type="rect", xref="paper", x0=0, x1=1, y0=limit_s, y1=top, fillcolor=ZONE, line={"width": 0}, layer="below"
    )
    beyond = f"; at the top: {words.seconds(most_s)} or more" if most_s else ""
    reference(figure, limit_s, f"too slow: over {words.seconds(limit_s)}{beyond}", along="y", log=True)


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
    own, bests = (
        tuple(replace(spot, latency_s=min(most_s, spot.latency_s)) for spot in spots)
        for spots in (efficient_set.own, efficient_set.bests)
    )
    return replace(efficient_set, points=points, own=own, bests=bests), most_s


def _latency_s(point: Point) -> float:
    assert point.latency_s is not None, "only placed points are drawn"
    return point.latency_s.value


def _extent(efficient_set: Efficient, limit_s: float) -> tuple[list[float], list[float]]:
    """Return all costs and all latencies that must be visible."""
    points = [efficient_set.points[index] for index in efficient_set.placed]
    spots = [*efficient_set.own, *efficient_set.bests]
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
    points = [efficient_set.points[index] for index in efficient_set.steps]
    return go.Scatter(
        x=np.array([point.cost_usd_per_month.value for point in points]),
        y=np.array([_latency_s(point) for point in points]),
        mode="lines", name="efficient set", hoverinfo="skip",
        line={"shape": "hv", "color": REFERENCE, "width": 2, "dash": "dot"},
    )  # fmt: skip


def _named(
    efficient_set: Efficient, look: Look, x_axis: dict[str, Any], y_axis: dict[str, Any]
) -> Iterator[go.Scatter]:
    """Yield what has a name: the best of every pattern, and rings around the scenario's own deployments, numbered."""
    bests, own, best = efficient_set.bests, efficient_set.own, efficient_set.best
    spots = [*bests, *own]
    points = [(share(spot.cost_usd, x_axis), share(spot.latency_s, y_axis)) for spot in spots]
    titles = [BY_KEY[spot.pattern].description.short for spot in bests]
    _, sides = places(points[: len(bests)], titles, [mark(*point) for point in points[len(bests) :]])
    for spot, title, side in zip(bests, titles, sides, strict=False):
        chosen = best is not None and spot.name == best.name
        yield go.Scatter(
            x=np.array([spot.cost_usd]),
            y=np.array([spot.latency_s]),
            mode="markers+text",
            name=title,
            text=[f"<b>{title}</b>" if chosen else title],
            textposition=side,
            textfont={"color": look.ink, "size": 13},
            cliponaxis=False,
            marker={
                "symbol": BY_KEY[spot.pattern].description.symbol + ("" if spot.meets else "-open"),
                "size": 18 if chosen else 13 if spot.meets else 9,
                "color": look.of_pattern(spot.pattern),
                "line": {"width": 2, "color": look.ink if chosen else look.of_pattern(spot.pattern)},
            },
            hoverinfo="skip",
        )
    if own:
        yield go.Scatter(
            x=np.array([spot.cost_usd for spot in own]),
            y=np.array([spot.latency_s for spot in own]),
            mode="markers+text",
            name="yours",
            text=["yours"] if len(own) == 1 else [str(number) for number in range(1, len(own) + 1)],
            textposition="bottom right" if len(own) == 1 else "middle center",
            textfont={"color": look.ink, "size": 12},
            cliponaxis=False,
            marker={"symbol": "circle-open", "size": 22, "color": look.ink, "line": {"width": 2, "color": look.ink}},
            hovertext=[plain(spot.name) for spot in own],
            hoverinfo="text",
        )


def _title(efficient_set: Efficient, name: str) -> str:
    """Return what the plane shows: what less latency than that of the best would cost."""
    best, lead = efficient_set.best, "" if efficient_set.decided else "By the fast answer "
    if best is None:
        candidates = words.counted(efficient_set.screened, "candidate")
        return f"{lead}{'n' if lead else 'N'}one of {candidates} meets the requirement"
    steps = [efficient_set.points[index] for index in efficient_set.steps]
    faster = next((point for point in steps if _latency_s(point) < 0.99 * best.latency_s), None)
    if faster is None or faster.cost_usd_per_month.value <= best.cost_usd:
        text = "nothing that was looked at is faster than the best"
    else:
        more = words.dollars(faster.cost_usd_per_month.value - best.cost_usd)
        before, after = words.apart(best.latency_s, _latency_s(faster), words.seconds)
        text = f"{name} {after} instead of {before} would cost {more} more a month"
    return f"{lead}{text}" if lead else f"{text[:1].upper() if text[0] == 'n' else text[:1]}{text[1:]}"


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
