"""The scenario of a session, and its place in the address.

The scenario object in `session_state` is the truth; widgets are views of it. The router calls `sync` on every run
before the page is drawn: an address that the session did not write itself (a link, Back, Forward) wins, then the
address is written from the scenario, so browser Back is undo and the address can be copied at any moment. Undo and Redo
go through the scenarios that this session has had. Pinned scenarios (`headroom.ui.plan.pins`) and the portfolio
(`headroom.ui.portfolio.portfolio_state`) are in the address where they fit.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import streamlit as st

from headroom.errors import BadLink
from headroom.sharing import link
from headroom.sharing.presets import FIRST_SHOWN
from headroom.ui.portfolio import portfolio_state
from headroom.ui.shell import cached, history, sent, view
from headroom.ui.shell.place import AddressPlace, address
from headroom.ui.workload.coarser import fitting
from simulator.errors import HeadroomError
from simulator.scenario import Scenario

PINNED = "pin"
MOST_PIN_CHARACTERS = 3000


def _load(id_: str) -> Scenario:
    """Return the stored scenario, and take over the answer that was sent along."""
    stored, answer = cached.store().get_sent(id_)
    sent.open_text(answer)
    return stored


HELD = history.Held[Scenario]("scenario")
PLACE = AddressPlace(
    history=HELD,
    full="s",
    short="l",
    encode=link.encode,
    decode=link.decode,
    keep=lambda scenario: cached.store_to_write().put(scenario, sent.text_to_send(scenario)),
    load=_load,
    tab="k",
    pack=link.pack_scenario,
    unpack=link.unpack_scenario,
)


scenario, put, change, epoch = HELD.value, HELD.put, HELD.change, history.epoch


def pins() -> tuple[Scenario, ...]:
    """Return the pinned scenarios of this session."""
    pinned: tuple[Scenario, ...] = st.session_state.get("pins", ())
    return pinned


def set_pins(new: tuple[Scenario, ...]) -> None:
    """Keep these scenarios as the pinned ones; they also stand in the address when they are short."""
    st.session_state["pins"] = new
    try:
        text = ",".join(link.encode(pin) for pin in new)
    except BadLink:
        text = ""
    st.session_state["pinned"] = text if len(text) <= MOST_PIN_CHARACTERS else ""


def sync(*, portfolio_first: bool = False) -> None:
    """Read the address if this session did not write it, then write it. portfolio_first: the page is about the
    portfolio.
    """
    portfolio_state.sync()
    if "pins" not in st.session_state:
        _open_pins(st.query_params.get(PINNED, ""))
    if sent.PARAMETER in st.query_params:
        sent.open_text(st.query_params[sent.PARAMETER])
    PLACE.read(partial(cached.preset, FIRST_SHOWN))
    view.sync()
    _write({**PLACE.write(), **_with_sent(), **view.parameters()}, portfolio_first=portfolio_first)


def coarser() -> None:
    """Make the trace coarser until the scenario fits into a link."""
    fit = fitting(scenario())
    if fit is None:
        HELD.complain("this scenario does not get small enough with a coarser trace.")
    else:
        put(fit.scenario, fresh=True)
        st.toast(f"The trace now: {fit.loss}.", icon=":material/compress:")


def share_url() -> str:
    """Return the address of what is on the screen, for copying; empty when there is none."""
    parameters = PLACE.parameters()
    answer = sent.text_to_send(scenario())
    with_answer = {sent.PARAMETER: answer} if answer and not PLACE.is_stored() else _with_sent()
    whole = _with_pins({**parameters, **with_answer, **view.parameters()})
    return address(_fitting(whole)) if parameters else ""


def _with_sent() -> dict[str, str]:
    """Return the parameter of the answer that a link brought; a short link has it in the store."""
    return {} if PLACE.is_stored() else sent.parameters(scenario())


def _open_pins(text: str) -> None:
    """Take over the pins of a link; one that cannot be read is left out."""
    scenarios = []
    for part in [part for part in text[:MOST_PIN_CHARACTERS].split(",") if part]:
        with suppress(HeadroomError):
            scenarios.append(link.decode(part))
    set_pins(tuple(scenarios))


def _with_pins(parameters: dict[str, str]) -> dict[str, str]:
    """Return the parameter of the scenario, and that of the pins if they are short."""
    pinned = st.session_state.get("pinned", "")
    return {**parameters, **({PINNED: pinned} if pinned else {})}


def _write(parameters: dict[str, str], *, portfolio_first: bool) -> None:
    scenario_parameters, portfolio_parameters = (
        _with_pins(parameters),
        portfolio_state.parameters(own_page=portfolio_first),
    )
    wanted_parameters = _fitting(
        {**portfolio_parameters, **scenario_parameters}
        if portfolio_first
        else {**scenario_parameters, **portfolio_parameters}
    )
    if st.query_params.to_dict() != wanted_parameters:
        st.query_params.from_dict(wanted_parameters)


def _fitting(parameters: dict[str, str]) -> dict[str, str]:
    """Return the first parameter, and those of the others that keep the address within the limit of a link."""
    result: dict[str, str] = {}
    for name, value in parameters.items():
        if not result or sum(map(len, result.values())) + len(value) <= link.MAX_LINK_CHARS:
            result[name] = value
    return result
