"""The search on Compare: where to look, the first recommendation, the decided one with its reasons, and taking winners
over. What is under consideration changes only on a click.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import is_complete
from headroom.advisor.order import runner_up
from headroom.advisor.prepared import prepare
from headroom.advisor.search.types import Plan, Screen
from headroom.advisor.tell import limit_text, preliminary, words
from headroom.advisor.tell.argument import argue_plan
from headroom.sharing.exports.export import DefendedPlan
from headroom.ui.compare.cards import configuration, limit_of
from headroom.ui.shell import cached, downloads, long_work, state
from headroom.ui.widgets import forms
from headroom.ui.widgets.plain_text import md
from headroom.work.jobs import WorkOrder
from simulator.patterns.registry import BY_KEY, Deployment
from simulator.scenario import MAX_DEPLOYMENTS, Scenario

WANTED = "search_wanted"
TITLE = "Find the best configurations"


def show(scenario: Scenario) -> None:
    """Draw the section of the search, in a frame of its own."""
    order = _order("plan", scenario)
    with st.container(border=True, key="finder"):
        st.subheader("What would be best?", anchor=False)
        st.caption(
            "Searches instance types, counts, scaling and memory of every pattern: the fast answer looks at all"
            " candidates, exact runs decide. Your deployments stay as they are until you take one over."
        )
        _search_form(scenario)
        statuses = cached.pool().statuses([order.key])
        if statuses and statuses[0].state == "done":
            _decided(statuses[0].result)
        elif st.session_state.get(WANTED) == order.key:
            _under_way(scenario, order)
        else:
            st.button(TITLE, icon=":material/search:", on_click=_want, args=(order.key,))


def _order(kind: str, scenario: Scenario) -> WorkOrder:
    """Return an order that leaves out the deployments, so that taking winners over does not begin a new search."""
    return cached.order(kind, scenario=scenario.model_copy(update={"deployments": ()}))


def _want(key: str) -> None:
    st.session_state[WANTED] = key


def _search_form(scenario: Scenario) -> None:
    """Draw the form of the search space."""
    with st.expander("Where to look, and for what", icon=":material/filter_alt:"):
        choices = {"patterns": tuple(BY_KEY), "families": cached.families(scenario.region)}
        edited = forms.edit(scenario.search, "search", forms.Options(choices=choices))
    if edited is not None and edited != scenario.search:
        state.change(scenario.model_copy(update={"search": edited}))


def _under_way(scenario: Scenario, order: WorkOrder) -> None:
    first = long_work.ask(_order("screen", scenario), "the first look", pool=cached.quick_pool())
    status = long_work.ask(order, "the search")
    if status.result is not None:
        _decided(status.result)
    elif first.result is not None:
        _recommended(first.result)


def _recommended(screen: Screen) -> None:
    """Draw the first recommendation, which rests on estimates."""
    st.info(f"**First recommendation:** {md(preliminary.first_look(screen))}", icon=":material/bolt:")
    _offers([(pattern.best, "") for pattern in screen.patterns if pattern.best is not None])
    _forbidden(screen)


def _decided(plan: Plan) -> None:
    """Draw the decided recommendation with the argument for it."""
    argument = argue_plan(plan)
    show, icon = (
        (st.warning, ":material/block:") if plan.comparison.best is None else (st.success, ":material/check_circle:")
    )
    show(f"**{md(argument.choice)}**", icon=icon)
    second = runner_up(plan.comparison)  # of which the sentence on the next best has said it already
    lost = [loss.sentence for loss in argument.lost if loss.deployment != second]
    for sentence in (argument.next_best, *lost, *argument.confidence):
        if sentence:
            st.markdown(f"- {md(sentence)}")
    st.caption(
        f"{words.counted(plan.screened, 'candidate')} looked at,"
        f" {words.counted(plan.simulated, 'exact run')} to decide."
    )
    downloads.offer(DefendedPlan(plan=plan, argument=argument))
    best = plan.comparison.best
    _offers([(answer, "Best" if index == best else "") for index, answer in enumerate(plan.comparison.evaluations)])


def _offers(answers: Sequence[tuple[Answer, str]]) -> None:
    """Draw each answer with a button that takes its deployment over."""
    deployments = state.scenario().deployments
    with st.grid(4, min_column_width=240):
        for index, (answer, badge) in enumerate(answers):
            with st.container(border=True, height="stretch"):
                _offer(index, answer, badge, deployments)
    able = [answer.deployment for answer, _ in answers if not answer.ruled_out]
    st.button(
        "Use these",
        icon=":material/done_all:",
        on_click=_use,
        args=(able, [answer for answer, _ in answers]),
        disabled=tuple(able) == deployments,
        help="Takes the place of the deployments under consideration. Undo brings yours back.",
    )


def _offer(index: int, answer: Answer, badge: str, deployments: Sequence[Deployment]) -> None:
    st.markdown(f"**{md(answer.deployment.name)}**")
    st.caption(md(configuration(answer.deployment)))
    if badge:
        st.badge(badge, icon=":material/check:", color="green")
    elif not answer.meets:
        st.badge("Does not meet", icon=":material/close:", color="orange")
    else:
        st.badge("Meets", icon=":material/check:", color="blue")
    for line in _figures(answer).split("; "):
        st.markdown(md(line))
    for clause in answer.clauses:
        if not clause.met:
            st.markdown(f":material/close: {md(f'{clause.title} {clause.value}{limit_of(clause)}')}")
    st.button(
        "Add to mine",
        key=f"take-{index}",
        icon=":material/add:",
        on_click=_add,
        args=(answer,),
        disabled=answer.deployment in deployments or len(deployments) >= MAX_DEPLOYMENTS,
    )


def _figures(answer: Answer) -> str:
    """Return cost and latency as text, each with its error or interval."""
    name = words.percentile(state.scenario().requirement.latency_percentile)
    cost = answer.cost_usd_per_month
    parts = [] if cost is None else [f"{words.precise(cost, words.dollars)} a month"]
    if name in answer.latency_s:
        parts.append(f"{name} latency {words.precise(answer.latency_s[name], words.seconds)}")
    return "; ".join(parts) or "no figures"


def _forbidden(screen: Screen) -> None:
    for pattern in screen.patterns:
        if pattern.best is None and pattern.forbidden:
            reason = limit_text.ruled_out(BY_KEY[pattern.pattern].title, pattern.forbidden, screen.scenario)
            st.markdown(f"- {md(reason)}.")


def _use(deployments: Sequence[Deployment], answers: Sequence[Answer]) -> None:
    """Take these deployments under consideration, and keep complete answers so that they are not simulated again."""
    scenario = state.scenario().model_copy(update={"deployments": tuple(deployments)})
    prepared = prepare(scenario, cached.world())
    complete = {answer.deployment: answer for answer in answers if is_complete(prepared, answer)}
    orders = zip(cached.orders(scenario), deployments, strict=True)
    cached.pool().keep([(order, complete[deployment]) for order, deployment in orders if deployment in complete])
    state.put(scenario, fresh=True)


def _add(answer: Answer) -> None:
    _use([*state.scenario().deployments, answer.deployment], [answer])
