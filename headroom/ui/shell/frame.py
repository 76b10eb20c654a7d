"""What every page has around it: the title, whose scenario this is, how to share it, and what to do about a link that
is no good.

pandas is imported here, before any page: Streamlit imports it when the first table is drawn, and a plotly figure made
by another visitor at that moment would look into a half-imported module.
"""

from __future__ import annotations

from typing import Any

import pandas as pd  # noqa: F401 - see above
import streamlit as st
from streamlit.navigation.page import StreamlitPage

from headroom.ui.controls import panel
from headroom.ui.explore import orders
from headroom.ui.plan import sent_panel
from headroom.ui.portfolio import portfolio_frame, portfolio_state
from headroom.ui.shell import downloads, link_box, long_work, sent, state
from headroom.ui.shell.history import Held
from headroom.ui.widgets.plain_text import lines, md
from simulator.errors import HeadroomError

_LAYOUT = "<style>.stMainBlockContainer { padding-top: 4.25rem; }</style>"
"""Streamlit leaves twice that blank above a page, which costs the first screen two lines."""


def show(page: StreamlitPage) -> None:
    """Draw the frame and in it the page; an error that no page has caught is shown here."""
    st.html(_LAYOUT)
    about_portfolio = page.url_path == portfolio_state.PAGE
    state.sync(portfolio_first=about_portfolio)
    _header(page, portfolio_state.HELD if about_portfolio else state.HELD)
    if about_portfolio:
        portfolio_frame.notices()
    _notices()
    if not about_portfolio:
        panel.show(state.scenario())
    try:
        page.run()
        long_work.forget_stale()
    except HeadroomError as error:
        st.error(lines(str(error)))


def _header(page: StreamlitPage, about: Held[Any]) -> None:
    """Draw title, Undo, Redo and Share of what the page is about: the scenario (`state`) or the portfolio."""
    caption = _caption() if about is state.HELD else portfolio_frame.caption()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title(page.title, anchor=False, width="content")
        st.caption(caption, width="stretch")
        with st.container(horizontal=True, width="content"):
            with st.popover("Share", icon=":material/link:"):
                _share() if about is state.HELD else portfolio_frame.share()
            st.button("Undo", icon=":material/undo:", on_click=about.undo, disabled=not about.can_undo(), key="undo")
            st.button("Redo", icon=":material/redo:", on_click=about.redo, disabled=not about.can_redo(), key="redo")


def _caption() -> str:
    scenario = state.scenario()
    return f"Scenario **{md(scenario.workload.name)}** · {md(scenario.region)}"


def _share() -> None:
    scenario = state.scenario()
    plan = orders.known_plan(scenario)
    sent.note_own(scenario, None if plan is None else sent_panel.of_plan(scenario, plan))
    url = state.share_url()
    link_box.share("scenario", url, stored=state.PLACE.is_stored(), whole="scenario")
    if url and not state.PLACE.is_stored():
        st.button("Keep it here for a short link", on_click=state.PLACE.store, icon=":material/save:", key="short-link")
    downloads.offer(scenario, key="share")


def _notices() -> None:
    link_box.unopened(state.HELD.problem(), "scenario that was open before, or else the first preset")
    link_box.not_stored(state.PLACE.not_stored())
    if state.PLACE.too_large():
        _offer_short_link()


def _offer_short_link() -> None:
    st.warning(
        f"{lines(state.PLACE.too_large())}\n\n{link_box.kept(state.PLACE.is_kept_for_the_tab())}"
        " To share it, store it under a short link, make the trace coarser, or download the file.",
        icon=":material/link_off:",
    )
    with st.container(horizontal=True):
        st.button("Store it on this server for a short link", on_click=state.PLACE.store, icon=":material/save:")
        st.button("Make the trace coarser", on_click=state.coarser, icon=":material/compress:")
        downloads.offer(state.scenario(), key="too-large")
