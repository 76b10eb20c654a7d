"""How every figure is drawn on a page: its finding as heading, the figure with its content in words for a screen
reader, and the same words with the numbers in a closed part below.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from headroom.ui.figures.look import Drawing, Look
from headroom.ui.widgets.plain_text import md

CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "svg", "filename": "headroom"},
}


def look() -> Look:
    """Return the look that fits the viewer's theme."""
    return Look(dark=st.context.theme.type == "dark")


def show(drawing: Drawing, key: str) -> None:
    """Draw a figure under its finding; its content in words is read out, and stands with its numbers below. key: unique
    on the page.
    """
    st.subheader(md(drawing.question), anchor=False)
    figure(drawing, key)
    numbers(drawing, key)


def figure(drawing: Drawing, key: str, on_click: Callable[[], None] | None = None) -> None:
    """Draw a figure alone. on_click: is called when a point was clicked; the point is in the session state under
    chart-`key`.
    """
    if not drawing.figure.data:
        st.caption(md(drawing.alt))
        return
    st.plotly_chart(
        drawing.figure,
        key=f"chart-{key}",
        alt=drawing.alt,
        config=CONFIG,
        on_select=on_click or "ignore",
        selection_mode="points",
    )


def numbers(drawing: Drawing, key: str) -> None:
    """Draw the content of a figure in words and its numbers as a table, closed."""
    if drawing.figure.data:
        with st.expander("In words and numbers"):
            st.markdown(md(drawing.alt))
            st.dataframe(dict(drawing.table), hide_index=True, key=f"table-{key}", alt=f"Table: {drawing.question}")
