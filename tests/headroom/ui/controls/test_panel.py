"""The controls beside every page: each shows the scenario's value and changes it, whoever else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from headroom.sharing import link
from headroom.ui.controls import day
from headroom.ui.controls.control import step_of
from headroom.ui.controls.models import MODELS, with_model
from headroom.ui.controls.new_scenario import made
from headroom.ui.portfolio.portfolio_state import PAGE as PORTFOLIO
from headroom.ui.shell import cached
from headroom.ui.shell.menu import PAGES
from simulator.scenario import Scenario
from tests.headroom.ui.small import given, opened, put, scenario, trouble, words


def number(at, label):
    return next(widget for widget in at.sidebar.number_input if widget.label == label)


def choice(at, label):
    return next(widget for widget in at.sidebar.selectbox if widget.label == label)


NUMBERS: dict[str, tuple[Any, Callable[[Scenario], Any], Any]] = {
    "Requests/s": (7.0, lambda one: day.much_of(one.workload.traffic), 7.0),
    "Service time (ms)": (80.0, lambda one: one.workload.service_time.mean_ms, 80.0),
    "Payload (MB)": (2.0, lambda one: one.workload.request_mb, 2.0),
    "Memory (MB)": (900.0, lambda one: one.workload.memory_mb, 900.0),
    "Limit (ms)": (400.0, lambda one: one.requirement.latency_limit_s, 0.4),
    "Errors (%)": (1.0, lambda one: one.requirement.max_error_share, 0.01),
}
CHOICES: dict[str, tuple[Any, Callable[[Scenario], Any], Any]] = {
    "Shape of the day": ("office", lambda one: one.workload.traffic.kind, "profile"),
    "Measured on": ("ml.g5.xlarge", lambda one: one.requirement.needs_gpu, True),
    "Answer wanted": ("minutes", lambda one: one.requirement.answer_may_be_deferred, True),
    "Holds for": (95.0, lambda one: one.requirement.latency_percentile, 95.0),
    "Region": ("eu-west-1", lambda one: one.region, "eu-west-1"),
}


def test_every_control_changes_the_scenario_and_its_address_at_once():
    at = opened(scenario(), "costs")
    for label, (value, read, expected) in NUMBERS.items():
        number(at, label).set_value(value).run()
        assert trouble(at) == []
        assert read(at.session_state["scenario"]) == pytest.approx(expected), label
    for label, (value, read, expected) in CHOICES.items():
        choice(at, label).set_value(value).run()
        assert trouble(at) == []
        assert read(at.session_state["scenario"]) == expected, label
    assert given(at) == link.encode(at.session_state["scenario"])


def test_a_control_shows_what_undo_or_a_link_has_brought():
    at = opened(scenario(), "costs")
    number(at, "Requests/s").set_value(9.0).run()
    next(button for button in at.button if button.label == "Undo").click().run()
    assert number(at, "Requests/s").value == 2.0
    put(at, scenario(rate_per_s=33.0))
    assert number(at, "Requests/s").value == 33.0


def test_an_empty_limit_is_no_limit_and_an_empty_size_changes_nothing():
    at = opened(scenario(), "costs")
    number(at, "Limit (ms)").set_value(None).run()
    assert at.session_state["scenario"].requirement.latency_limit_s == 0
    before = at.session_state["scenario"]
    number(at, "Memory (MB)").set_value(None).run()
    assert at.session_state["scenario"] == before


def test_the_controls_stand_on_every_page_of_a_scenario():
    at = opened(scenario())
    for page in PAGES:
        at.switch_page(page.file).run()
        assert bool(at.sidebar.number_input) == (page.stem != PORTFOLIO), page.stem


def test_what_is_not_allowed_is_said_and_changes_nothing():
    at = opened(scenario(), "costs")
    before = at.session_state["scenario"]
    number(at, "Requests/s").set_value(1e9).run()
    assert trouble(at) == []
    assert at.session_state["scenario"] == before
    assert "1,000,000" in words(at).replace("\\", "")


def test_three_answers_make_a_scenario_without_deployments():
    at = opened(scenario(), "plan")
    at.button("new-scenario").click().run()
    assert "How much comes, and when?" in words(at)
    at.number_input("new-much").set_value(25.0)
    at.selectbox("new-model").set_value(2)
    at.button("new-begin").click().run()
    assert trouble(at) == []
    new = at.session_state["scenario"]
    assert new.deployments == ()
    assert new.requirement.needs_gpu
    assert "How much comes, and when?" not in words(at)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.title)
def test_every_kind_of_model_makes_a_scenario_without_problems(model):
    for shape in ("flat", "night"):
        new = made("Mine", 10.0, shape, model, "at once", "us-east-1")
        assert cached.problems(new) == ()
        assert with_model(new, model) == new


@pytest.mark.parametrize(("value", "step"), [(None, 1.0), (0.0, 1.0), (3.0, 0.1), (40.0, 10.0), (500.0, 10.0)])
def test_a_step_is_about_a_tenth(value, step):
    assert step_of(value) == step
