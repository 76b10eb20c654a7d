"""Mutants are found by their text, made the same each time, and mean something else than the code."""

from __future__ import annotations

import ast

import pytest

from scripts import mutate

SOURCE = '''\
"""A module."""

LIMIT = 5


class Gate:
    """A class."""

    def opens(self, count: int, most: int) -> bool:
        """Whether it opens."""
        if count < most and not self.shut:
            return max(count, 1) < most
        raise ValueError(f"{count + 1} are too many")
'''


def mutants() -> list[mutate.Mutant]:
    return list(mutate.generated("gate", "gate.py", SOURCE))


def mutant(old: str, new: str, function: str = "Gate.opens", nth: int = 0) -> mutate.Mutant:
    return mutate.Mutant(room="gate", file="gate.py", function=function, kind="by hand", old=old, new=new, nth=nth)


def test_every_kind_of_change_is_made_and_messages_are_left_alone():
    assert {(made.kind, made.new) for made in mutants()} == {
        ("removed branch", "False"),
        ("dropped condition", "count < most"),
        ("comparison", "(count <= most) and not self.shut"),
        ("dropped not", "count < most and self.shut"),
        ("comparison", "max(count, 1) <= most"),
        ("opposite function", "min(count, 1) < most"),
        ("off by one", "max(count, 2) < most"),
    }


def test_a_mutant_changes_one_place_and_stays_python():
    for made in mutants():
        changed = made.applied(SOURCE)
        assert changed is not None
        assert changed != SOURCE
        assert changed.replace(made.new, "", 1) == SOURCE.replace(made.old, "", 1)
        ast.parse(changed)


def test_an_address_is_the_same_when_lines_move():
    moved = SOURCE.replace("LIMIT = 5\n", "LIMIT = 5\nMORE = 6\n\n")
    assert [made.address for made in mutate.generated("gate", "gate.py", moved)] == [one.address for one in mutants()]


def test_text_is_looked_for_in_its_function_only_and_may_be_gone():
    assert mutant("LIMIT = 5", "LIMIT = 6").applied(SOURCE) is None
    assert "LIMIT = 6" in (mutant("LIMIT = 5", "LIMIT = 6", function="").applied(SOURCE) or "")
    assert mutant("count", "most", function="Gate.shuts").applied(SOURCE) is None


def test_the_nth_occurrence_is_meant():
    assert "max(count, 1) >= most" in (mutant("<", ">=", nth=1).applied(SOURCE) or "")
    assert mutant("<", ">=", nth=2).applied(SOURCE) is None


@pytest.mark.parametrize(
    ("old", "new", "is_change"), [("a < b", "(a < b)", False), ("a < b", "a <= b", True), ("a", "a <", False)]
)
def test_what_means_the_same_or_is_no_python_is_no_mutant(old, new, is_change):
    assert mutate.is_change(mutant(old, new)) is is_change


def test_the_sample_is_spread_and_keeps_its_members_when_the_code_grows():
    few = mutate.sample(mutants(), 2)
    more = list(mutate.generated("gate", "other.py", SOURCE))
    assert len(mutate.sample(mutants(), 99)) == mutate.MOST_IN_A_FUNCTION
    assert {made.file for made in mutate.sample([*mutants(), *more], 2)} == {"gate.py", "other.py"}
    assert set(few) <= set(mutate.sample([*mutants(), *more], 4))


def test_only_a_survivor_can_be_equivalent_and_the_share_leaves_it_out():
    made = mutants()[0]
    for result, judged in (("survived", "equivalent"), ("killed", "killed")):
        assert mutate.judged(made, {made.address: {"result": result}}, {made.address: "a reason"}) == judged
    shown = mutate.page(mutants(), {made.address: {"result": "survived"}}, {made.address: "a reason"})
    assert "| gate | 7 | 0 | 0 | 0 | 1 | 6 |  |" in shown
    assert "a reason" in shown


def test_the_table_can_be_read_and_its_rooms_have_files_and_tests():
    rooms, by_hand, equivalent = mutate.read_table()
    assert all(room.paths(mutate.ROOT) for room in rooms)
    assert all((mutate.ROOT / test).exists() for room in rooms for test in room.tests)
    assert all(made.rule for made in by_hand)
    assert all(equivalent.values())
