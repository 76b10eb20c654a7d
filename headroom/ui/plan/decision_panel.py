"""The decision on the screen: what to take, why, how sure, the picture, and what stands behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from headroom.advisor.answer import Answer
from headroom.advisor.order import runner_up
from headroom.advisor.search.types import Plan, Point
from headroom.advisor.tell import words
from headroom.advisor.tell.argument import argue_plan
from headroom.advisor.tell.decision import Decision, Standing, against, cost_and_latency, hangs_on
from headroom.advisor.tell.tail import tail
from headroom.sharing.exports.export import DefendedPlan
from headroom.ui.figures import plane
from headroom.ui.plan import yours
from headroom.ui.plan.stages import Known
from headroom.ui.shell import chart, downloads, state
from headroom.ui.widgets.plain_text import md
from simulator.patterns.registry import BY_KEY


def headline(decided: Decision, known: Known) -> None:
    """Draw the decision in three lines: what, why, and how sure and on which assumption."""
    icon = ":material/check_circle:" if decided.best is not None else ":material/block:"
    st.subheader(f"{icon} {md(decided.headline)}", anchor=False)
    hangs = "" if known.tornado is None else hangs_on(known.tornado, decided.scenario)
    sure = " ".join(filter(None, [decided.sure, known.changed, hangs]))
    how = ":material/done_all:" if decided.exact else ":material/bolt:"
    st.markdown(f"{md(decided.why)}  \n{how} {md(sure)}")


def picture(decided: Decision, known: Known, own: Sequence[plane.Spot]) -> None:
    """Draw the plane of cost and latency, and a chip for each pattern that cannot serve."""
    requirement = decided.scenario.requirement
    if known.plan is not None:
        efficient = plane.of_plan(known.plan, own, words.percentile(requirement.latency_percentile))
    elif known.screen is not None:
        efficient = plane.of_screen(known.screen, own)
    else:
        return
    key = f"plane:{state.epoch()}:{efficient.decided}"
    drawing = plane.draw(efficient, requirement, chart.look())
    st.markdown(f"**{md(drawing.question)}**")
    chart.figure(drawing, key, on_click=partial(_clicked, f"chart-{key}", efficient.points))
    _chips(decided)
    _clicked_candidate(decided)
    patterns(decided)
    chart.numbers(drawing, key)


def _chips(decided: Decision) -> None:
    """Draw a chip for each pattern that cannot serve, with its reason."""
    losers = [standing for standing in decided.standings if not standing.serves]
    if losers:
        with st.container(horizontal=True, gap="small"):
            for standing in losers:
                st.badge(md(f"{standing.title}: {standing.reason}"), icon=":material/block:", color="gray")


def patterns(decided: Decision) -> None:
    """Draw a row for each pattern that serves, the best first, and one line for each that does not."""
    st.markdown("**The best of each pattern**")
    for standing in decided.standings:
        if standing.serves and standing.answer is not None:
            _row(decided, standing, standing.answer)
    for standing in decided.standings:
        if not standing.serves:
            st.markdown(f":material/block: **{md(standing.title)}** cannot serve: {md(_folded(decided, standing))}")


def _row(decided: Decision, standing: Standing, answer: Answer) -> None:
    best = decided.best
    gap = "" if best is None or best is answer else f" · {against(answer, best, decided.scenario)}"
    name = BY_KEY[standing.pattern].description.configuration(answer.deployment)
    figures = cost_and_latency(decided.scenario, answer)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/check: **{md(standing.title)}** {md(name)}: {md(figures)}{md(gap)}", width="stretch")
        st.button(
            "Add to mine",
            key=f"take-{standing.pattern}",
            icon=":material/add:",
            on_click=yours.add,
            args=(answer,),
            disabled=answer.deployment in state.scenario().deployments,
            type="tertiary",
        )


def _folded(decided: Decision, standing: Standing) -> str:
    """Return why a pattern cannot serve, and what it would cost and take."""
    figures = "" if standing.answer is None else cost_and_latency(decided.scenario, standing.answer)
    return f"{standing.reason}{f'; {figures}' if figures else ''}"


def review_line(decided: Decision) -> None:
    """Draw the tail of the best in a form to paste into a review."""
    best = decided.best
    text = "" if best is None else tail(decided.scenario, best)
    if best is not None and text:
        st.caption("The tail, to paste into a review")
        st.code(f"{best.deployment.name}: {text}.", language=None, wrap_lines=True)


def argument(plan: Plan) -> None:
    """Draw the whole argument for the choice, closed."""
    argued = argue_plan(plan)
    second = runner_up(plan.comparison)  # of which the sentence on the next best has said it already
    lost = [loss.sentence for loss in argued.lost if loss.deployment != second]
    with st.expander("Why, in full", icon=":material/balance:"):
        for sentence in filter(None, (argued.choice, argued.next_best, *lost, *argued.confidence)):
            st.markdown(f"- {md(sentence)}")
        looked, runs = words.counted(plan.screened, "candidate"), words.counted(plan.simulated, "exact run")
        st.caption(f"{looked} looked at, {runs} to decide. Where to look, and for what, is in all settings.")
        downloads.offer(DefendedPlan(plan=plan, argument=argued))


def _clicked(key: str, points: Sequence[Point]) -> None:
    """Note which candidate was clicked, to be shown with what it is; nothing is replaced by a click."""
    clicked = [index for point in st.session_state[key].selection.points if (index := number(point)) is not None]
    st.session_state["plane_clicked"] = points[clicked[0]] if clicked else None


def number(clicked: Mapping[str, Any]) -> int | None:
    """Return the index of the candidate of a clicked point; None when the point is no candidate."""
    index = clicked.get("customdata")
    index = index[0] if isinstance(index, list) else index
    return None if index is None else int(index)


def _clicked_candidate(decided: Decision) -> None:
    """Draw the candidate that was clicked, with a button that adds it to the user's own."""
    point: Point | None = st.session_state.get("plane_clicked")
    if point is None or point.latency_s is None:
        return
    name = words.percentile(decided.scenario.requirement.latency_percentile)
    figures = f"{words.dollars(point.cost_usd_per_month.value)} a month, {name} {words.seconds(point.latency_s.value)}"
    source = "simulated" if point.exact else "fast answer"
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f":material/ads_click: **{md(point.deployment.name)}**: {md(figures)} ({source})", width="stretch")
        st.button(
            "Add to mine",
            key="take-clicked",
            icon=":material/add:",
            on_click=yours.add_deployment,
            args=(point.deployment,),
            disabled=point.deployment in state.scenario().deployments,
        )
