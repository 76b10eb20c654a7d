"""Problems that make a scenario impossible to run although each field is allowed: unknown names, contradictions; and
what is probably not meant. They are shown before any work begins.
"""

from __future__ import annotations

import streamlit as st

from headroom.advisor.tell import words
from headroom.ui.shell import cached
from headroom.ui.widgets.plain_text import lines, md
from simulator.scenario import Scenario


def has_problems(scenario: Scenario) -> bool:
    """Draw the problems of a scenario and return whether there are any; else draw what is probably not meant."""
    problems = cached.problems(scenario)
    for problem in problems:
        st.error(lines(str(problem)))
    if problems:
        st.info("Nothing was simulated. Correct it in the forms, or press Back to undo the last change.")
    elif found := cached.cautions(scenario):
        with st.expander(f"Worth checking: {words.counted(len(found), 'entry', 'entries')}", icon=":material/warning:"):
            for caution in found:
                st.markdown(md(str(caution)))
    return bool(problems)
