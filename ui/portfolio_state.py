"""The portfolio of a session, and its place in the address (`p`), beside the scenario (`ui.state`).

On its own page the portfolio is always in the address; on other pages it is there once it is not the company of the
presets any more, so that a reload loses nothing. What was written last is kept: another text is a link or Back.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from advisor.portfolio.spec import Portfolio
from errors import BadLink, HeadroomError
from sharing.portfolio_link import decode_portfolio, encode_portfolio
from ui import cached
from ui.history import Held

PAGE = "portfolio"
PARAMETER = "p"

HELD = Held[Portfolio]("portfolio")
put, change = HELD.put, HELD.change


def portfolio() -> Portfolio:
    """The portfolio of this session."""
    return HELD.value()


def sync() -> None:
    """Read the address if its portfolio is not the one that was written last."""
    given = st.query_params.get(PARAMETER, "")
    if given and given != st.session_state.get("portfolio_address"):
        _open(given)
    if not HELD.is_there():
        problem = HELD.problem()
        put(cached.company_portfolio(), fresh=True)
        HELD.complain(problem)


def parameters(*, own_page: bool) -> dict[str, str]:
    """What belongs into the address; noted as written."""
    link = text()
    st.session_state["portfolio_address"] = link
    wanted = link and (own_page or portfolio() != cached.company_portfolio())
    return {PARAMETER: link} if wanted else {}


def too_large() -> str:
    """Why the portfolio has no place in the address; empty when it has one."""
    return str(st.session_state.get("portfolio_too_large", ""))


def share_url() -> str:
    """The address of the portfolio alone, for copying; empty when it is too large."""
    here, link = urlsplit(st.context.url or f"http://localhost:8501/{PAGE}"), text()
    return urlunsplit((here.scheme, here.netloc, here.path or "/", f"{PARAMETER}={link}", "")) if link else ""


def text() -> str:
    """The link text of the portfolio, made once; empty when it does not fit."""
    encoded_for, known = st.session_state.get("portfolio_encoded", (None, ""))
    if encoded_for is portfolio():
        return str(known)
    try:
        made, said = encode_portfolio(portfolio()), ""
    except BadLink as error:
        made, said = "", str(error)
    st.session_state["portfolio_encoded"] = (portfolio(), made)
    st.session_state["portfolio_too_large"] = said
    return made


def _open(given: str) -> None:
    try:
        put(decode_portfolio(given), fresh=True)
    except HeadroomError as error:
        HELD.complain(str(error))
