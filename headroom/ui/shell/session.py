"""The browser tab behind a run of the script: its name among those who wait for results, and whether it is still open.

Streamlit keeps a connection to each open tab, also to one in the background, and forgets it when the tab is closed or
loaded anew. A tab that comes back after its connection was lost has the same name.
"""

from __future__ import annotations

import uuid

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx


def watcher() -> str:
    """Return the name of this browser tab among those that wait for results."""
    if "watcher" not in st.session_state:
        context = get_script_run_ctx()
        st.session_state["watcher"] = f"{context.session_id if context else ''}.{uuid.uuid4().hex}"
    return str(st.session_state["watcher"])


def connected(watcher: str) -> bool:
    """Tell whether the tab of this name is open; where no server runs, as in a test, every tab is."""
    try:
        runtime = get_instance()
    except RuntimeError:
        return True
    return runtime.is_active_session(watcher.partition(".")[0])
