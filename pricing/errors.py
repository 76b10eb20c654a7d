"""What pricing raises. It knows nothing of scenarios: the advisor says where in a scenario a price stands.

PriceError
├── NoPrice       a rate is not in the price book
├── BadOverrides  prices of one's own that cannot be used: every problem at once
└── BadCatalog    a file of the catalogue that cannot be used
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class PriceError(Exception):
    """Root of what pricing raises on purpose; its text is meant for the user."""


class NoPrice(PriceError):
    """No rate is known for a usage in a Region on a day. It is never treated as zero."""


class BadCatalog(PriceError):
    """A catalogue file cannot be used: file, row, column, what was given, what is allowed."""


@dataclass(frozen=True, slots=True)
class OverrideProblem:
    """A problem of an override: its path ("overrides[2].usd"), the value given, what is allowed, what to do."""

    where: str
    given: str
    allowed: str
    todo: str = ""

    def __str__(self) -> str:
        todo = f" {self.todo}" if self.todo else ""
        return f"{self.where}: given {self.given}; allowed: {self.allowed}.{todo}"


class BadOverrides(PriceError):
    """Overrides cannot be used; `problems` holds everything that is wrong with them."""

    def __init__(self, problems: Iterable[OverrideProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
