"""Deploying from the page: Plan, the typed name, Apply; Status; Remove. Or in a sentence why this visitor may not."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from headroom.deploy import tell
from headroom.deploy.live.status import Status
from headroom.ui.deploy import acts, gate, show, visit, work
from headroom.ui.deploy.acts import Planned, Subject
from headroom.ui.deploy.work import Work
from headroom.ui.widgets.plain_text import lines, md
from simulator.errors import HeadroomError

_WORK, _KEY = "deploy_work", "deploy_key"


def draw(subject: Subject | None) -> None:
    """Draw what can be done with a subject, what is under way, and how what was asked for last has ended."""
    st.subheader("Deploy", anchor=False)
    why_not = gate.refusal(visit.operator(), visit.visitor())
    if why_not:
        st.info(lines(why_not), icon=":material/info:")
        if visit.can_log_in():
            st.button("Log in", on_click=st.login)
        return
    own: Work | None = st.session_state.get(_WORK)
    for under_way in work.running():
        if under_way is not own:
            show.progress(under_way)
    if own is not None and not own.ended:
        show.progress(own)
        return
    if subject is None:
        st.info("What is above has to be complete and simulated before it can be deployed.")
    else:
        _buttons(subject)
    if own is not None:
        _outcome(own, subject)


def _buttons(subject: Subject) -> None:
    st.markdown("Plan and Status only read. What changes something shows its plan first and wants its name typed.")
    with st.container(horizontal=True):
        pressed: list[Callable[[], Work]] = []
        if st.button("Plan", icon=":material/checklist:", type="primary", key="deploy-plan"):
            pressed.append(lambda: acts.plan(subject))
        if st.button("Status and drift", icon=":material/monitor:", key="deploy-status"):
            pressed.append(lambda: acts.status(subject))
        if st.button("Plan its removal", icon=":material/delete_sweep:", key="deploy-remove"):
            pressed.append(lambda: acts.plan_removal(subject.name, subject.scenario.region))
    for act in pressed:
        _begin(act, subject)


def _begin(act: Callable[[], Work], subject: Subject | None) -> None:
    """Begin work and draw the page with it; why it cannot begin is said in words."""
    try:
        begun = act()
    except HeadroomError as error:
        st.error(lines(str(error)))
        return
    st.session_state[_WORK] = begun
    st.session_state[_KEY] = None if subject is None else subject.key
    st.rerun()


def _outcome(own: Work, subject: Subject | None) -> None:
    """Draw how work has ended; a plan or a status only while the page is still about the same."""
    if own.what not in work.CHANGING and (subject is None or st.session_state[_KEY] != subject.key):
        st.caption("What was asked for last was about something else than what is above now: ask again.")
    elif own.problem:
        show.problem(own)
    elif isinstance(own.result, Planned):
        _planned(own.result, subject)
    elif isinstance(own.result, Status):
        show.status(own.result, None if subject is None else subject.answer)
    else:
        done = "Nothing of {} is left." if own.what == "destroy" else "{} is as planned."
        st.success(done.format(md(own.name)), icon=":material/check_circle:")
    show.log(own)


def _planned(planned: Planned, subject: Subject | None) -> None:
    """Draw a plan, and the field in which it is agreed to."""
    shown, removal = planned.plan, planned.wish is None
    if removal and not shown.steps:
        st.info(f"Nothing of {md(shown.name)} is there.")
        return
    show.plan(shown)
    if not shown.possible:
        st.error("This cannot be done as things are: what is in its way is marked above.")
    elif shown.steps:
        _agree(planned, subject)


def _agree(planned: Planned, subject: Subject | None) -> None:
    shown = planned.plan
    with st.form(f"agree-{shown.hash}"):
        show.where(shown)
        if shown.costs is not None:
            ceiling = tell.usd(shown.costs.most_usd_per_month)
            st.markdown(md(f"By the hour: {tell.usd(shown.costs.usd_per_month)} a month, at most {ceiling}."))
        simulated = None if subject is None or planned.wish is None else subject.answer.cost_usd_per_month
        if simulated is not None:
            st.markdown(md(f"All of it, requests too, as simulated: {tell.usd(simulated.value)} a month."))
        typed = st.text_input(f"Type {md(shown.name)} to agree", key=f"typed-{shown.hash}", width=420)
        label = "Remove" if planned.wish is None else "Apply"
        if st.form_submit_button(label, icon=":material/bolt:", key="deploy-agree"):
            _begin(lambda: acts.carry_out(planned, typed), subject)
