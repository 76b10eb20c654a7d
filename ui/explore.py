"""The questions of Explore, a tab each. A tab begins its work when it is opened, not before."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from simulator.scenario import Scenario
from ui import explore_chosen, explore_efficient, explore_what_if

TABS: tuple[tuple[str, Callable[[Scenario], None]], ...] = (
    ("Efficient set", explore_efficient.show),
    ("Break-even", explore_what_if.break_even),
    ("What would change it", explore_what_if.change),
    ("Map", explore_what_if.over_two),
    ("Sensitivity", explore_what_if.sensitivity),
    ("What it hangs on", explore_what_if.hangs_on),
    ("Rules of thumb", explore_what_if.rules_of_thumb),
)


def show(scenario: Scenario) -> None:
    """All of them; only the open one is drawn."""
    explore_chosen.notice(scenario)
    drawn = st.tabs([title for title, _ in TABS], key="explore-tab", on_change="rerun")
    for tab, (_, draw) in zip(drawn, TABS, strict=True):
        if tab.open:
            with tab:
                draw(scenario)
