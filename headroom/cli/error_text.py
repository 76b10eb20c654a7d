"""Errors as the commands print them."""

from __future__ import annotations

from headroom.advisor.tell import words
from headroom.sharing.exports.text import clean
from simulator.errors import HeadroomError, InvalidScenario


def error_text(error: HeadroomError) -> str:
    """Return an error as lines for the terminal: the number of problems, then one problem a line."""
    if not isinstance(error, InvalidScenario):
        return f"headroom: {clean(str(error))}"
    lines = [f"headroom: {words.counted(len(error.problems), 'problem')}"]
    return "\n".join([*lines, *(f"  {clean(str(problem))}" for problem in error.problems)])
