"""Explore, run as Streamlit's own test harness runs it, with the real search behind it."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest

from headroom.advisor.explore.rules import Spoken
from headroom.ui.explore import what_if
from headroom.ui.explore.tabs import TABS
from simulator.scenario import Scenario
from simulator.search_space import SearchSpace
from tests.headroom.ui.small import LONGEST_S, opened, put, scenario, trouble, words

PATIENCE_S = 3 * LONGEST_S  # a what-if screens a hundred scenarios


def narrow(name: str = "Narrow") -> Scenario:
    """Little to search, so that every question is answered soon."""
    space = SearchSpace(patterns=("serverless",))
    return scenario(name).model_copy(update={"search": space})


def answered(at: AppTest) -> AppTest:
    """The page when nothing is under way on it."""
    deadline = time.monotonic() + PATIENCE_S
    while any(button.label.startswith("Stop ") for button in at.button):
        assert time.monotonic() < deadline, "it did not end"
        time.sleep(0.2)
        at.run()
    return at


def on_tab(title: str, one: Scenario) -> AppTest:
    at = opened(one, "explore")
    at.session_state["view-explore-0"] = title
    return answered(at.run())


@pytest.mark.parametrize(
    "title",
    [pytest.param(title, marks=[pytest.mark.slow] * (title == "What would change it")) for title, _ in TABS],
)
def test_every_question_is_answered(title):
    at = on_tab(title, narrow())
    assert trouble(at) == []
    assert not at.error
    assert at.subheader


def test_only_the_open_tab_begins_its_work():
    at = answered(opened(narrow("Only one"), "explore"))
    assert len(at.subheader) == 1
    assert not any(select.label == "Across" for select in at.selectbox)


def test_a_deployment_that_hard_limits_rule_out_is_not_moved():
    one = narrow("Ruled out")
    heavy = one.workload.model_copy(update={"request_mb": 500.0})
    at = on_tab("Sensitivity", one.model_copy(update={"workload": heavy}))
    assert trouble(at) == []
    assert "Hard limits rule " in words(at)


def test_a_wrong_scenario_says_so_instead():
    one = narrow("Wrong")
    wrong = one.model_copy(
        update={"workload": one.workload.model_copy(update={"reference_instance_type": "ml.none.large"})}
    )
    at = put(opened(one, "explore"), wrong)
    assert trouble(at) == []
    assert at.error


def spoken(agrees: bool | None) -> Spoken:
    return Spoken(
        key="k", rule="Rule", because="so", takes=("batch",), leaves=(), agrees=agrees, sentence="Rule: so. Verdict."
    )


@pytest.mark.parametrize(
    ("agree", "said"),
    [
        ([], "No rule of thumb speaks of such a workload"),
        ([True], "The numbers, by exact runs, agree with the one rule of thumb that speaks of this workload"),
        ([False], "The numbers, by exact runs, disagree with the one rule of thumb that speaks of this workload"),
        ([True, False], "The numbers, by exact runs, agree with 1 of 2 rules of thumb that speak of this workload"),
        ([None], "By exact runs nothing meets the requirement, so no rule of thumb can be held against it"),
    ],
)
def test_how_many_rules_the_numbers_agree_with(agree, said):
    assert what_if.finding([spoken(one) for one in agree], "exact runs") == said
