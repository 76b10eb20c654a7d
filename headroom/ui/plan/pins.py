"""Side by side: two candidates, of this scenario or of pinned ones, with what differs marked.

A pin is a scenario as it was when it was pinned. Pins last as long as the session, and travel in the link (`pin`) where
they are short enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from headroom.advisor.answer import Answer
from headroom.advisor.tell import words
from headroom.advisor.tell.differences import Difference, inputs, results
from headroom.ui.shell import cached, long_work, state
from headroom.ui.shell.live import Results
from headroom.ui.widgets.plain_text import md
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario

MOST_PINS = 3
SIDES = ("Left", "Right")


class Candidate(NamedTuple):
    """A deployment of a pinned scenario, or of the present one (pin is None), by its place in the scenario."""

    pin: int | None
    scenario: Scenario
    place: int

    @property
    def deployment(self) -> Deployment:
        """The deployment that the candidate names."""
        return self.scenario.deployments[self.place]

    @property
    def label(self) -> str:
        """The deployment's number and name, and for a pinned one the pin that it comes from."""
        origin = "" if self.pin is None else f" · pin {self.pin + 1}, {self.scenario.workload.name}"
        return f"{self.place + 1}. {self.deployment.name}{origin}"


def show(scenario: Scenario, live_results: Results) -> None:
    """Draw an expander with the pins, the choice of two candidates and the table of their differences."""
    pins = state.pins()
    with st.expander("Side by side", icon=":material/compare_arrows:", key="pins"):
        st.caption("Pin this scenario, change something, and hold the new numbers against the pinned ones.")
        with st.container(horizontal=True):
            st.button(
                "Pin this scenario",
                icon=":material/keep:",
                on_click=_pin,
                disabled=scenario in pins or len(pins) >= MOST_PINS or not scenario.deployments,
            )
            for number, pinned_scenario in enumerate(pins):
                st.button(
                    f"Unpin {number + 1}",
                    key=f"unpin-{number}",
                    on_click=_unpin,
                    args=(pinned_scenario,),
                    icon=":material/keep_off:",
                )
        candidates = [Candidate(None, scenario, index) for index in range(len(scenario.deployments))]
        candidates += [
            Candidate(pin, pinned_scenario, index)
            for pin, pinned_scenario in enumerate(pins)
            for index in range(len(pinned_scenario.deployments))
        ]
        if len(candidates) > 1:
            _two(candidates, live_results)


def _two(candidates: Sequence[Candidate], live_results: Results) -> None:
    left_column, right = st.columns(2)
    pair = []
    for side_index, (side, place) in enumerate(zip(SIDES, (left_column, right), strict=True)):
        first = _default(candidates, side_index)
        with place:
            pick = st.selectbox(
                side,
                range(len(candidates)),
                index=first,
                format_func=lambda n: candidates[n].label,
                key=f"side{side_index}:{state.epoch()}:{len(candidates)}",
            )
        pair.append(candidates[pick])
    evaluations = [_evaluation(candidate, side, live_results) for candidate, side in zip(pair, SIDES, strict=True)]
    if evaluations[0] is not None and evaluations[1] is not None:
        _table((pair[0], evaluations[0]), (pair[1], evaluations[1]))


def _default(candidates: Sequence[Candidate], side: int) -> int:
    """Return the index of the candidate that a side shows first: a pinned one on the left, a present one on the
    right.
    """
    pinned = [index for index, candidate in enumerate(candidates) if candidate.pin is not None]
    if side == 0:
        return pinned[0] if pinned else 0
    return 0 if pinned else 1


def _evaluation(candidate: Candidate, side: str, live_results: Results) -> Answer | None:
    """Return the exact answer of a candidate, simulating it when it is not known; None while that takes place."""
    if candidate.pin is None:
        return live_results[candidate.place].evaluation
    order = cached.orders(candidate.scenario)[candidate.place]
    return long_work.ask(order, f"the run on the {side.lower()}", topic=f"pin {side}").evaluation


def _table(left: tuple[Candidate, Answer], right: tuple[Candidate, Answer]) -> None:
    first, second = left[0], right[0]
    percentile = words.percentile(first.scenario.requirement.latency_percentile)
    outcome = list(results(left[1], right[1], percentile))
    differing = [
        *inputs(_without_deployments(first.scenario), _without_deployments(second.scenario)),
        *inputs(first.deployment, second.deployment),
    ]
    st.markdown(f"**Results** of {md(first.label)} and {md(second.label)}")
    _lines(outcome)
    st.markdown(f"**{words.counted(len(differing), 'input differs', 'inputs differ')}**")
    if differing:
        _lines([line._replace(remark="≠") for line in differing])


def _without_deployments(scenario: Scenario) -> Scenario:
    return scenario.model_copy(update={"deployments": ()})


def _lines(differences: Sequence[Difference]) -> None:
    st.table(
        {
            "": [md(line.what) for line in differences],
            SIDES[0]: [md(line.left) for line in differences],
            SIDES[1]: [md(line.right) for line in differences],
            "Difference": [md(line.remark) for line in differences],
        },
        hide_index=True,
    )


def _pin() -> None:
    state.set_pins((*state.pins(), state.scenario()))


def _unpin(scenario: Scenario) -> None:
    state.set_pins(tuple(pin for pin in state.pins() if pin != scenario))
