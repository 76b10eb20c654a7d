"""Links from one page to another, with the scenario in the address."""

from __future__ import annotations

import streamlit as st

from headroom.ui.shell.menu import page_of


def link_to(stem: str, label: str) -> None:
    """Draw a link to a page, with the scenario in its address."""
    entry = page_of(stem)
    st.page_link(entry.file, label=label, icon=entry.icon, query_params=st.query_params.to_dict())
