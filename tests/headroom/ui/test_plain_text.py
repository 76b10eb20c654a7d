"""Text of users is text: what Markdown would make something of is taken away, and nothing else changes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.ui.widgets.plain_text import lines, md

# What GFM makes links of, in the text that is left when the backslashes are gone.
LINKS = re.compile(r"https?://|ftp://|www\.|[-.\w+]@[-\w]", re.IGNORECASE)


def shown(markdown: str) -> str:
    """What a reader sees of escaped text."""
    return re.sub(r"\\(.)", r"\1", markdown)


@pytest.mark.parametrize(
    "text", ["http://evil.test", "HTTPS://evil.test", "WWW.evil.test", "a@evil.test", "see ftp://x"]
)
def test_a_bare_address_is_no_link(text):
    assert LINKS.search(text)
    assert not LINKS.search(shown(md(text)))


@given(st.text())
def test_no_text_holds_a_link_and_all_of_it_is_seen(text):
    seen = shown(md(text))
    assert not LINKS.search(seen)
    assert seen.replace("\u2060", "") == re.sub(r"\s+", " ", text).replace("\u2060", "")


def test_lines_stay_apart():
    assert lines("a\n\n b*") == "a\n\n b\\*"
