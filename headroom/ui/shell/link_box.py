"""The link of a scenario or of a portfolio on the screen: the link to copy, and why one could not be opened."""

from __future__ import annotations

import streamlit as st

from headroom.ui.widgets.plain_text import lines


def share(noun: str, url: str, *, stored: bool, whole: str) -> None:
    """Draw the link to copy, and what it holds. noun: "scenario" or "portfolio".

    stored: whether the link holds only the id of a value kept on this server. whole: what it holds otherwise.
    """
    if not url:
        st.markdown(f"This {noun} is too large for a link.")
        return
    st.markdown(f"Whoever opens this link sees the same {noun} and the same numbers.")
    st.code(url, language=None, wrap_lines=True, height=120)
    note = f"The link holds an id; the {noun} is kept on this server."
    st.caption(note if stored else f"The link holds the whole {whole}; nothing is stored.")


def unopened(problem: str, below: str) -> None:
    """Draw why the link that was opened cannot be used. below: what the page shows instead."""
    if problem:
        st.error(f"The link could not be opened; below is the {below}.\n\n{lines(problem)}", icon=":material/link_off:")


def kept(for_the_tab: bool) -> str:
    """Return what happens on reload to what does not fit into the address."""
    if for_the_tab:
        return "It is kept on this server for this tab, until a day after its last use: reloading brings it back."
    return "It is too large to be kept for this tab: reloading would lose it."


def not_stored(problem: str) -> None:
    """Draw why a value could not be kept on this server when the user wanted that."""
    if problem:
        st.error(f"Nothing was stored, and nothing is lost.\n\n{lines(problem)}", icon=":material/link_off:")
