"""The questions of Explore, a tab each. A tab begins its work when it is opened, not before."""

from __future__ import annotations

from collections.abc import Callable

from headroom.ui.explore import what_if
from headroom.ui.shell import view
from simulator.scenario import Scenario

TABS: tuple[tuple[str, Callable[[Scenario], None]], ...] = (
    ("Break-even", what_if.break_even),
    ("What would change it", what_if.change),
    ("Map", what_if.over_two),
    ("Sensitivity", what_if.sensitivity),
    ("What it hangs on", what_if.hangs_on),
    ("Rules of thumb", what_if.rules_of_thumb),
)


def show(scenario: Scenario) -> None:
    """Draw all tabs; only the content of the open one is drawn."""
    tabs = view.tabs([title for title, _ in TABS], "explore")
    for tab, (_, draw) in zip(tabs, TABS, strict=True):
        if tab.open:
            with tab:
                draw(scenario)
