"""What a file leaves open, as a question with its options, and the answers to such questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from headroom.errors import BadTrace


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer: the value to give, and what it means."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a file does not say by itself. key: the field of `Answers` that answers it.

    is_open: any other value of that kind is an answer too, such as another time zone.
    """

    key: str
    text: str
    options: tuple[Option, ...]
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the user says about a file; "" leaves it to the file."""

    sheet: str = ""
    series: str = ""
    time_column: str = ""
    column: str = ""
    times: str = ""
    dates: str = ""
    decimals: str = ""
    unit: str = ""
    zone: str = ""


KEYS: Mapping[str, str] = {
    "sheet": "the sheet of a workbook",
    "series": "the series, where a file holds several; 'all' for all of them added",
    "time_column": "the column that holds the time",
    "column": "the column that holds the requests; 'all' for all columns of numbers added, 'rows' when each row is one",
    "times": "what numbers in the time column are: epoch-s, epoch-ms, epoch-us, epoch-ns, s, ms, min, h or excel-days",
    "dates": "the order of day and month in dates: day-first or month-first",
    "decimals": "the decimal mark of the numbers: point or comma",
    "unit": "what a value is: count (requests in the bin), per-second, per-minute or total (a counter that only grows)",
    "zone": "the time zone whose clock counts, such as Europe/Berlin",
}
"""What each answer says; the options of the command line are made from it."""


class Asked(Exception):
    """A file cannot be read before this question is answered; `read_traffic` returns it."""

    def __init__(self, question: Question) -> None:
        self.question = question
        super().__init__(question.text)


def chosen(answers: Answers, key: str, options: tuple[Option, ...]) -> str:
    """Return the answer to a question, or "" when there is none; raises BadTrace when it is none of the options."""
    given = str(getattr(answers, key))
    if not given:
        return ""
    for option in options:
        if given.casefold() == option.value.casefold():
            return option.value
    allowed = ", ".join(repr(option.value) for option in options) or "nothing, there is no such thing in the file"
    raise BadTrace(f"{key.replace('_', ' ')}: given {given!r}; allowed: {allowed}.")


MAX_OPTIONS = 100
ALL = Option("all", "all of them added")


def ask(key: str, text: str, options: tuple[Option, ...], *, is_open: bool = False) -> Asked:
    """Return the question as an exception to raise."""
    return Asked(Question(key=key, text=text, options=options, is_open=is_open))


assert KEYS.keys() == {field.name for field in fields(Answers)}
