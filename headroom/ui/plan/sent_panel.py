"""The answer that came with a link or a preset, shown until it has been computed again, and what that has shown."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from headroom.advisor.search.types import Plan
from headroom.sharing import sent_answer
from headroom.sharing.sent_answer import SentAnswer
from headroom.ui.figures import sent_plane
from headroom.ui.shell import cached, chart, sent
from headroom.ui.widgets.plain_text import md
from simulator.scenario import Scenario
from simulator.simulate import ENGINE_VERSION


def of_plan(scenario: Scenario, plan: Plan) -> SentAnswer:
    """Return what a plan says, for a link made today."""
    prices, today = cached.world().prices.version, datetime.now(UTC).date()
    return sent_answer.of_plan(scenario, plan, made_on=today, engine=ENGINE_VERSION, prices=prices)


def show(scenario: Scenario, answer: SentAnswer) -> None:
    """Draw the decision and its picture as they were sent."""
    source = "as sent" if sent.from_link(scenario) is answer else "computed ahead"
    icon = ":material/check_circle:" if answer.chosen is not None else ":material/block:"
    st.subheader(f"{icon} {md(sent_answer.headline(answer, scenario))}", anchor=False)
    st.markdown(
        f":material/schedule_send: {source.capitalize()}, {sent_answer.as_of(answer)}; it is being computed again."
    )
    drawing = sent_plane.draw(answer, scenario.requirement, chart.look())
    if drawing is not None:
        st.markdown(f"**{md(drawing.question)}**")
        chart.figure(drawing, "sent")


def check(scenario: Scenario, plan: Plan) -> None:
    """Draw what computing the answer of a link again has shown; nothing where no link brought one."""
    answer = sent.from_link(scenario)
    if answer is not None:
        result = sent_answer.checked(answer, of_plan(scenario, plan))
        st.caption(md(f"Sent {sent_answer.as_of(answer)}, computed again: {result}."))
