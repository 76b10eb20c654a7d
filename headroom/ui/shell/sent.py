"""The answer that came with a link, or with a preset, for as long as the session holds the scenario that it is of."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from headroom.errors import BadLink
from headroom.sharing import preset_answers, sent_answer
from headroom.sharing.sent_answer import SentAnswer
from headroom.ui.shell import cached
from simulator.scenario import Scenario
from simulator.simulate import ENGINE_VERSION

PARAMETER = "a"
_SENT = "sent_answer"
_OWN = "own_answer"


def open_text(text: str) -> None:
    """Take over the answer of a link. One that cannot be read is left out: the answer is computed in any case."""
    try:
        st.session_state[_SENT] = sent_answer.decode(text)
    except BadLink:
        st.session_state.pop(_SENT, None)


def of(scenario: Scenario) -> SentAnswer | None:
    """Return the answer that was sent for this scenario, or else the one that is shipped with a preset."""
    sent = from_link(scenario)
    if sent is not None:
        return sent
    return preset_answers.answer_to(scenario, engine=ENGINE_VERSION, prices=cached.world().prices.version)


def from_link(scenario: Scenario) -> SentAnswer | None:
    """Return the answer that was sent for this scenario; None when there is none."""
    sent: SentAnswer | None = st.session_state.get(_SENT)
    return sent if sent is not None and sent.of == _digest(scenario) else None


def parameters(scenario: Scenario) -> dict[str, str]:
    """Return the parameter of the answer that was sent for this scenario, so that it outlives a reload."""
    sent = from_link(scenario)
    return {} if sent is None else {PARAMETER: sent_answer.encode(sent)}


def note_own(scenario: Scenario, answer: SentAnswer | None) -> None:
    """Keep the answer that is known here, to be sent with the next link of this scenario."""
    st.session_state[_OWN] = (scenario, answer)


def text_to_send(scenario: Scenario) -> str:
    """Return the text of the answer to send with this scenario; empty when none is known here."""
    of_scenario, answer = st.session_state.get(_OWN, (None, None))
    if of_scenario != scenario or answer is None:
        return ""
    try:
        return sent_answer.encode(answer)
    except BadLink:  # names that do not pack: the link goes without an answer
        return ""


@lru_cache(maxsize=16)
def _digest(scenario: Scenario) -> str:
    return sent_answer.digest(scenario)
