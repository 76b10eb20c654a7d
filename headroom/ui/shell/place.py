"""The place of a held value in the address: one parameter with the whole value, or one with the id that it is stored
under on this server.

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
from simulator.errors import HeadroomError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class AddressPlace(Generic[T]):
    """full, short: the names of the two parameters. encode, decode: the value as link text and back; keep, load: into
    the store, which gives an id, and back. All four raise a HeadroomError when they cannot.
    """

    history: Held[T]
    full: str
    short: str
    encode: Callable[[T], str]
    decode: Callable[[str], T]
    keep: Callable[[T], str]
    load: Callable[[str], T]

    def read(self, otherwise: Callable[[], T]) -> None:
        """Take up the value of the address if this session has not written it there; `otherwise` if there is none yet,
        with the reason why the link was no good.
        """
        parameters = self._link_parameters()
        if parameters and parameters != st.session_state.get(self._written_key):
            self._open(parameters)
        if not self.history.is_there():
            problem = self.history.problem()
            self.history.put(otherwise(), fresh=True)
            self.history.complain(problem)

    def write(self) -> dict[str, str]:
        """What belongs into the address; noted as written."""
        parameters = self.parameters()
        st.session_state[self._written_key] = parameters
        return parameters

    def parameters(self) -> dict[str, str]:
        """The parameter that holds the value or its id; none when it is too large and not stored."""
        stored_for, stored = st.session_state.get(self._stored, (None, ""))
        if stored_for is self.history.value():
            return {self.short: stored}
        text, _ = self._encoded()
        return {self.full: text} if text else {}

    def is_stored(self) -> bool:
        """Whether the address holds an id only."""
        return self.short in self.parameters()

    def too_large(self) -> str:
        """Why the value has no place in the address; empty when it has one."""
        return "" if self.is_stored() else self._encoded()[1]

    def store(self) -> None:
        """Keep the value on this server and put its id into the address. Only ever called by a click."""
        try:
            st.session_state[self._stored] = (self.history.value(), self.keep(self.history.value()))
        except HeadroomError as error:
            self.history.complain(str(error))

    @property
    def _written_key(self) -> str:
        return f"{self.full}_written"

    @property
    def _stored(self) -> str:
        return f"{self.full}_stored"

    def _link_parameters(self) -> dict[str, str]:
        """The parameter of the address; the whole value goes before an id."""
        parameters = [(name, st.query_params.get(name, "")) for name in (self.full, self.short)]
        return dict([(name, value) for name, value in parameters if value][:1])

    def _open(self, parameters: dict[str, str]) -> None:
        try:
            value = self.decode(parameters[self.full]) if self.full in parameters else self.load(parameters[self.short])
        except HeadroomError as error:
            self.history.complain(str(error))
            return
        self.history.put(value, fresh=True)
        if self.short in parameters:
            st.session_state[self._stored] = (value, parameters[self.short])

    def _encoded(self) -> tuple[str, str]:
        """The link text of the value, made once, or "" and why it does not fit."""
        encoded_for, text, problem = st.session_state.get(f"{self.full}_encoded", (None, "", ""))
        if encoded_for is not self.history.value():
            try:
                text, problem = self.encode(self.history.value()), ""
            except BadLink as error:
                text, problem = "", str(error)
            st.session_state[f"{self.full}_encoded"] = (self.history.value(), text, problem)
        return text, problem


def address(parameters: dict[str, str], page: str = "") -> str:
    """The whole address with these parameters, on the present page or else on `page`; empty without parameters."""
    current = urlsplit(st.context.url or f"http://localhost:8501/{page}")
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return urlunsplit((current.scheme, current.netloc, current.path or "/", query, "")) if query else ""
