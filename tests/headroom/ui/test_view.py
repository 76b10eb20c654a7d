"""What is looked at stands in the address: a link and a reload show the same tab and the same deployment."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from headroom.sharing import link
from headroom.ui.explore.tabs import TABS
from headroom.ui.shell import view
from tests.headroom.ui.small import APP, LONGEST_S, finished, given, scenario, trouble


def opened_at(page: str, choices: str) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=LONGEST_S)
    at.query_params["s"] = link.encode(scenario())
    at.query_params[view.PARAMETER] = choices
    return at.run().switch_page(f"pages/{page}.py").run()


def test_a_link_opens_the_deployment_that_the_sender_looked_at_and_another_choice_goes_into_the_address():
    at = finished(opened_at("timeline", "timeline.2"))
    assert trouble(at) == []
    (box,) = [box for box in at.main.selectbox if box.label == "Deployment"]
    assert box.index == 1
    assert given(at, view.PARAMETER) == "timeline.2"
    box.set_value(0).run()
    assert trouble(at) == []
    assert given(at, view.PARAMETER) == "timeline.1"
    assert any(code.value.endswith("&v=timeline.1") for code in at.code)


def test_a_link_opens_the_tab_that_the_sender_looked_at():
    title = TABS[-1][0]
    at = opened_at("explore", "explore.rules-of-thumb~timeline.2")
    assert title == "Rules of thumb"
    assert trouble(at) == []
    assert [tab.label for tab in at.tabs if tab.children] == [title]
    assert given(at, view.PARAMETER) == "explore.rules-of-thumb~timeline.2"


def test_a_choice_that_is_no_choice_is_the_usual_one():
    for choices in ("timeline.9", "timeline.x", "<b>", "explore.none"):
        at = finished(opened_at("timeline", choices))
        assert trouble(at) == []
        (box,) = [box for box in at.main.selectbox if box.label == "Deployment"]
        assert box.index == 0
