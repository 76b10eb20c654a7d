"""What a session has had, for Undo and Redo. Going back to the value before, by whatever way, is an undo."""

from __future__ import annotations

from typing import Any

import streamlit as st

MOST_UNDONE = 50


class History:
    """The values before and after the present one of a thing that the session holds."""

    def __init__(self, name: str) -> None:
        self._past, self._future = f"{name}_past", f"{name}_future"

    @property
    def before(self) -> tuple[Any, ...]:
        """What the present value took the place of, the last of them at the end."""
        return tuple(st.session_state.get(self._past, ()))

    @property
    def after(self) -> tuple[Any, ...]:
        """What was undone, the next to come back at the end."""
        return tuple(st.session_state.get(self._future, ()))

    def remember(self, present: Any, new: Any) -> None:
        """Note the present value, which `new` takes the place of; None when there was none."""
        past: list[Any] = st.session_state.setdefault(self._past, [])
        future: list[Any] = st.session_state.setdefault(self._future, [])
        if present is None or present == new:
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
