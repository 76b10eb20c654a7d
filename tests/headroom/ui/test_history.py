"""Undo and Redo of a held value: back is an undo by whatever way, a new change forgets what was undone."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from headroom.ui.shell.history import MOST_UNDONE


def session(steps: str) -> AppTest:
    """A session in which these steps were taken with `held`; the value and what can be done are written."""
    script = f"""
import streamlit as st
from headroom.ui.shell.history import Held, epoch
held = Held("thing")
{steps}
st.text(str(held.value()))
st.text(f"undo {{held.can_undo()}} redo {{held.can_redo()}} epoch {{epoch()}}")
"""
    at = AppTest.from_string(script).run()
    assert not at.exception
    return at


def shown(steps: str) -> list[str]:
    return [text.value for text in session(steps).text]


def test_a_first_value_has_nothing_to_undo():
    assert shown("held.put(1)") == ["1", "undo False redo False epoch 0"]


def test_undo_gives_the_value_before_and_redo_returns():
    assert shown("held.put(1); held.put(2); held.undo()") == ["1", "undo False redo True epoch 1"]
    assert shown("held.put(1); held.put(2); held.undo(); held.redo()") == ["2", "undo True redo False epoch 2"]


def test_putting_the_value_before_is_an_undo():
    assert shown("held.put(1); held.put(2); held.put(1)") == ["1", "undo False redo True epoch 0"]


def test_putting_what_was_undone_is_a_redo_and_anything_else_forgets_it():
    assert shown("held.put(1); held.put(2); held.undo(); held.put(2)")[1] == "undo True redo False epoch 1"
    assert shown("held.put(1); held.put(2); held.undo(); held.put(3)") == ["3", "undo True redo False epoch 1"]


def test_the_same_value_again_is_no_change():
    assert shown("held.put(1); held.put(1)")[1] == "undo False redo False epoch 0"


def test_with_nothing_to_go_to_undo_and_redo_do_nothing():
    assert shown("held.put(1); held.undo(); held.redo()") == ["1", "undo False redo False epoch 0"]


def test_only_so_many_are_kept():
    many = f"[held.put(n) for n in range({MOST_UNDONE} + 5)]; [held.undo() for _ in range(100)]"
    assert shown(many)[0] == "4"


def test_a_fresh_value_makes_widgets_forget_and_a_problem_lasts_until_the_next_value():
    assert shown("held.put(1, fresh=True)")[1].endswith("epoch 1")
    assert shown("held.put(1); held.complain('bad link'); st.text(held.problem())")[0] == "bad link"
    assert shown("held.complain('bad link'); held.put(1); st.text(held.problem())")[0] == ""
