"""Errors as the commands print them."""

from __future__ import annotations

from headroom.advisor.tell import words
from headroom.sharing.exports.text import clean
from pricing.errors import PriceError
from simulator.errors import HeadroomError, InvalidScenario


def error_text(error: HeadroomError | PriceError) -> str:
    """An error as lines for the terminal: how many problems, then one a line."""
    if not isinstance(error, InvalidScenario):
        return f"headroom: {clean(str(error))}"
    lines = [f"headroom: {words.counted(len(error.problems), 'problem')}"]
    return "\n".join([*lines, *(f"  {clean(str(problem))}" for problem in error.problems)])
