"""What this session looks at on each page: an open tab, a chosen deployment. It stands in the address, so that a link
and a reload show the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer

from headroom.sharing import view_state

PARAMETER = "v"
_CHOICES = "view_choices"
_WRITTEN = "view_written"
_EPOCH = "view_epoch"


def sync() -> None:
    """Take over the choices of the address when this session did not write them there.

    An address without anything is a page that was opened from the menu: the choices stay.
    """
    text = st.query_params.get(PARAMETER, "")
    if st.query_params.to_dict() and text != st.session_state.get(_WRITTEN, ""):
        st.session_state[_CHOICES] = view_state.decode(text)
        st.session_state[_EPOCH] = st.session_state.get(_EPOCH, 0) + 1


def parameters() -> dict[str, str]:
    """Return the parameter of the choices for the address, and note it as written."""
    text = view_state.encode(_choices())
    st.session_state[_WRITTEN] = text
    return {PARAMETER: text} if text else {}


def selectbox(label: str, options: Sequence[str], name: str, width: int) -> int:
    """Draw a choice between texts and return the place of the chosen one. name: of the choice, one word."""
    places = [str(place) for place in range(1, len(options) + 1)]
    key = _key(f"{name}-{len(options)}")
    chosen = st.selectbox(
        label,
        range(len(options)),
        places.index(_chosen(name)) if _chosen(name) in places else 0,
        format_func=lambda place: options[place],
        key=key,
        on_change=lambda: _note(name, places[st.session_state[key]]),
        width=width,
    )
    return int(chosen)


def tabs(titles: Sequence[str], name: str) -> Sequence[TabContainer]:
    """Draw tabs, of which one is open, and return them. name: of the choice, one word."""
    by_word = {view_state.slug(title): title for title in titles}
    key = _key(name)
    return st.tabs(
        titles,
        default=by_word.get(_chosen(name)),
        key=key,
        on_change=lambda: _note(name, view_state.slug(st.session_state[key])),
    )


def _key(name: str) -> str:
    """The key of a widget; it is another one when a link has brought other choices."""
    return f"view-{name}-{st.session_state.get(_EPOCH, 0)}"


def _chosen(name: str) -> str:
    return _choices().get(name, "")


def _note(name: str, value: str) -> None:
    st.session_state[_CHOICES] = {**_choices(), name: value}


def _choices() -> dict[str, str]:
    choices: dict[str, str] = st.session_state.get(_CHOICES, {})
    return choices
