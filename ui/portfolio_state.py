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
from ui.history import History

PAGE = "portfolio"
PARAMETER = "p"

_HISTORY = History("portfolio")


def portfolio() -> Portfolio:
    """The portfolio of this session."""
    found: Portfolio = st.session_state["portfolio"]
    return found


def put(new: Portfolio, *, fresh: bool = False) -> None:
    """Make `new` the portfolio. fresh: it did not come from the widgets, so they must take their values from it."""
    _HISTORY.remember(st.session_state.get("portfolio"), new)
    st.session_state["portfolio"] = new
    st.session_state["portfolio_problem"] = ""
    if fresh:
        st.session_state["epoch"] = int(st.session_state.get("epoch", 0)) + 1


def change(new: Portfolio, *, fresh: bool = False) -> None:
    """Make `new` the portfolio and draw everything again with it."""
    put(new, fresh=fresh)
    st.rerun()


def can_undo() -> bool:
    """Whether there is a portfolio before the present one."""
    return bool(_HISTORY.before)


def can_redo() -> bool:
    """Whether a change was undone and nothing has changed since."""
    return bool(_HISTORY.after)


def undo() -> None:
    """Back to the portfolio before; Redo returns."""
    if can_undo():
        put(_HISTORY.before[-1], fresh=True)


def redo() -> None:
    """What was undone, again."""
    if can_redo():
        put(_HISTORY.after[-1], fresh=True)


def sync() -> None:
    """Read the address if its portfolio is not the one that was written last."""
    given = st.query_params.get(PARAMETER, "")
    if given and given != st.session_state.get("portfolio_address"):
        _open(given)
    if "portfolio" not in st.session_state:
        problem = link_problem()
        put(cached.company_portfolio(), fresh=True)
        st.session_state["portfolio_problem"] = problem


def parameters(*, own_page: bool) -> dict[str, str]:
    """What belongs into the address; noted as written."""
    link = text()
    st.session_state["portfolio_address"] = link
    wanted = link and (own_page or portfolio() != cached.company_portfolio())
    return {PARAMETER: link} if wanted else {}


def link_problem() -> str:
    """Why the link that was opened could not be used; empty when it could."""
    return str(st.session_state.get("portfolio_problem", ""))


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
        st.session_state["portfolio_problem"] = str(error)
