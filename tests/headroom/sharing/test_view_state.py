"""What a link looks at: short, in one form, and harmless when it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.sharing.view_state import MAX_CHARS, decode, encode, slug

WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)


@given(st.dictionaries(WORDS, WORDS, max_size=5))
def test_a_link_gives_the_choices_back(choices):
    text = encode(choices)
    assert decode(text) == choices
    assert len(text) <= MAX_CHARS


@given(st.text(max_size=300))
def test_whatever_stands_there_is_choices_or_nothing(text):
    choices = decode(text)
    assert decode(encode(choices)) == choices


@given(st.text())
def test_every_title_is_a_word(title):
    word = slug(title)
    assert decode(encode({"a": word})) == {"a": word}


def test_what_does_not_fit_is_left_out_and_other_characters_are_refused():
    assert encode({f"name-{n:04d}": "x" * 30 for n in range(10)}) == ""
    assert decode("a.b" + "~a.b" * 100) == {}
    with pytest.raises(ValueError, match="small letters"):
        encode({"a": "B"})
    assert slug("What if it grows?") == "what-if-it-grows"
