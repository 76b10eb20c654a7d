"""Problems that make a scenario impossible to run although each field is allowed: unknown names, missing data. They are
shown before any work begins.
"""

from __future__ import annotations

import streamlit as st

from headroom.ui.shell import cached
from headroom.ui.widgets.plain_text import lines
from simulator.scenario import Scenario


def has_problems(scenario: Scenario) -> bool:
    """Draw the problems of a scenario and return whether there are any."""
    problems = cached.problems(scenario)
    for problem in problems:
        st.error(lines(str(problem)))
    if problems:
        st.info("Nothing was simulated. Correct it in the forms, or press Back to undo the last change.")
    return bool(problems)
