"""Results on the page: ask the pools for what the scenario needs, show how it goes, draw the page again when something
is ready. A deployment that is not simulated yet has a preview, the fast answer (docs/fast-answer.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from headroom.advisor import compare
from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.tell import words
from headroom.ui.shell import cached, session
from headroom.ui.shell.long_work import doing
from headroom.ui.widgets.plain_text import lines, md
from headroom.work.jobs import State, Status, with_deployment
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario

PATIENCE_S = 0.08  # results this quick are shown at once, without a preview in between
PREVIEW_PATIENCE_S = 0.12  # and previews this quick without an empty card
LOOK_AGAIN_S = 0.4
SOON_S = 0.15  # while previews are missing
COMPILING_AFTER_S = 3.0
COMPILING = (
    "Compiling the simulator, once after installation. This takes about half a minute; nothing else has to wait."
)


@dataclass(frozen=True, slots=True)
class DeploymentResult:
    """The status of the evaluation of one deployment, and a preview while there is no exact answer."""

    status: Status
    preview: Answer | None

    @property
    def state(self) -> State:
        """The state of the evaluation."""
        return self.status.state

    @property
    def evaluation(self) -> Answer | None:
        """The exact answer; None until it is there."""
        return self.status.evaluation

    @property
    def answer(self) -> Answer | None:
        """The exact answer, or else the preview; None when neither is there."""
        return self.evaluation or self.preview


Results = tuple[DeploymentResult, ...]


def results(scenario: Scenario) -> Results:
    """Return what is known of each deployment, in order; draw the progress while work is under way."""
    orders = cached.orders(scenario)
    pool, quick = cached.pool(), cached.quick_pool()
    keys = [order.key for order in orders]
    missing = [index for index, status in enumerate(pool.want(session.watcher(), orders)) if status.state != "done"]
    previews = [cached.orders(scenario, "preview")[index] for index in missing]
    quick.want(session.watcher(), previews)
    if missing and not pool.wait(keys, PATIENCE_S):
        quick.wait([order.key for order in previews], PREVIEW_PATIENCE_S)
    exact = pool.statuses(keys)
    first_looks = dict(zip(missing, quick.statuses([order.key for order in previews]), strict=True))
    if not all(status.ended for status in exact):
        names = [deployment.name for deployment in scenario.deployments]
        ended = _ended(exact) + _ended(tuple(first_looks.values()))
        again_s = LOOK_AGAIN_S if all(status.ended for status in first_looks.values()) else SOON_S
        quick_keys = [order.key for order in previews]
        st.fragment(run_every=again_s)(_progress)(keys, quick_keys, names, ended)
    _failures(scenario, exact)
    return tuple(
        DeploymentResult(with_deployment(status, deployment), _preview(first_looks.get(index), deployment))
        for index, (status, deployment) in enumerate(zip(exact, scenario.deployments, strict=True))
    )


def comparison(scenario: Scenario, known_results: Results) -> Comparison | None:
    """Return the exact verdict over all deployments; None until every one of them is evaluated."""
    evaluations = [result.evaluation for result in known_results if result.evaluation is not None]
    if len(evaluations) < len(scenario.deployments):
        return None
    return compare.conclude(scenario, evaluations)


def preview(scenario: Scenario, known_results: Results) -> Comparison | None:
    """Return the preliminary verdict; None until every deployment has at least a preview."""
    answers = [result.answer for result in known_results if result.answer is not None]
    if len(answers) < len(scenario.deployments):
        return None
    return compare.preview(scenario, answers)


def _preview(status: Status | None, deployment: Deployment) -> Answer | None:
    """Return a preview under this viewer's own name for the deployment; None while there is none."""
    answer = None if status is None else status.result
    return replace(answer, deployment=deployment) if isinstance(answer, Answer) else None


def _ended(statuses: Sequence[Status]) -> int:
    return sum(status.ended for status in statuses)


def _progress(keys: Sequence[str], quick_keys: Sequence[str], names: Sequence[str], ended: int) -> None:
    """Draw the progress at short intervals, and the whole page again when another piece of work has ended."""
    pool = cached.pool()
    exact, previews = pool.statuses(keys), cached.quick_pool().statuses(quick_keys)
    if _ended(exact) + _ended(previews) != ended or len(exact) < len(keys):
        st.rerun()
    with st.container(border=True):
        if pool.starting and all(status.seconds > COMPILING_AFTER_S for status in exact):
            st.markdown(COMPILING)
        under_way = [(name, status) for name, status in zip(names, exact, strict=True) if not status.ended]
        texts = [f"{md(name)}: {doing(status, 'simulated', starting=pool.starting)}" for name, status in under_way]
        st.progress(sum(status.share for status in exact) / len(exact), text=" · ".join(texts))
        st.button("Stop the simulation", key="stop", on_click=pool.stop, args=(keys,), icon=":material/stop_circle:")


def _failures(scenario: Scenario, statuses: Sequence[Status]) -> None:
    lost = [(d, s) for d, s in zip(scenario.deployments, statuses, strict=True) if s.state in ("failed", "stopped")]
    for deployment, status in lost:
        if status.state == "failed":
            st.error(f"**{md(deployment.name)}** could not be simulated.\n\n{lines(status.message)}")
    stopped = [deployment.name for deployment, status in lost if status.state == "stopped"]
    if stopped:
        st.info(f"Stopped before it was finished: {md(words.joined(stopped))}.", icon=":material/stop_circle:")
    if lost:
        keys = [status.key for _, status in lost]
        st.button("Run again", key="again", on_click=cached.pool().run_again, args=(keys,), icon=":material/replay:")
