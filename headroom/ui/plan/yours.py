"""The user's own deployments: always held against the best, in cost and in latency."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from headroom.advisor.answer import Answer
from headroom.advisor.evaluate import is_complete
from headroom.advisor.prepared import prepare
from headroom.advisor.tell import clause_text, limit_text, words
from headroom.advisor.tell.decision import Decision, against, cost_and_latency
from headroom.ui.figures import plane
from headroom.ui.shell import cached, session, state
from headroom.ui.shell.live import Results
from headroom.ui.widgets.plain_text import md
from simulator.patterns.registry import Deployment
from simulator.scenario import MAX_DEPLOYMENTS, Scenario

PATIENCE_S = 0.15  # previews take milliseconds; one that takes longer is there when the page is drawn again


def spots(scenario: Scenario) -> list[plane.Spot]:
    """Return where the user's deployments are: exactly where that is known already, else by their previews."""
    evaluations, previews = cached.orders(scenario), cached.orders(scenario, "preview")
    exact = {status.key: status.result for status in cached.pool().statuses([order.key for order in evaluations])}
    quick = cached.quick_pool()
    quick.want(f"{session.watcher()}/mine", previews)
    quick.wait([order.key for order in previews], PATIENCE_S)
    fast = {status.key: status.result for status in quick.statuses([order.key for order in previews])}
    name = words.percentile(scenario.requirement.latency_percentile)
    places = (
        _spot(exact.get(order.key) or fast.get(preview.key), deployment.name, name)
        for deployment, order, preview in zip(scenario.deployments, evaluations, previews, strict=True)
    )
    return [place for place in places if place is not None]


def rows(scenario: Scenario, results: Results, decided: Decision | None) -> None:
    """Draw a line for each of the user's deployments, against the best of the search."""
    if not scenario.deployments:
        st.markdown(
            "None yet. Add what runs today below, or take one of the search over, and it is held against the best."
        )
    for number, (deployment, result) in enumerate(zip(scenario.deployments, results, strict=True), 1):
        answer = result.answer
        if answer is None:
            st.markdown(f":material/hourglass_empty: **{number}. {md(deployment.name)}** not evaluated yet")
        else:
            st.markdown(_line(scenario, number, answer, decided))


def add(answer: Answer) -> None:
    """Add the deployment of an answer to the user's, and keep a complete answer so that it is not simulated again."""
    add_deployment(answer.deployment)
    scenario = state.scenario()
    if answer.deployment in scenario.deployments and is_complete(prepare(scenario, cached.world()), answer):
        place = scenario.deployments.index(answer.deployment)
        cached.pool().keep([(cached.orders(scenario)[place], answer)])


def add_deployment(deployment: Deployment) -> None:
    """Add a deployment to the user's; where no more fit, it takes the place of the last."""
    scenario = state.scenario()
    kept = scenario.deployments[: MAX_DEPLOYMENTS - 1]
    state.put(scenario.model_copy(update={"deployments": (*kept, deployment)}), fresh=True)


def _spot(answer: Answer | None, name: str, percentile: str) -> plane.Spot | None:
    """Return where an answer lies, under this viewer's own name for its deployment; None when it has no place."""
    place = None if answer is None else plane.spot(answer, percentile)
    return None if place is None else replace(place, name=name)


def _line(scenario: Scenario, number: int, answer: Answer, decided: Decision | None) -> str:
    """Return what one of the user's deployments costs and takes, what it misses, and how far it is from the best."""
    lead = f"**{number}. {md(answer.deployment.name)}**"
    if answer.ruled_out:
        return f":material/block: {lead} cannot run: {md(limit_text.short(answer.ruled_out[0]))}"
    figures = cost_and_latency(scenario, answer) if not answer.unpriced else "cost not known"
    best = None if decided is None else decided.best
    gap = f" · against the best {against(answer, best, scenario)}" if best is not None and not answer.unpriced else ""
    preview = " (preview)" if answer.estimated else ""
    clause = clause_text.binding(answer.clauses)
    miss = "" if clause is None else f" · misses {clause_text.missed(clause)}"
    icon = ":material/check:" if answer.meets else ":material/close:"
    return f"{icon} {lead}: {md(f'{figures}{preview}{gap}{miss}')}"
