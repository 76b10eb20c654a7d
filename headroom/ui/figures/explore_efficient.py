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
    """Something that has a place on the plane."""

    name: str
    cost_usd: float
    latency_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Efficient:
    """What is drawn. efficient: indices into points, from cheap to fast. best: None when nothing meets. mine: the
    deployments of the scenario. decided: by exact runs, else by the fast answer alone.
    """

    points: tuple[Point, ...]
    efficient: tuple[int, ...]
    best: Spot | None
    mine: tuple[Spot, ...]
    screened: int
    decided: bool

    @property
    def placed(self) -> list[int]:
        """The points that answer anything."""
        return [at for at, one in enumerate(self.points) if one.latency_s is not None]


def of_screen(screen: Screen, mine: Sequence[Spot]) -> Efficient:
    """As the fast answer says."""
    preview = None if screen.best is None else screen.patterns[screen.best].best
    best = None
    if preview is not None:
        same = next((one for one in screen.points if one.deployment == preview.deployment), None)
        best = None if same is None else _spot(same)
    return Efficient(
        points=screen.points,
        efficient=efficient(screen.points),
        best=best,
        mine=tuple(mine),
        screened=screen.screened,
        decided=False,
    )


def of_plan(plan: Plan, mine: Sequence[Spot], percentile: str) -> Efficient:
    """As the exact runs say."""
    best = plan.comparison.best
    return Efficient(
        points=plan.points,
        efficient=plan.efficient,
        best=None if best is None else spot(plan.comparison.evaluations[best], percentile),
        mine=tuple(mine),
        screened=plan.screened,
        decided=True,
    )


def spot(evaluation: Answer, percentile: str) -> Spot | None:
    """Where a deployment is; None when it has no cost or answers nothing."""
    cost, latency = evaluation.cost_usd_per_month, evaluation.latency_s.get(percentile)
    if cost is None or latency is None:
        return None
    return Spot(name=evaluation.deployment.name, cost_usd=cost.value, latency_s=latency.value)


def draw(found: Efficient, requirement: Requirement, look: Look) -> Drawing:
    """The plane with all candidates, the frontier as steps, the best and the scenario's own deployments."""
    name, limit_s = words.percentile(requirement.latency_percentile), requirement.latency_limit_s
    figure = blank(look, 440)
    near, most_s = _near(found, limit_s)
    costs, latencies = _extent(near, limit_s)
    x_axis = cost_axis(costs)
    y_axis = time_axis(f"{name} latency", min(latencies, default=0.1), max(latencies, default=1.0))
    for trace in _candidates(near, found, look, name):
        figure.add_trace(trace)
    if found.placed:
        figure.add_trace(_frontier(near))
        for trace in _rings(near, look, x_axis, y_axis):
            figure.add_trace(trace)
    if most_s:
        reference(figure, most_s, f"{words.seconds(most_s)} or more", along="y", log=True)
    if limit_s:
        reference(figure, limit_s, f"limit {words.seconds(limit_s)}", along="y", log=True)
    figure.update_layout(xaxis=x_axis, yaxis=y_axis, clickmode="event+select", dragmode="zoom")
    return Drawing(
        question=_title(found, name), figure=figure, alt=_alt(found, name, limit_s), table=_table(found, name)
    )


def _near(found: Efficient, limit_s: float) -> tuple[Efficient, float]:
    """The same with what is far beyond the limit brought to where the figure ends, so that the rest can be told apart;
    and where that is, 0 when nothing is so slow.
    """
    most_s = FAR * limit_s
    slow = [at for at in found.placed if _latency_s(found.points[at]) > most_s]
    if not limit_s or not slow:
        return found, 0.0
    most_s = max([most_s, *(_latency_s(found.points[at]) for at in found.efficient)])
    points = tuple(
        one
        if one.latency_s is None
        else replace(one, latency_s=replace(one.latency_s, value=min(most_s, _latency_s(one))))
        for one in found.points
    )
    mine = tuple(replace(one, latency_s=min(most_s, one.latency_s)) for one in found.mine)
    return replace(found, points=points, mine=mine), most_s


def _spot(point: Point) -> Spot | None:
    if point.latency_s is None:
        return None
    return Spot(name=point.deployment.name, cost_usd=point.cost_usd_per_month.value, latency_s=point.latency_s.value)


def _latency_s(point: Point) -> float:
    assert point.latency_s is not None, "only placed points are drawn"
    return point.latency_s.value


def _extent(found: Efficient, limit_s: float) -> tuple[list[float], list[float]]:
    """All costs and all latencies to be seen."""
    points = [found.points[at] for at in found.placed]
    spots = [*found.mine, *([found.best] if found.best else [])]
    costs = [one.cost_usd_per_month.value for one in points] + [one.cost_usd for one in spots]
    latencies = [_latency_s(one) for one in points] + [one.latency_s for one in spots]
    return costs, latencies + ([limit_s] if limit_s else [])


def _candidates(near: Efficient, found: Efficient, look: Look, percentile: str) -> Iterator[go.Scatter]:
    """One trace for each pattern and kind of point: filled when exact, open when screened, small when it breaks."""
    for pattern in BY_KEY:
        named = False
        for exact, meets in ((True, True), (True, False), (False, True), (False, False)):
            chosen = [
                at
                for at in found.placed
                if (one := found.points[at]).deployment.pattern == pattern and (one.exact, one.meets) == (exact, meets)
            ]
            if chosen:
                yield _points(near, chosen, look).update(
                    showlegend=not named, text=[_hover(found.points[at], percentile) for at in chosen]
                )
                named = True


