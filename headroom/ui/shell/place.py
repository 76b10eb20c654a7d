"""The place of a held value in the address: one parameter with the whole value, or one with the id that it is stored
under on this server; what is too large and not stored has the id under which it is kept for the tab.

What was written last is kept, so that another text in the address is known to be a link, or Back. What was encoded and
what was stored are kept with the value that they are of, so that each is made once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from headroom.errors import BadLink
from headroom.ui.shell.history import Held
from headroom.ui.shell.tab_keep import TabKeep
from simulator.errors import HeadroomError

T = TypeVar("T")


@st.cache_resource(show_spinner=False)
def tab_keep() -> TabKeep:
    """Return what is kept for the tabs of this server."""
    return TabKeep()


@dataclass(frozen=True, kw_only=True)
class AddressPlace(Generic[T]):
    """The place of a value in the address. full, short, tab: the parameters, for the whole value, for its id in the
    store, and for its id among what is kept for tabs.

    encode, decode: turn the value into link text and back. keep, load: put it into the store, which gives an id, and
    get it back. pack, unpack: turn it into bytes and back. All raise a HeadroomError when they cannot.
    """

    history: Held[T]
    full: str
    short: str
    encode: Callable[[T], str]
    decode: Callable[[str], T]
    keep: Callable[[T], str]
    load: Callable[[str], T]
    tab: str
    pack: Callable[[T], bytes]
    unpack: Callable[[bytes], T]

    def read(self, otherwise: Callable[[], T]) -> None:
        """Take the value from the address unless this session has written it there.

        otherwise: gives the value when the session has none yet; why the link could not be used stays noted.
        """
        parameters = self._link_parameters()
        if parameters and parameters != st.session_state.get(self._written_key):
            self._open(parameters)
        if not self.history.is_there():
            problem = self.history.problem()
            self.history.put(otherwise(), fresh=True)
            self.history.complain(problem)

    def write(self) -> dict[str, str]:
        """Return the parameters of the value for the address, and note them as written."""
        parameters = self.parameters() or self._kept_for_the_tab()
        st.session_state[self._written_key] = parameters
        return parameters

    def parameters(self) -> dict[str, str]:
        """Return the parameter that holds the value or its id; empty when it is too large and not stored."""
        stored_for, stored = st.session_state.get(self._stored, (None, ""))
        if stored_for is self.history.value():
            return {self.short: stored}
        text, _ = self._encoded()
        return {self.full: text} if text else {}

    def is_kept_for_the_tab(self) -> bool:
        """Tell whether the address holds an id that brings the value back into this tab, and is not for sharing."""
        return self.tab in st.session_state.get(self._written_key, {})

    def is_stored(self) -> bool:
        """Tell whether the address holds only the id of the value."""
        return self.short in self.parameters()

    def too_large(self) -> str:
        """Return why the value does not fit into the address; empty when it does."""
        return "" if self.is_stored() else self._encoded()[1]

    def store(self) -> None:
        """Keep the value on this server and put its id into the address. Only a click of the user may call this."""
        value = self.history.value()
        try:
            st.session_state[self._stored] = (value, self.keep(value))
            st.session_state.pop(self._refused, None)
        except HeadroomError as error:
            st.session_state[self._refused] = (value, str(error))

    def not_stored(self) -> str:
        """Return why the value could not be kept on this server when that was tried; else empty."""
        refused_for, why = st.session_state.get(self._refused, (None, ""))
        return why if refused_for is self.history.value() else ""

    @property
    def _written_key(self) -> str:
        return f"{self.full}_written"

    @property
    def _stored(self) -> str:
        return f"{self.full}_stored"

    @property
    def _refused(self) -> str:
        return f"{self.full}_refused"

    def _link_parameters(self) -> dict[str, str]:
        """Return the parameter in the address; one with the whole value goes before one with an id."""
        parameters = [(name, st.query_params.get(name, "")) for name in (self.full, self.short, self.tab)]
        return dict([(name, value) for name, value in parameters if value][:1])

    def _open(self, parameters: dict[str, str]) -> None:
        try:
            value = self._value_of(parameters)
        except HeadroomError as error:
            self.history.complain(str(error))
            return
        self.history.put(value, fresh=True)
        if self.short in parameters:
            st.session_state[self._stored] = (value, parameters[self.short])

    def _value_of(self, parameters: dict[str, str]) -> T:
        if self.full in parameters:
            return self.decode(parameters[self.full])
        if self.short in parameters:
            return self.load(parameters[self.short])
        body = tab_keep().get(parameters[self.tab])
        if body is None:
            raise BadLink(
                "what this address stands for was kept for one tab only and is no longer here: a day has passed since"
                " its last use, or the server was started again. Open the file again."
            )
        return self.unpack(body)

    def _kept_for_the_tab(self) -> dict[str, str]:
        """Return the parameter of the value among what is kept for tabs, where it is put when it is not there."""
        value = self.history.value()
        kept_for, id_ = st.session_state.get(f"{self.full}_kept", (None, ""))
        if kept_for is not value or tab_keep().get(id_) is None:
            id_ = tab_keep().put(self.pack(value))
            st.session_state[f"{self.full}_kept"] = (value, id_)
        return {self.tab: id_} if id_ else {}

    def _encoded(self) -> tuple[str, str]:
        """Return the link text of the value, or "" and why it does not fit; it is made once for each value."""
        encoded_for, text, problem = st.session_state.get(f"{self.full}_encoded", (None, "", ""))
        if encoded_for is not self.history.value():
            try:
                text, problem = self.encode(self.history.value()), ""
            except BadLink as error:
                text, problem = "", str(error)
            st.session_state[f"{self.full}_encoded"] = (self.history.value(), text, problem)
        return text, problem


def address(parameters: dict[str, str], page: str = "") -> str:
    """Return the address of a page (by default the present one) with these parameters; empty when there are none."""
    current = urlsplit(st.context.url or f"http://localhost:8501/{page}")
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return urlunsplit((current.scheme, current.netloc, current.path or "/", query, "")) if query else ""
