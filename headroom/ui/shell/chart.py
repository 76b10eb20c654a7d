"""How every figure is drawn on a page: question as heading, figure with alt text, the answer in words, the numbers as a
table.
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


def show(drawing: Drawing, key: str, on_click: Callable[[], None] | None = None) -> None:
    """Draw a figure with its question, its answer in words and its table. key: unique on the page.

    on_click: is called when a point was clicked; the point is in the session state under chart-`key`.
    """
    st.subheader(md(drawing.question), anchor=False)
    if drawing.figure.data:
        st.plotly_chart(
            drawing.figure,
            key=f"chart-{key}",
            alt=drawing.alt,
            config=CONFIG,
            on_select=on_click or "ignore",
            selection_mode="points",
        )
    st.caption(md(drawing.alt))
    if drawing.figure.data:
        with st.expander("The numbers as a table"):
            st.dataframe(dict(drawing.table), hide_index=True, key=f"table-{key}", alt=f"Table: {drawing.question}")
