"""The router and its guard.

Streamlit runs a file in a folder called pages/ by itself, without app.py, until some session has reached
`st.navigation`; its AppTest does so from the second run on. So every page begins with `nav.guard()`, which goes
through the router when it was not.
"""

from __future__ import annotations

import threading

import streamlit as st

from headroom.locations import ICON
from headroom.ui.shell.menu import PAGES

_thread = threading.local()


def run() -> None:
    """Draw the menu, then the frame, and in it the page that is open."""
    st.set_page_config(page_title="Headroom", page_icon=str(ICON), layout="wide", initial_sidebar_state=310)
    pages = [st.Page(p.file, title=p.title, icon=p.icon, default=p.default, help=p.help) for p in PAGES]
    page = st.navigation(pages, position="top")
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


def next_page(stem: str) -> None:
    """Draw a link to the page that comes next, with the scenario in its address."""
    entry = next(entry for entry in PAGES if entry.stem == stem)
    st.page_link(
        entry.file,
        label=f"Next: {entry.title}",
        icon=":material/arrow_forward:",
        query_params=st.query_params.to_dict(),
    )
