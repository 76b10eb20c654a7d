"""The comparison as files."""

from __future__ import annotations

import streamlit as st

from advisor.evaluation import Comparison
from sharing import results
from ui import cached


def comparison(found: Comparison) -> None:
    """Buttons; a file is made when its button is pressed, from the comparison on the screen."""
    with st.container(horizontal=True):
        st.download_button(
            "Comparison (CSV)",
            lambda: results.comparison_csv(found),
            "comparison.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            "Comparison (JSON)",
            lambda: results.to_text(results.comparison_json(found, cached.world())),
            "comparison.json",
            "application/json",
            on_click="ignore",
            icon=":material/download:",
        )
