"""The deployments that a page can look at: the best of the search, and the user's own, each with its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from headroom.advisor import compare
from headroom.advisor.answer import Answer, Comparison
from headroom.advisor.order import ranking
from headroom.ui.explore import orders
from headroom.ui.shell import view
from headroom.ui.shell.live import Results
from simulator.patterns.registry import Deployment
from simulator.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Contender:
    """A deployment with its answer, and what it is called in a list."""

    label: str
    answer: Answer

    @property
    def deployment(self) -> Deployment:
        """The deployment."""
        return self.answer.deployment


def of_search(scenario: Scenario) -> list[Contender]:
    """Return what the search has found, best first: of exact runs, or of the first look; empty until that is there."""
    plan, screen = orders.known_plan(scenario), orders.known_screen(scenario)
    if plan is not None:
        answers: Sequence[Answer] = plan.comparison.evaluations
    else:
        answers = [] if screen is None else [found.best for found in screen.patterns if found.best is not None]
    ranked = [answers[place] for place in ranking(scenario, answers)]
    return [Contender(answer.deployment.name, answer) for answer in ranked]


def of_user(scenario: Scenario, results: Results) -> list[Contender]:
    """Return the user's own deployments that have an answer."""
    return [
        Contender(f"Yours {number}: {result.answer.deployment.name}", result.answer)
        for number, result in enumerate(results, 1)
        if result.answer is not None
    ]


def every(scenario: Scenario, results: Results) -> list[Contender]:
    """Return both, the best of the search first; what is in both stands once."""
    found = of_search(scenario)
    taken = [contender.deployment for contender in found if contender.answer.simulated]
    own = [contender for contender in of_user(scenario, results) if contender.deployment not in taken]
    return found + own


def choose(scenario: Scenario, results: Results, name: str) -> Answer | None:
    """Draw the choice of one that limits do not rule out, the best first, and return its answer; without any, say so.

    name: of the choice, one word.
    """
    able = [contender for contender in every(scenario, results) if not contender.answer.ruled_out]
    if not able:
        st.info("Nothing has been simulated yet, or limits rule all of it out. Plan says which.")
        return None
    return able[view.selectbox("Deployment", [contender.label for contender in able], name, width=420)].answer


def comparison(scenario: Scenario, contenders: Sequence[Contender]) -> Comparison | None:
    """Return all of them judged together; None without any."""
    answers = [contender.answer for contender in contenders]
    if not answers:
        return None
    together = scenario.model_copy(update={"deployments": tuple(answer.deployment for answer in answers)})
    exact = all(answer.simulated or answer.ruled_out for answer in answers)
    return compare.conclude(together, answers) if exact else compare.preview(together, answers)
