"""One control beside the page: before it is drawn it is given the scenario's value, so that the scenario is the truth
whoever changes it. A value that is not allowed changes nothing and says why.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from pydantic import ValidationError

from headroom.sharing.problems import problems_of
from headroom.ui.shell import state
from simulator.errors import HeadroomError, Problem
from simulator.fields import Spec
from simulator.model.requirement import Requirement
from simulator.model.workload import ServiceTime, Workload
from simulator.scenario import Scenario
from simulator.traffic.kinds import KINDS

REFUSED = "control_refused"
DRAWN = "controls_drawn"
Change = Callable[[Scenario, Any], Scenario]


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number to type. value: as the scenario has it, None where there is none, which may be so if it is optional.
    change: gives the scenario with another value.
    """

    name: str
    label: str
    help: str
    value: float | None
    change: Change
    least: float = 0.0
    most: float | None = None
    optional: bool = False

    def draw(self) -> None:
        """Draw it. Emptied, it goes back to the scenario's value where there must be one."""
        number = None if self.value is None else float(f"{self.value:.6g}")
        step = step_of(number)
        key = _key(self.name, number)
        st.session_state[key] = number
        st.number_input(
            self.label,
            key=key,
            value=None,
            min_value=self.least,
            max_value=self.most,
            step=step,
            format="%g",
            help=self.help,
            placeholder="none",
            on_change=_changed,
            args=(self.name, key, self.change, self.optional),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several values. titles: what a value is called, where not by itself."""

    name: str
    label: str
    help: str
    value: Any
    options: Sequence[Any]
    change: Change
    titles: Mapping[Any, str]

    def draw(self) -> None:
        """Draw it; the present value is offered even when it is not known."""
        key = _key(self.name, self.value)
        options = list(self.options) if self.value in self.options else [self.value, *self.options]
        st.session_state[key] = self.value
        st.selectbox(
            self.label,
            options,
            key=key,
            format_func=lambda value: self.titles.get(value, str(value)),
            help=self.help,
            on_change=_changed,
            args=(self.name, key, self.change, False),
        )


def _key(name: str, value: Any) -> str:
    """Return the key of a control with this value. Whenever the value is another one it is another widget, so that a
    value which the browser still holds of the one before can be told from one that was typed (`_is_typed`).
    """
    drawn: dict[str, tuple[int, Any]] = st.session_state.setdefault(DRAWN, {})
    number, before = drawn.get(name, (0, value))
    drawn[name] = (number + (before != value), value)
    return f"control:{name}:{drawn[name][0]}"


def _is_typed(name: str, key: str) -> bool:
    """Tell whether a control that is there has another value than it was drawn with. When a page is drawn anew in the
    midst of a change, the browser sends values of controls that are gone once more: Streamlit takes them for changes.
    """
    number, value = st.session_state[DRAWN][name]
    return key == f"control:{name}:{number}" and bool(st.session_state[key] != value)


def step_of(value: float | None) -> float:
    """Return about a tenth of a value, so that a press of an arrow moves the answer."""
    return float(10.0 ** (math.floor(math.log10(value)) - (value < 10 or value >= 100))) if value else 1.0


def refused() -> str:
    """Return why the last value that was typed is not allowed, until the scenario changes; empty when it is."""
    scenario, problem = st.session_state.get(REFUSED, (None, ""))
    return str(problem) if scenario is state.scenario() else ""


def _problems(error: ValidationError) -> tuple[Problem, ...]:
    """Return what is wrong, by the part of the scenario that refused it."""
    specs: tuple[type[Spec], ...] = (Workload, ServiceTime, Requirement, *KINDS)
    parts = {spec.__name__: spec for spec in specs}
    return problems_of(error, parts.get(error.title, Scenario))


def _changed(name: str, key: str, change: Change, optional: bool) -> None:
    """Put the scenario with what was typed into a control."""
    value = st.session_state[key]
    if not _is_typed(name, key) or (value is None and not optional):
        return
    try:
        state.put(change(state.scenario(), value), fresh=True)
    except ValidationError as error:
        problems = [f"Given {problem.given}; allowed: {problem.allowed}." for problem in _problems(error)]
        st.session_state[REFUSED] = (state.scenario(), "\n".join(problems))
    except HeadroomError as error:
        st.session_state[REFUSED] = (state.scenario(), str(error))
