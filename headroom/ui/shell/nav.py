"""The router and its guard.

Streamlit runs a file in a folder called pages/ by itself, without app.py, until some session has reached
`st.navigation`; its AppTest does so from the second run on. So every page begins with `nav.guard()`, which goes
through the router when it was not.
"""

from __future__ import annotations

import threading

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from headroom.locations import ICON
from headroom.ui.shell.menu import MOVED, PAGES, page_of

_thread = threading.local()


def run() -> None:
    """Draw the menu, then the frame, and in it the page that is open."""
    st.set_page_config(page_title="Headroom", page_icon=str(ICON), layout="wide", initial_sidebar_state=310)
    page = st.navigation(_pages(), position="top")
    if page.url_path in MOVED:
        st.switch_page(page_of(MOVED[page.url_path]).file, query_params=st.query_params.to_dict())
    # The menu must be there before anything slow is imported, or a wrong one is seen meanwhile.
    from headroom.ui.shell import frame  # noqa: PLC0415

    _thread.routing = True
    try:
        frame.show(page)
    finally:
        _thread.routing = False


def guard() -> None:
    """Go through the router and stop when Streamlit started a page without it; the first line of every page."""
    if not getattr(_thread, "routing", False):
        run()
        st.stop()


def _pages() -> list[StreamlitPage]:
    """Return all pages: those of the menu, those reached by a link, and the addresses that lead to another."""
    pages = [
        st.Page(
            page.file,
            title=page.title,
            icon=page.icon,
            default=page.default,
            help=page.help,
            visibility="visible" if page.listed else "hidden",
        )
        for page in PAGES
    ]
    return pages + [
        st.Page(f"pages/{stem}.py", title=page_of(to).title, visibility="hidden") for stem, to in MOVED.items()
    ]
