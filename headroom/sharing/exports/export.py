"""What an export is: one format of one kind of value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from headroom.advisor.answer import Answer
from headroom.advisor.search.types import Plan
from headroom.advisor.tell.argument import Argument
from headroom.advisor.world import World
from headroom.deploy.form import Form
from simulator.scenario import Scenario

Value = TypeVar("Value")


def always(_value: object) -> bool:
    """Of a format that every value has something for."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(Generic[Value]):
    """One format of one type of value.

    key: what `--as` takes, such as "csv"; no two exports of a type have the same. title: the words on the button.
    kind: the type. write: makes the content of the file from a value and the world that it was made with; a set of
    files is one ZIP archive. applies: whether a value has anything for it.
    """

    key: str
    title: str
    kind: type[Value]
    file_name: str
    media_type: str
    write: Callable[[Value, World], bytes]
    applies: Callable[[Value], bool] = always


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedDeployment:
    """A scenario and the simulated answer of one of its deployments."""

    scenario: Scenario
    evaluation: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedDeployment:
    """A deployment with its place in AWS: the scenario, its simulated answer, and the form of what is created.

    others: answers of the scenario's other deployments, to hold it against; empty where they were not run. link: the
    address of the scenario, "" where none is known.
    """

    scenario: Scenario
    answer: Answer
    form: Form
    others: tuple[Answer, ...] = ()
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefendedPlan:
    """The plan that a search has decided on, and the argument for it."""

    plan: Plan
    argument: Argument
