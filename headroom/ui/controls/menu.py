"""Where a scenario comes from: a new one in three questions, a preset, or a file; all in one menu."""

from __future__ import annotations

import streamlit as st

from headroom.sharing import presets
from headroom.ui.controls import new_scenario
from headroom.ui.shell import state
from headroom.ui.shell.menu import page_of
from headroom.ui.workload import files


def show() -> None:
    """Draw the menu; it closes when something was taken from it, because its key is another one then."""
    key = f"menu-{state.epoch()}-{new_scenario.asked()}"
    with st.popover("New, presets, files", icon=":material/folder_open:", width="stretch", key=key):
        new = st.button(
            "New scenario", icon=":material/add:", on_click=new_scenario.ask, key="new-scenario", width="stretch"
        )
        for group in (presets.SINGLE, presets.COMPANY):
            st.markdown(f"**{group}**")
            files.buttons(group)
        st.markdown("**Your own files**")
        files.uploads()
    if new:
        st.switch_page(page_of("plan").file, query_params=st.query_params.to_dict())
