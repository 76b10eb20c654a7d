"""Undo, redo, pins side by side, and the search space."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from headroom.sharing import link
from simulator.scenario import Scenario
from tests.headroom.ui.small import APP, LONGEST_S, finished, given, opened, put, scenario, trouble, words


def click(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def change(at: AppTest, new: Scenario) -> AppTest:
    """The same page after another scenario has come in by the address."""
    at.query_params["s"] = link.encode(new)
    return at.run()


def disabled(at: AppTest, label: str) -> bool:
    return bool(next(button for button in at.button if button.label == label).disabled)


def test_undo_and_redo_go_through_the_changes_of_the_session():
    at = opened(scenario("One"), "costs")
    assert disabled(at, "Undo")
    change(at, scenario("Two"))
    change(at, scenario("Three"))
    click(at, "Undo")
    assert given(at) == link.encode(scenario("Two"))
    click(at, "Undo")
    assert given(at) == link.encode(scenario("One"))
    assert disabled(at, "Undo")
    click(at, "Redo")
    assert given(at) == link.encode(scenario("Two"))
    assert not disabled(at, "Redo")


def test_back_in_the_browser_is_an_undo_that_redo_takes_back():
    at = opened(scenario("One"), "costs")
    change(at, scenario("Two"))
    change(at, scenario("One"))
    assert disabled(at, "Undo")
    click(at, "Redo")
    assert given(at) == link.encode(scenario("Two"))


def test_a_new_change_ends_what_could_be_redone():
    at = opened(scenario("One"), "costs")
    change(at, scenario("Two"))
    click(at, "Undo")
    assert not disabled(at, "Redo")
    change(at, scenario("Three"))
    assert disabled(at, "Redo")


def test_pinned_numbers_stand_beside_new_ones_with_what_differs():
    at = finished(opened(scenario("Mine")))
    click(at, "Pin this scenario")
    finished(put(at, scenario("Mine", rate_per_s=4.0)))
    said = words(at).replace("\\", "")
    assert trouble(at) == []
    assert "1 input differs" in said
    table = at.table[1].value
    assert table.iloc[0].tolist()[1:3] == ["2", "4"]


def test_pins_travel_in_the_link():
    at = finished(opened(scenario("Mine")))
    click(at, "Pin this scenario")
    assert given(at, "pin") == link.encode(scenario("Mine"))
    elsewhere = AppTest.from_file(APP, default_timeout=LONGEST_S)
    elsewhere.query_params["s"] = link.encode(scenario("Other"))
    elsewhere.query_params["pin"] = given(at, "pin")
    elsewhere.run()
    assert elsewhere.session_state["pins"] == (scenario("Mine"),)
    click(elsewhere, "Unpin 1")
    assert given(elsewhere, "pin") == ""


def test_a_pin_that_cannot_be_read_is_left_out():
    at = AppTest.from_file(APP, default_timeout=LONGEST_S)
    at.query_params["s"] = link.encode(scenario())
    at.query_params["pin"] = "rubbish"
    at.switch_page("pages/costs.py").run()
    assert trouble(at) == []
    assert at.session_state["pins"] == ()


def test_the_search_space_is_edited_in_the_app():
    at = opened(scenario(), "settings")
    next(one for one in at.multiselect if one.label == "Patterns").set_value(["serverless", "batch"]).run()
    assert at.session_state["scenario"].search.patterns == ("serverless", "batch")
    next(one for one in at.selectbox if one.label == "Goal").set_value("latency").run()
    assert at.session_state["scenario"].search.goal == "latency"
