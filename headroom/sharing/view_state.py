"""What a link looks at: which tab is open, which deployment is chosen. Words by name: `timeline.2~explore.what-if`.

It is no part of the scenario: another choice is another look at the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_CHARS = 200
_WORD = r"[a-z0-9-]{1,40}"
_FORM = re.compile(rf"{_WORD}\.{_WORD}(?:~{_WORD}\.{_WORD})*")


def encode(choices: Mapping[str, str]) -> str:
    """Return the text of choices for a link, in the order of their names; empty when they are too many.

    Raises ValueError when a name or a choice has other characters than small letters, digits and -.
    """
    text = "~".join(f"{name}.{choices[name]}" for name in sorted(choices))
    if text and not _FORM.fullmatch(text):
        raise ValueError(f"given {text!r}; allowed: small letters, digits and -")
    return text if len(text) <= MAX_CHARS else ""


def decode(text: str) -> dict[str, str]:
    """Return the choices of a link's text; none when it is not one. Whether there is such a choice, its page knows."""
    if len(text) > MAX_CHARS or not _FORM.fullmatch(text):
        return {}
    return dict(part.split(".") for part in text.split("~"))


def slug(title: str) -> str:
    """Return a title as such a word: "What if it grows?" is what-if-it-grows."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "-"
