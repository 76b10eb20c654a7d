"""Plan, the page: the decision with its picture first, the user's own against it, and what a click adds."""

from __future__ import annotations

import pytest

from headroom.sharing import link
from headroom.ui.plan import decision_panel, stages, yours  # noqa: F401 - the parts of the page
from simulator.search_space import SearchSpace
from tests.headroom.ui.small import finished, given, opened, scenario, trouble, words

SMALL = scenario().model_copy(update={"search": SearchSpace(patterns=("serverless", "asynchronous"))})


def test_the_decision_stands_first_and_the_users_own_against_it():
    at = finished(opened(SMALL, "plan"))
    assert trouble(at) == []
    said = words(at).replace("\\", "")
    assert "Take Serverless" in at.subheader[0].value
    assert "Simulated 2 times" in said
    assert "Exact runs" in said
    assert "Asynchronous** cannot serve: answer in S3, later" in said
    assert "**1. Fixed**: $172.99 a month, p99 146 of 1,000 ms · against the best +$" in said
    assert any("of 10,000 requests" in code.value or "of 1,000 requests" in code.value for code in at.code)
    assert at.session_state["scenario"] == SMALL


def test_a_winner_becomes_one_of_mine_on_a_click_and_undo_takes_it_away():
    at = finished(opened(SMALL, "plan"))
    at.button("take-serverless").click().run()
    added = at.session_state["scenario"].deployments
    assert added[:-1] == SMALL.deployments
    assert added[-1].pattern == "serverless"
    assert given(at) == link.encode(at.session_state["scenario"])
    at.button("undo").click().run()
    assert at.session_state["scenario"] == SMALL


def test_a_changed_control_is_answered_at_once_by_the_candidates_that_were_shown():
    at = finished(opened(SMALL, "plan"))
    assert at.session_state["glance_candidates"]
    payload = next(widget for widget in at.sidebar.number_input if widget.label == "Payload (MB)")
    payload.set_value(20.0).run()
    assert trouble(at) == []
    assert "Serverless" in words(at)
    at = finished(at)
    assert "No pattern can serve this" in at.subheader[0].value or "Nothing meets" in at.subheader[0].value


def test_a_scenario_without_deployments_is_planned():
    at = finished(opened(SMALL.model_copy(update={"deployments": ()}), "plan"))
    assert trouble(at) == []
    assert "Take Serverless" in at.subheader[0].value
    assert "None yet" in words(at)


@pytest.mark.parametrize(("told", "number"), [({"customdata": 3}, 3), ({"customdata": [4]}, 4), ({"x": 1.0}, None)])
def test_what_streamlit_tells_of_a_click_is_read(told, number):
    assert decision_panel.number(told) == number
