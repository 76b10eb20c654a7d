"""What is drawn of a plan, of work under way and of its outcome. Names in it are user text: all of it is made plain."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from headroom.advisor.answer import Answer
from headroom.deploy import tell
from headroom.deploy.live.status import Status
from headroom.deploy.live.tell_status import status_lines
from headroom.deploy.steps import Check, DeployPlan
from headroom.ui.deploy.work import CHANGING, TITLES, Work
from headroom.ui.widgets.plain_text import lines, md

LOOK_AGAIN_S = 1.0
_ICONS = {True: ":material/check_circle:", False: ":material/block:", None: ":material/help:"}


def progress(work: Work) -> None:
    """Draw how work goes, and the whole page again when it has ended."""
    st.fragment(run_every=LOOK_AGAIN_S)(_progress)(work)


def _progress(work: Work) -> None:
    if work.ended:
        st.rerun()
    with st.status(f"{TITLES[work.what]}: {md(work.name)}", state="running", expanded=True):
        _list(work.lines or ["It asks AWS."])
    if work.what in CHANGING:
        st.caption(
            f"Begun {work.began:%H:%M} UTC. It goes on when this tab is closed. If the server ends in the middle, plan"
            " and apply again: it goes on from the journal, and its removal takes away what is there."
        )


def plan(planned: DeployPlan) -> None:
    """Draw a plan: what, where and as whom, each step, what it costs, what was looked at, what is in its way."""
    st.markdown(f"**{md(planned.name)}**: this plan {tell.AIMS[planned.aim]}.")
    where(planned)
    if planned.steps:
        st.markdown("\n".join(f"{number}. {md(tell.step_line(step))}" for number, step in enumerate(planned.steps, 1)))
    if planned.costs is not None:
        st.markdown("**Cost**")
        _list(tell.cost_lines(planned.costs))
        if planned.during_usd_per_hour:
            st.markdown(md(tell.during_line(planned)))
    if planned.checks:
        st.markdown("**Looked at**")
        st.markdown("\n\n".join(_check(check) for check in planned.checks))
    for note in planned.notes:
        st.caption(md(note))
    for problem in planned.refusals:
        st.error(lines(f"In its way: {problem}"))


def where(planned: DeployPlan) -> None:
    """Draw account, Region, caller, and the address that stands in AWS's place."""
    told = list(tell.place_lines(planned))
    st.markdown(md(told[0]))
    for line in told[1:]:
        st.warning(md(line), icon=":material/cloud:")


def status(found: Status, predicted: Answer | None) -> None:
    """Draw a status: what is, what differs, what it costs, the observed beside the predicted."""
    _list(status_lines(found, predicted))


def problem(work: Work) -> None:
    """Draw why work came to nothing, and what is left of it."""
    st.error(lines(f"{TITLES[work.what]} ended without success: {work.problem}"))
    _list(work.left)


def log(work: Work) -> None:
    """Draw what has happened, folded."""
    if work.lines:
        with st.expander("What was done", icon=":material/history:"):
            _list(work.lines)


def _check(check: Check) -> str:
    return f"{_ICONS[check.met]} {md(check.what)}: {md(check.told)}"


def _list(told: Iterable[str]) -> None:
    shown = "\n".join(f"- {md(line)}" for line in told if line.strip())
    if shown:
        st.markdown(shown)
