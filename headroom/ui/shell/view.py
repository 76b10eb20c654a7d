"""What this session looks at on each page: an open tab, a chosen deployment. It stands in the address, so that a link
and a reload show the same.

A page makes its widget with `key(name)`, begins it at `chosen(name)`, and notes what is chosen with `note`.
"""

from __future__ import annotations

import streamlit as st

from headroom.sharing import view_state

PARAMETER = "v"
_CHOICES = "view_choices"
_WRITTEN = "view_written"
_EPOCH = "view_epoch"


def sync() -> None:
    """Take over the choices of the address when this session did not write them there."""
    text = st.query_params.get(PARAMETER, "")
    if text and text != st.session_state.get(_WRITTEN, ""):
        st.session_state[_CHOICES] = view_state.decode(text)
        st.session_state[_EPOCH] = st.session_state.get(_EPOCH, 0) + 1


def parameters() -> dict[str, str]:
    """Return the parameter of the choices for the address, and note it as written."""
    text = view_state.encode(_choices())
    st.session_state[_WRITTEN] = text
    return {PARAMETER: text} if text else {}


def key(name: str) -> str:
    """Return the key of the widget of a choice; it is another one when a link has brought another choice."""
    return f"view-{name}-{st.session_state.get(_EPOCH, 0)}"


def chosen(name: str) -> str:
    """Return the choice of this name; empty when there is none."""
    return _choices().get(name, "")


def place(name: str, count: int) -> int:
    """Return the choice of this name as a place among so many; the first when there is none, or no such place."""
    number = chosen(name)
    return int(number) - 1 if number.isdecimal() and 1 <= int(number) <= count else 0


def note(name: str, value: str) -> None:
    """Keep a choice; an empty one, which is the usual, is forgotten."""
    choices = {**_choices(), name: value}
    st.session_state[_CHOICES] = {name: value for name, value in choices.items() if value}


def _choices() -> dict[str, str]:
    choices: dict[str, str] = st.session_state.get(_CHOICES, {})
    return choices
