"""The scenario of a session, and its place in the address.

The scenario object in `session_state` is the truth; widgets are views of it. The router calls `sync` on every run
before the page is drawn: an address that the session did not write itself (a link, Back, Forward) wins, then the
address is written from the scenario, so browser Back is undo and the address can be copied at any moment. Undo and Redo
go through the scenarios that this session has had. Pinned scenarios (`headroom.ui.compare.pins`) and the portfolio
(`headroom.ui.portfolio.portfolio_state`) are in the address where they fit.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from headroom.errors import BadLink
from headroom.sharing import link
from headroom.sharing.presets import FIRST_SHOWN
from headroom.ui.portfolio import portfolio_state
from headroom.ui.shell import cached, history
from headroom.ui.workload.coarser import fitting
from simulator.errors import HeadroomError
from simulator.scenario import Scenario

FULL, SHORT, PINNED = "s", "l", "pin"
MOST_PIN_CHARACTERS = 3000

HELD = history.Held[Scenario]("scenario")
put, change, epoch = HELD.put, HELD.change, history.epoch


class Address(NamedTuple):
    """One parameter of the address: `s`, the scenario itself, or `l`, the id of a stored one."""

    name: str
    value: str


def scenario() -> Scenario:
    """The scenario of this session."""
    return HELD.value()


def pins() -> tuple[Scenario, ...]:
    """The pinned scenarios of this session."""
    found: tuple[Scenario, ...] = st.session_state.get("pins", ())
    return found


def set_pins(new: tuple[Scenario, ...]) -> None:
    """Keep these as the pinned ones, and in the address if they are short."""
    st.session_state["pins"] = new
    try:
        text = ",".join(link.encode(one) for one in new)
    except BadLink:
        text = ""
    st.session_state["pinned"] = text if len(text) <= MOST_PIN_CHARACTERS else ""


def sync(*, portfolio_first: bool = False) -> None:
    """Read the address if it is not our own, then write it. portfolio_first: the page is about the portfolio."""
    portfolio_state.sync()
    if "pins" not in st.session_state:
        _open_pins(st.query_params.get(PINNED, ""))
    given = _given()
    if given is not None and given != st.session_state.get("address"):
        _open(given)
    if not HELD.is_there():
        problem = HELD.problem()
        put(cached.preset(FIRST_SHOWN), fresh=True)
        HELD.complain(problem)
    _write(_address_of(scenario()), portfolio_first=portfolio_first)


def too_large() -> str:
    """Why the scenario has no place in the address; empty when it has one."""
    return str(st.session_state.get("too_large", ""))


def short_link() -> None:
    """Keep the scenario on this server and put its id into the address. Only ever called by a click."""
    try:
        st.session_state["stored"] = (scenario(), cached.store().put(scenario()))
    except HeadroomError as error:
        HELD.complain(str(error))


def coarser() -> None:
    """Make the trace coarser until the scenario fits into a link."""
    found = fitting(scenario())
    if found is None:
        HELD.complain("this scenario does not get small enough with a coarser trace.")
    else:
        put(found, fresh=True)


def share_url() -> str:
    """The address of what is on the screen, for copying; empty when there is none."""
    address = st.session_state.get("address")
    here = urlsplit(st.context.url or "http://localhost:8501/")
    query = "&".join(f"{name}={value}" for name, value in _wanted(address).items())
    return urlunsplit((here.scheme, here.netloc, here.path or "/", query, "")) if address else ""


def _open_pins(text: str) -> None:
    """Take up the pins of a link; one that cannot be read is left out."""
    found = []
    for part in [part for part in text[:MOST_PIN_CHARACTERS].split(",") if part]:
        with suppress(HeadroomError):
            found.append(link.decode(part))
    set_pins(tuple(found))


def _wanted(address: Address | None) -> dict[str, str]:
    """The parameters of the address."""
    pinned = st.session_state.get("pinned", "")
    own = {address.name: address.value} if address is not None else {}
    return {**own, **({PINNED: pinned} if pinned else {})}


def _given() -> Address | None:
    for name in (FULL, SHORT):
        if st.query_params.get(name):
            return Address(name, st.query_params[name])
    return None


def _open(given: Address) -> None:
    try:
        found = link.decode(given.value) if given.name == FULL else cached.store().get(given.value)
    except HeadroomError as error:
        HELD.complain(str(error))
        return
    put(found, fresh=True)
    if given.name == SHORT:
        st.session_state["stored"] = (found, given.value)


def _address_of(current: Scenario) -> Address | None:
    encoded_for, address = st.session_state.get("encoded", (None, None))
    stored_for, stored = st.session_state.get("stored", (None, ""))
    if stored_for is current:
        st.session_state["too_large"] = ""
        return Address(SHORT, stored)
    if encoded_for is current:
        known: Address | None = address
        return known
    made = _encoded(current)
    st.session_state["encoded"] = (current, made)
    return made


def _encoded(current: Scenario) -> Address | None:
    try:
        address = Address(FULL, link.encode(current))
    except BadLink as error:
        st.session_state["too_large"] = str(error)
        return None
    st.session_state["too_large"] = ""
    return address


def _write(address: Address | None, *, portfolio_first: bool) -> None:
    st.session_state["address"] = address
    own, its = _wanted(address), portfolio_state.parameters(own_page=portfolio_first)
    wanted = _fitting({**its, **own} if portfolio_first else {**own, **its})
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def _fitting(parameters: dict[str, str]) -> dict[str, str]:
    """The first one, and of the others those that leave the address no longer than a link may be."""
    out: dict[str, str] = {}
    for name, value in parameters.items():
        if not out or sum(map(len, out.values())) + len(value) <= link.MAX_LINK_CHARS:
            out[name] = value
    return out
