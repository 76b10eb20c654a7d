"""Explore: which candidates are worth a look, and choosing one of them by a click."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from headroom.advisor.search.types import Plan, Point
from headroom.advisor.tell import words
from headroom.ui.explore import chosen, orders
from headroom.ui.figures import plane as figures
from headroom.ui.plan import yours
from headroom.ui.shell import chart, state
from headroom.ui.widgets.plain_text import md
from simulator.scenario import Scenario


def show(scenario: Scenario) -> None:
    """Draw the plane of cost and latency: from estimates at first, from exact runs when they have decided."""
    answer = st.container()
    plan = orders.known_plan(scenario)
    screen = None if plan is not None else orders.screen(scenario)
    plan = plan or orders.plan(scenario)
    spots = yours.spots(scenario)
    name = words.percentile(scenario.requirement.latency_percentile)
    with answer:
        if plan is not None:
            _plane(scenario, figures.of_plan(plan, spots, name))
            _decision(plan)
        elif screen is not None:
            _plane(scenario, figures.of_screen(screen, spots))


def _plane(scenario: Scenario, efficient: figures.Efficient) -> None:
    st.caption("Click a point, and it becomes the chosen deployment of the scenario.")
    key = f"efficient:{state.epoch()}:{efficient.decided}"
    drawing = figures.draw(efficient, scenario.requirement, chart.look())
    st.subheader(md(drawing.question), anchor=False)
    chart.figure(drawing, key, on_click=partial(_clicked, f"chart-{key}", efficient.points))
    chart.numbers(drawing, key)
    _by_name(efficient)


def _clicked(key: str, points: Sequence[Point]) -> None:
    """Choose the candidate of the point that was clicked; points without a number are no candidates."""
    clicked = [index for point in st.session_state[key].selection.points if (index := chosen.number(point)) is not None]
    if clicked:
        chosen.choose(points[clicked[0]].deployment)


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
