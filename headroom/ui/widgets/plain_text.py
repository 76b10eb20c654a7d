"""User text made harmless for what reads it. Scenario and deployment names and file names are plain text, nothing
more.

Markdown would load an image of a foreign server (a tracking beacon), restyle, or turn $ into formulas; plotly reads
HTML (`headroom.ui.figures.look.plain` is for that).
"""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@^=])")
# Streamlit's Markdown makes links of bare addresses after it has taken the backslashes away.
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
_WORD_JOINER = "\u2060"
_SPACE = re.compile(r"\s+")


def md(text: str) -> str:
    """Return text that Markdown shows exactly as it is, on one line. An address in it is no link: it is parted
    by a character that is not seen.
    """
    return _SPECIAL.sub(r"\\\1", _ADDRESS.sub(_WORD_JOINER, _SPACE.sub(" ", text)))


def lines(text: str) -> str:
    """Return text of several lines that Markdown shows as it is, one paragraph a line."""
    return "\n\n".join(md(line) for line in text.splitlines() if line.strip())