def _hover(point: Point, percentile: str) -> str:
    """All about a point, as it is."""
    how = f"{'exact' if point.exact else 'fast answer'}, {'meets' if point.meets else 'breaks'}"
    cost, latency = words.dollars(point.cost_usd_per_month.value), words.seconds(_latency_s(point))
    return f"{plain(point.deployment.name)}<br>{cost} a month<br>{percentile} {latency}<br>{how}"


def _points(found: Efficient, chosen: Sequence[int], look: Look) -> go.Scatter:
    points = [found.points[at] for at in chosen]
    first = points[0]
    pattern = first.deployment.pattern
    return go.Scatter(
        x=np.array([one.cost_usd_per_month.value for one in points]),
        y=np.array([_latency_s(one) for one in points]),
        customdata=np.array(chosen),
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


def _frontier(found: Efficient) -> go.Scatter:
    points = [found.points[at] for at in found.efficient]
    return go.Scatter(
        x=np.array([one.cost_usd_per_month.value for one in points]),
        y=np.array([_latency_s(one) for one in points]),
        mode="lines", name="efficient set", hoverinfo="skip",
        line={"shape": "hv", "color": REFERENCE, "width": 2, "dash": "dot"},
    )  # fmt: skip


def _rings(found: Efficient, look: Look, x_axis: dict[str, Any], y_axis: dict[str, Any]) -> Iterator[go.Scatter]:
    """The best and the scenario's own, each with its name beside it."""
    best = [found.best] if found.best is not None else []
    spots = [*best, *found.mine]
    points = [(share(one.cost_usd, x_axis), share(one.latency_s, y_axis)) for one in spots]
    names = [plain(one.name) for one in spots]
    texts = ["best", *(_short(name) for name in names[1:])] if best else [_short(name) for name in names]
    _, sides = places(points, texts)
    for label, chosen, symbol, size in (
        ("best", range(len(best)), "circle-open", 22),
        ("yours", range(len(best), len(spots)), "square-open", 17),
    ):
        if chosen:
            yield go.Scatter(
                x=np.array([spots[at].cost_usd for at in chosen]),
                y=np.array([spots[at].latency_s for at in chosen]),
                mode="markers+text",
                name=label,
                text=[texts[at] for at in chosen],
                textposition=[sides[at] for at in chosen],
                textfont={"color": look.ink, "size": 12},
                marker={"symbol": symbol, "size": size, "color": look.ink, "line": {"width": 2, "color": look.ink}},
                hoverinfo="skip",
            )


def _short(name: str) -> str:
    return name if len(name) <= 22 else name[:21] + "…"


def _title(found: Efficient, name: str) -> str:
    by = "" if found.decided else "By the fast answer "
    if found.best is None:
        return f"{by}{'n' if by else 'N'}one of {words.counted(found.screened, 'candidate')} meets the requirement"
    cost, latency = words.dollars(found.best.cost_usd), words.seconds(found.best.latency_s)
    return f"{by}{found.best.name} is the best: {cost} a month, {name} {latency}"


def _alt(found: Efficient, name: str, limit_s: float) -> str:
    points = [found.points[at] for at in found.efficient]
    said = [f"{words.count(len(found.points))} of {words.counted(found.screened, 'candidate')} looked at are drawn."]
    exact = sum(one.exact for one in found.points)
    if exact:
        said.append(f"{words.count(exact)} of them by exact runs (filled), the others by the fast answer (open).")
    if not all(one.meets for one in found.points):
        said.append("Small ones break something of the requirement.")
    if points:
        said.append(_ends(points[0], points[-1], name))
    if limit_s:
        over = sum(_latency_s(found.points[at]) > limit_s for at in found.placed)
        said.append(f"{words.count(over)} are slower than the limit of {words.seconds(limit_s)}.")
    return " ".join(said)


def _ends(cheapest: Point, fastest: Point, name: str) -> str:
    """Between which two the efficient set lies, with as many digits as tell them apart."""
    costs = words.apart(cheapest.cost_usd_per_month.value, fastest.cost_usd_per_month.value, words.dollars)
    latencies = words.apart(_latency_s(cheapest), _latency_s(fastest), words.seconds)
    low, high = (f"{cost} at {name} {latency}" for cost, latency in zip(costs, latencies, strict=True))
    if cheapest is fastest:
        return f"One candidate, {low}, is both cheapest and fastest."
    return f"The efficient set goes from {low} to {high}."


def _table(found: Efficient, name: str) -> dict[str, Sequence[Any]]:
    """Efficient ones first, then the others by cost."""
    rest = sorted(
        set(range(len(found.points))) - set(found.efficient),
        key=lambda at: found.points[at].cost_usd_per_month.value,
    )
    rows = [(at, found.points[at]) for at in [*found.efficient, *rest][:MOST_ROWS]]
    return {
        "Candidate": [one.deployment.name for _, one in rows],
        "Pattern": [BY_KEY[one.deployment.pattern].title for _, one in rows],
        "Cost a month (USD)": [float(f"{one.cost_usd_per_month.value:.5g}") for _, one in rows],
        f"{name} (s)": [None if one.latency_s is None else float(f"{one.latency_s.value:.4g}") for _, one in rows],
        "Requirement": ["met" if one.meets else "broken" for _, one in rows],
        "Efficient": ["yes" if at in found.efficient else "no" for at, _ in rows],
        "Result": ["simulated" if one.exact else "fast answer" for _, one in rows],
    }
