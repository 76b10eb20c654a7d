"""The portfolio of a session, and its place in the address, beside the scenario (`state`): `p`, or `pl` once it is
stored on this server.

On its own page the portfolio is always in the address; on other pages it is there once it is not the company of the
presets any more, so that a reload loses nothing. What was written last is kept: another text is a link or Back.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from headroom.advisor.portfolio.description import Portfolio
from headroom.errors import BadLink
from headroom.sharing.portfolio_link import decode_portfolio, encode_portfolio
from headroom.ui.shell import cached
from headroom.ui.shell.history import Held
from simulator.errors import HeadroomError

PAGE = "portfolio"
FULL, SHORT = "p", "pl"

HELD = Held[Portfolio]("portfolio")
put, change = HELD.put, HELD.change


def portfolio() -> Portfolio:
    """The portfolio of this session."""
    return HELD.value()


def sync() -> None:
    """Read the address if its portfolio is not the one that was written last."""
    given = {name: value for name in (FULL, SHORT) if (value := st.query_params.get(name, ""))}
    if given and given != st.session_state.get("portfolio_address"):
        _open(given)
    if not HELD.is_there():
        problem = HELD.problem()
        put(cached.company_portfolio(), fresh=True)
        HELD.complain(problem)


def parameters(*, own_page: bool) -> dict[str, str]:
    """What belongs into the address; noted as written."""
    found = address()
    st.session_state["portfolio_address"] = found
    return found if own_page or portfolio() != cached.company_portfolio() else {}


def too_large() -> str:
    """Why the portfolio has no place in the address; empty when it has one."""
    return str(st.session_state.get("portfolio_too_large", ""))


def short_link() -> None:
    """Keep the portfolio on this server and put its id into the address. Only ever called by a click."""
    try:
        st.session_state["portfolio_stored"] = (portfolio(), cached.store().put_portfolio(portfolio()))
    except HeadroomError as error:
        HELD.complain(str(error))


def share_url() -> str:
    """The address of the portfolio alone, for copying; empty when there is none."""
    here = urlsplit(st.context.url or f"http://localhost:8501/{PAGE}")
    query = "&".join(f"{name}={value}" for name, value in address().items())
    return urlunsplit((here.scheme, here.netloc, here.path or "/", query, "")) if query else ""


def address() -> dict[str, str]:
    """The parameter that holds the portfolio, or the id that it is stored under; none when it is too large."""
    stored_for, stored = st.session_state.get("portfolio_stored", (None, ""))
    if stored_for is portfolio():
        st.session_state["portfolio_too_large"] = ""
        return {SHORT: stored}
    text = _text()
    return {FULL: text} if text else {}


def _text() -> str:
    """The link text of the portfolio, made once; empty when it does not fit."""
    encoded_for, made, said = st.session_state.get("portfolio_encoded", (None, "", ""))
    if encoded_for is not portfolio():
        try:
            made, said = encode_portfolio(portfolio()), ""
        except BadLink as error:
            made, said = "", str(error)
        st.session_state["portfolio_encoded"] = (portfolio(), made, said)
    st.session_state["portfolio_too_large"] = said
    return str(made)


def _open(given: dict[str, str]) -> None:
    """The whole portfolio goes before the id of one."""
    try:
        found = decode_portfolio(given[FULL]) if FULL in given else cached.store().get_portfolio(given[SHORT])
    except HeadroomError as error:
        HELD.complain(str(error))
        return
    put(found, fresh=True)
    if FULL not in given:
        st.session_state["portfolio_stored"] = (found, given[SHORT])
