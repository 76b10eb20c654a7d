"""Results on the page: ask the pool for what the scenario needs, show how it goes, draw the page again when something
is ready.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from advisor import words
from advisor.compare import conclude
from advisor.evaluation import Comparison
from simulator.scenario import Scenario
from ui import cached, state
from ui.asking import doing
from ui.jobs import Status, named
from ui.text import lines, md

PATIENCE_S = 0.5  # results this quick are shown at once, without a progress bar in between
LOOK_AGAIN_S = 0.5
COMPILING_AFTER_S = 3.0

Results = tuple[Status, ...]


def results(scenario: Scenario) -> Results:
    """How each deployment's evaluation is doing, in the scenario's order; draws the progress while any is under way."""
    orders = cached.orders(scenario)
    pool = cached.pool()
    pool.want(state.watcher(), orders)
    keys = [order.key for order in orders]
    pool.wait(keys, PATIENCE_S)
    found = pool.statuses(keys)
    if not all(status.ended for status in found):
        names = [deployment.name for deployment in scenario.deployments]
        st.fragment(run_every=LOOK_AGAIN_S)(_progress)(keys, names, _ended(found))
    _failures(scenario, found)
    return tuple(named(status, deployment) for status, deployment in zip(found, scenario.deployments, strict=True))


def comparison(scenario: Scenario, found: Results) -> Comparison | None:
    """The verdict over all deployments, once every one of them is evaluated."""
    evaluations = [status.evaluation for status in found if status.evaluation is not None]
    if len(evaluations) < len(scenario.deployments):
        return None
    return conclude(scenario, evaluations)


def _ended(found: Results) -> int:
    return sum(status.ended for status in found)


def _progress(keys: Sequence[str], names: Sequence[str], ended: int) -> None:
    """Runs by itself every half second; redraws the whole page when one more has ended."""
    found = cached.pool().statuses(keys)
    if _ended(found) != ended or len(found) < len(keys):
        st.rerun()
    with st.container(border=True):
        if cached.pool().starting and all(status.seconds > COMPILING_AFTER_S for status in found):
            st.markdown("Compiling the simulator, once after installation. This takes about half a minute.")
        for name, status in zip(names, found, strict=True):
            if not status.ended:
                said = doing(status, "simulated", starting=cached.pool().starting)
                st.progress(status.share, text=f"{md(name)}: {said}")
        st.button(
            "Stop the simulation", key="stop", on_click=cached.pool().stop, args=(keys,), icon=":material/stop_circle:"
        )


def _failures(scenario: Scenario, found: Results) -> None:
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
