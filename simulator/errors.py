"""The one tree of errors that a user can cause. Shells (app, command line) catch the root, in one place each.

HeadroomError
├── InvalidScenario   the description is wrong: carries every problem at once
└── ...               what the rooms above add (headroom/errors.py)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class HeadroomError(Exception):
    """Root of everything Headroom raises on purpose; its text is meant for the user."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input.

    where: dotted path of the field ("workload.traffic.rate_per_s"); "" when the whole document is meant.
    given: what was given, as text. allowed: what would be accepted. todo: what to do about it.
    """

    where: str
    given: str
    allowed: str
    todo: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        todo = f" {self.todo}" if self.todo else ""
        return f"{place}given {self.given}; allowed: {self.allowed}.{todo}"


@dataclass(frozen=True, slots=True)
class Caution:
    """One thing in an input that is allowed and probably not meant; nothing is refused because of it.

    where: dotted path of the field. given: what was given, as text. why: what comes of it ("which never happens").
    todo: what to do about it.
    """

    where: str
    given: str
    why: str
    todo: str

    def __str__(self) -> str:
        return f"{self.where}: given {self.given}, {self.why}. {self.todo}"


class InvalidScenario(HeadroomError):
    """A scenario that cannot be used. `problems` holds all of them, so a form can show each beside its field."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InvalidScenario], tuple[tuple[Problem, ...]]]:
        # By default it is made again from its text, of which every letter would be a problem.
        return type(self), (self.problems,)
