"""Explore: which candidates are worth a look, and choosing one of them by a click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from headroom.advisor.answer import Answer
from headroom.advisor.search.types import Plan, Point
from headroom.advisor.tell import words
from headroom.ui.explore import chosen, orders
from headroom.ui.figures import explore_efficient as figures
from headroom.ui.shell import cached, chart, session, state
from headroom.ui.widgets.plain_text import md
from simulator.scenario import Scenario

PATIENCE_S = 0.6  # previews take milliseconds; one that takes longer is there when the page is drawn again


def show(scenario: Scenario) -> None:
    """Draw the plane of cost and latency: from estimates at first, from exact runs when they have decided."""
    answer = st.container()
    plan = orders.known_plan(scenario)
    screen = None if plan is not None else orders.screen(scenario)
    plan = plan or orders.plan(scenario)
    spots = _own_spots(scenario)
    name = words.percentile(scenario.requirement.latency_percentile)
    with answer:
        if plan is not None:
            _plane(scenario, figures.of_plan(plan, spots, name))
            _decision(plan)
        elif screen is not None:
            _plane(scenario, figures.of_screen(screen, spots))


def _own_spots(scenario: Scenario) -> list[figures.Spot]:
    """Return where the scenario's own deployments are: exactly where that is known already, else by their previews."""
    evaluations, previews = cached.orders(scenario), cached.orders(scenario, "preview")
    exact = {status.key: status.result for status in cached.pool().statuses([order.key for order in evaluations])}
    quick = cached.quick_pool()
    quick.want(f"{session.watcher()}/mine", previews)
    quick.wait([order.key for order in previews], PATIENCE_S)
    fast = {status.key: status.result for status in quick.statuses([order.key for order in previews])}
    name = words.percentile(scenario.requirement.latency_percentile)
    spots = (
        _spot(exact.get(order.key) or fast.get(preview.key), deployment.name, name)
        for deployment, order, preview in zip(scenario.deployments, evaluations, previews, strict=True)
    )
    return [spot for spot in spots if spot is not None]


def _spot(answer: Answer | None, name: str, percentile: str) -> figures.Spot | None:
    """Return where an answer lies on the plane, under this viewer's own name for its deployment; None when it has no
    place.
    """
    spot = None if answer is None else figures.spot(answer, percentile)
    return None if spot is None else replace(spot, name=name)


def _plane(scenario: Scenario, efficient: figures.Efficient) -> None:
    st.caption("Click a point, and it becomes the chosen deployment of the scenario.")
    key = f"efficient:{state.epoch()}:{efficient.decided}"
    drawing = figures.draw(efficient, scenario.requirement, chart.look())
    chart.show(drawing, key, on_click=partial(_clicked, f"chart-{key}", efficient.points))
    _by_name(efficient)


def _clicked(key: str, points: Sequence[Point]) -> None:
    """Choose the candidate of the point that was clicked; points without a number are no candidates."""
    clicked = [index for point in st.session_state[key].selection.points if (index := number(point)) is not None]
    if clicked:
        chosen.choose(points[clicked[0]].deployment)


def number(clicked: Mapping[str, Any]) -> int | None:
    """Return the index of the candidate of a clicked point; None when the point is no candidate."""
    index = clicked.get("customdata")
    index = index[0] if isinstance(index, list) else index
    return None if index is None else int(index)


def _by_name(efficient: figures.Efficient) -> None:
    """Draw a list of the efficient candidates, to choose one without a mouse."""
    names = [_label(efficient.points[index]) for index in efficient.efficient]
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.selectbox(
            "Or choose one of the efficient set",
            range(len(names)),
            index=_first(efficient),
            format_func=lambda number: names[number],
            key=f"efficient-choice:{state.epoch()}:{efficient.decided}",
        )
        st.button(
            "Make it the chosen deployment",
            icon=":material/ads_click:",
            on_click=chosen.choose,
            args=(efficient.points[efficient.efficient[place]].deployment,),
        )


def _first(efficient: figures.Efficient) -> int:
    """Return the place of the best in the efficient set; 0, the cheapest, when it is not in there."""
    name = "" if efficient.best is None else efficient.best.name
    names = [efficient.points[index].deployment.name for index in efficient.efficient]
    return names.index(name) if name in names else 0


def _label(point: Point) -> str:
    assert point.latency_s is not None, "efficient points answer"
    cost, latency = words.dollars(point.cost_usd_per_month.value), words.seconds(point.latency_s.value)
    source = "simulated" if point.exact else "fast answer"
    return f"{point.deployment.name}: {cost} a month, {latency} ({source})"


def _decision(plan: Plan) -> None:
    st.markdown(md(plan.comparison.sentence))
    st.caption(
        f"{words.counted(plan.screened, 'candidate')} looked at by the fast answer,"
        f" {words.counted(plan.simulated, 'exact run')} to decide."
    )
