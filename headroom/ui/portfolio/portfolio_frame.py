"""What the Portfolio page has around it: whose portfolio this is, how to share it, what to do about a link that is no
good. The frame (`headroom.ui.shell.frame`) calls it where other pages speak of the scenario.
"""

from __future__ import annotations

import streamlit as st

from headroom.advisor.tell import words
from headroom.ui.portfolio import portfolio_state
from headroom.ui.shell import downloads, link_box
from headroom.ui.widgets.plain_text import lines, md


def caption() -> str:
    """Return the name and the size of the portfolio as Markdown."""
    portfolio = portfolio_state.portfolio()
    regions = sorted({member.scenario.region for member in portfolio.workloads})
    regions_text = f" · {md(words.joined(regions))}" if regions else ""
    return f"Portfolio **{md(portfolio.name)}** · {words.counted(len(portfolio.workloads), 'workload')}{regions_text}"


def share() -> None:
    """Draw the link of the portfolio and its file."""
    stored = portfolio_state.PLACE.is_stored()
    whole = "portfolio, with every scenario in it"
    link_box.share("portfolio", portfolio_state.share_url(), stored=stored, whole=whole)
    downloads.offer(portfolio_state.portfolio(), key="share")


def notices() -> None:
    """Draw what is wrong with the link that was opened, and that the portfolio is too large for a link."""
    below = "portfolio that was open before, or else the company of the presets"
    link_box.unopened(portfolio_state.HELD.problem(), below)
    link_box.not_stored(portfolio_state.PLACE.not_stored())
    if portfolio_state.PLACE.too_large():
        _offer_short_link()


def _offer_short_link() -> None:
    st.warning(
        f"{lines(portfolio_state.PLACE.too_large())}\n\n{link_box.kept(portfolio_state.PLACE.is_kept_for_the_tab())}"
        " To share it, store it under a short link, or download the file; it can be opened here again.",
        icon=":material/link_off:",
    )
    with st.container(horizontal=True):
        st.button(
            "Store it on this server for a short link",
            on_click=portfolio_state.PLACE.store,
            icon=":material/save:",
            key="portfolio-short-link",
        )
        downloads.offer(portfolio_state.portfolio(), key="too-large")
