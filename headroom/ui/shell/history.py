"""A value that the session holds, with Undo and Redo. Returning to the value before, by whatever way, is an undo."""

from __future__ import annotations

from typing import Generic, TypeVar

import streamlit as st

MOST_UNDONE = 50
EPOCH = "epoch"

T = TypeVar("T")


class Held(Generic[T]):
    """A value that the session holds under a name, with the values before it (Undo) and those undone (Redo)."""

    def __init__(self, name: str) -> None:
        self._name, self._problem = name, f"{name}_problem"
        self._past, self._future = f"{name}_past", f"{name}_future"

    def is_there(self) -> bool:
        """Tell whether a value was put."""
        return self._name in st.session_state

    def value(self) -> T:
        """Return the present value."""
        value: T = st.session_state[self._name]
        return value

    def put(self, new: T, *, fresh: bool = False) -> None:
        """Make `new` the value. fresh: it does not come from the page's widgets, so these must take over its parts."""
        if self.is_there():
            self._remember(self.value(), new)
        st.session_state[self._name] = new
        self.complain("")
        if fresh:
            st.session_state[EPOCH] = epoch() + 1

    def change(self, new: T, *, fresh: bool = False) -> None:
        """Make `new` the value and run the page again with it."""
        self.put(new, fresh=fresh)
        st.rerun()

    def can_undo(self) -> bool:
        """Tell whether there is a value before the present one."""
        return bool(self._before())

    def can_redo(self) -> bool:
        """Tell whether a change was undone and nothing has changed since."""
        return bool(self._after())

    def undo(self) -> None:
        """Go back to the value before; `redo` returns to this one."""
        if self.can_undo():
            self.put(self._before()[-1], fresh=True)

    def redo(self) -> None:
        """Go forward to the value that was undone last."""
        if self.can_redo():
            self.put(self._after()[-1], fresh=True)

    def problem(self) -> str:
        """Return why the link that was opened could not be used; empty when it could."""
        return str(st.session_state.get(self._problem, ""))

    def complain(self, problem: str) -> None:
        """Note why a link could not be used, until the next value is put."""
        st.session_state[self._problem] = problem

    def _before(self) -> list[T]:
        past: list[T] = st.session_state.setdefault(self._past, [])
        return past

    def _after(self) -> list[T]:
        future: list[T] = st.session_state.setdefault(self._future, [])
        return future

    def _remember(self, present: T, new: T) -> None:
        """Note the present value, which `new` replaces."""
        past, future = self._before(), self._after()
        if present == new:
            return
        if past and past[-1] == new:
            past.pop()
            future.append(present)
            return
        if future and future[-1] == new:
            future.pop()
        else:
            future.clear()
        past.append(present)
        del past[:-MOST_UNDONE]


def epoch() -> int:
    """Return a number that is part of every widget's key; it rises when widgets must forget what they hold."""
    return int(st.session_state.get(EPOCH, 0))
