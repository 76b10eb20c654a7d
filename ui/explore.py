"""The questions of Explore, a tab each. A tab begins its work when it is opened, not before."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from simulator.scenario import Scenario
from ui import explore_chosen, explore_efficient

TABS: tuple[tuple[str, Callable[[Scenario], None]], ...] = (("Efficient set", explore_efficient.show),)


def show(scenario: Scenario) -> None:
    """All of them; only the open one is drawn."""
    explore_chosen.notice(scenario)
    drawn = st.tabs([title for title, _ in TABS], key="explore-tab", on_change="rerun")
    for tab, (_, draw) in zip(drawn, TABS, strict=True):
        if tab.open:
            with tab:
                draw(scenario)
