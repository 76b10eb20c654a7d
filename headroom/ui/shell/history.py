"""A thing that the session holds, with Undo and Redo. Going back to the value before, by whatever way, is an undo."""

from __future__ import annotations

from typing import Generic, TypeVar

import streamlit as st

MOST_UNDONE = 50
EPOCH = "epoch"

T = TypeVar("T")


class Held(Generic[T]):
    """The one value of its name in `session_state`, those before it, and those that were undone."""

    def __init__(self, name: str) -> None:
        self._name, self._problem = name, f"{name}_problem"
        self._past, self._future = f"{name}_past", f"{name}_future"

    def is_there(self) -> bool:
        """Whether anything was put."""
        return self._name in st.session_state

    def value(self) -> T:
        """The present one."""
        value: T = st.session_state[self._name]
        return value

    def put(self, new: T, *, fresh: bool = False) -> None:
        """Make `new` the value. fresh: it came from elsewhere, so widgets must take their values from it."""
        if self.is_there():
            self._remember(self.value(), new)
        st.session_state[self._name] = new
        self.complain("")
        if fresh:
            st.session_state[EPOCH] = epoch() + 1

    def change(self, new: T, *, fresh: bool = False) -> None:
        """Make `new` the value and draw everything again with it."""
        self.put(new, fresh=fresh)
        st.rerun()

    def can_undo(self) -> bool:
        """Whether there is a value before the present one."""
        return bool(self._before())

    def can_redo(self) -> bool:
        """Whether a change was undone and nothing has changed since."""
        return bool(self._after())

    def undo(self) -> None:
        """Back to the value before; Redo returns."""
        if self.can_undo():
            self.put(self._before()[-1], fresh=True)

    def redo(self) -> None:
        """What was undone, again."""
        if self.can_redo():
            self.put(self._after()[-1], fresh=True)

    def problem(self) -> str:
        """Why the link that was opened could not be used; empty when it could."""
        return str(st.session_state.get(self._problem, ""))

    def complain(self, problem: str) -> None:
        """Say why a link could not be used, until the next value is put."""
        st.session_state[self._problem] = problem

    def _before(self) -> list[T]:
        past: list[T] = st.session_state.setdefault(self._past, [])
        return past

    def _after(self) -> list[T]:
        future: list[T] = st.session_state.setdefault(self._future, [])
        return future

    def _remember(self, present: T, new: T) -> None:
        """Note the present value, which `new` takes the place of."""
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
    """Part of every widget's key: rises when widgets must forget what they hold."""
    return int(st.session_state.get(EPOCH, 0))
