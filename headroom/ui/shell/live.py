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
from headroom.work.jobs import State, Status, named
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
class Result:
    """What is known of one deployment: how its evaluation is doing, and a preview while there is none."""

    status: Status
    preview: Answer | None

    @property
    def state(self) -> State:
        """How the evaluation is doing."""
        return self.status.state

    @property
    def evaluation(self) -> Answer | None:
        """The exact result, once it is there."""
        return self.status.evaluation

    @property
    def known(self) -> Answer | None:
        """The exact result, or else the preview."""
        return self.evaluation or self.preview


Results = tuple[Result, ...]


def results(scenario: Scenario) -> Results:
    """What is known of each deployment, in the scenario's order; draws the progress while anything is under way."""
    orders = cached.orders(scenario)
    pool, quick = cached.pool(), cached.quick_pool()
    keys = [order.key for order in orders]
    missing = [at for at, status in enumerate(pool.want(session.watcher(), orders)) if status.state != "done"]
    previews = [cached.orders(scenario, "preview")[at] for at in missing]
    quick.want(session.watcher(), previews)
    if missing and not pool.wait(keys, PATIENCE_S):
        quick.wait([order.key for order in previews], PREVIEW_PATIENCE_S)
    found = pool.statuses(keys)
    seen = dict(zip(missing, quick.statuses([order.key for order in previews]), strict=True))
    if not all(status.ended for status in found):
        names = [deployment.name for deployment in scenario.deployments]
        drawn = _ended(found) + _ended(tuple(seen.values()))
        again_s = LOOK_AGAIN_S if all(status.ended for status in seen.values()) else SOON_S
        quick_keys = [order.key for order in previews]
        st.fragment(run_every=again_s)(_progress)(keys, quick_keys, names, drawn)
    _failures(scenario, found)
    return tuple(
        Result(named(status, deployment), _preview(seen.get(at), deployment))
        for at, (status, deployment) in enumerate(zip(found, scenario.deployments, strict=True))
    )


def comparison(scenario: Scenario, found: Results) -> Comparison | None:
    """The verdict over all deployments, once every one of them is evaluated."""
    evaluations = [result.evaluation for result in found if result.evaluation is not None]
    if len(evaluations) < len(scenario.deployments):
        return None
    return compare.conclude(scenario, evaluations)


def preview(scenario: Scenario, found: Results) -> Comparison | None:
    """The preliminary verdict, once every deployment has at least a preview."""
    known = [result.known for result in found if result.known is not None]
    if len(known) < len(scenario.deployments):
        return None
    return compare.preview(scenario, known)


def _preview(status: Status | None, deployment: Deployment) -> Answer | None:
    """A preview that is there, under this viewer's own name for the deployment."""
    found = None if status is None else status.result
    return replace(found, deployment=deployment) if isinstance(found, Answer) else None


def _ended(found: Sequence[Status]) -> int:
    return sum(status.ended for status in found)


def _progress(keys: Sequence[str], quick_keys: Sequence[str], names: Sequence[str], drawn: int) -> None:
    """Runs by itself every moment; redraws the whole page when one more has ended."""
    pool = cached.pool()
    found, previews = pool.statuses(keys), cached.quick_pool().statuses(quick_keys)
    if _ended(found) + _ended(previews) != drawn or len(found) < len(keys):
        st.rerun()
    with st.container(border=True):
        if pool.starting and all(status.seconds > COMPILING_AFTER_S for status in found):
            st.markdown(COMPILING)
        under_way = [(name, status) for name, status in zip(names, found, strict=True) if not status.ended]
        said = [f"{md(name)}: {doing(status, 'simulated', starting=pool.starting)}" for name, status in under_way]
        st.progress(sum(status.share for status in found) / len(found), text=" · ".join(said))
        st.button("Stop the simulation", key="stop", on_click=pool.stop, args=(keys,), icon=":material/stop_circle:")


def _failures(scenario: Scenario, found: Sequence[Status]) -> None:
    lost = [(d, s) for d, s in zip(scenario.deployments, found, strict=True) if s.state in ("failed", "stopped")]
    for deployment, status in lost:
        if status.state == "failed":
            st.error(f"**{md(deployment.name)}** could not be simulated.\n\n{lines(status.message)}")
    stopped = [deployment.name for deployment, status in lost if status.state == "stopped"]
    if stopped:
        st.info(f"Stopped before it was finished: {md(words.joined(stopped))}.", icon=":material/stop_circle:")
    if lost:
        keys = [status.key for _, status in lost]
        st.button("Run again", key="again", on_click=cached.pool().again, args=(keys,), icon=":material/replay:")
