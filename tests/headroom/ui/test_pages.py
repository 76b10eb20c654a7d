"""Every page of the registry, run as Streamlit's own test harness runs it, with the real engine behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from headroom.sharing import link
from headroom.ui.shell.menu import MOVED, PAGES, page_of
from tests.headroom.ui.small import APP, finished, given, looking_at, opened, put, scenario, trouble, words


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.stem)
def test_a_page_is_drawn_whole_with_its_title(entry):
    at = finished(opened(scenario(), entry.stem))
    assert trouble(at) == []
    assert at.title[0].value == entry.title


@pytest.mark.slow
@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.stem)
def test_a_page_goes_through_the_router_on_every_run(entry):
    at = opened(scenario(), entry.stem)
    for name in ("First", "Second"):
        changed = scenario(name)
        put(at, changed)
        assert given(at) == link.encode(changed)


def test_there_is_a_file_for_each_entry_and_an_entry_for_each_file():
    files = {file.stem for file in (Path(APP).parent / "pages").glob("*.py")}
    assert files == {entry.stem for entry in PAGES} | set(MOVED)
    assert sum(entry.default for entry in PAGES) == 1


@pytest.mark.parametrize("stem", MOVED)
def test_an_old_address_leads_to_the_new_page_with_its_scenario(stem):
    at = opened(scenario("Old"))
    at.switch_page(f"pages/{stem}.py").run()
    assert trouble(at) == []
    assert at.title[0].value == page_of(MOVED[stem]).title
    assert given(at) == link.encode(scenario("Old"))


def test_a_broken_page_would_be_noticed(tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "broken.py").write_text("raise RuntimeError('broken on purpose')\n")
    (tmp_path / "app.py").write_text(
        "import streamlit as st\nst.title('Broken')\nst.navigation([st.Page('pages/broken.py')]).run()\n"
    )
    at = AppTest.from_file(str(tmp_path / "app.py"), default_timeout=30).run()
    assert trouble(at) != []


def test_the_first_screen_is_a_decision_on_a_preset():
    at = finished(opened())
    assert trouble(at) == []
    assert "Classification API" in words(at)
    assert "Take Serverless" in at.subheader[0].value
    assert {"How bad is the tail?", "What is the money for?"} <= {heading.value for heading in at.subheader}


def test_every_line_of_a_bill_is_quantity_times_rate():
    at = finished(opened(scenario(), "costs"))
    [lines] = [frame.value for frame in at.dataframe if "Quantity × rate" in frame.value]
    assert all(" × $" in text for text in lines["Quantity × rate"])
    looking_at(at, "Yours 1: Fixed")
    [lines] = [frame.value for frame in at.dataframe if "Quantity × rate" in frame.value]
    assert any("instance-hours × $" in text for text in lines["Quantity × rate"])
    assert "Oldest price of " in words(at)


@pytest.mark.slow
def test_no_widget_is_a_primary_button_or_a_date():
    for entry in PAGES:
        at = opened(scenario(), entry.stem)
        assert not at.date_input
        assert all(button.proto.type != "primary" for button in at.button)


def test_user_text_reaches_no_page_as_markdown():
    beacon = "![x](https://example.com/x.png)"
    named = scenario(beacon)
    named = named.model_copy(
        update={"deployments": tuple(d.model_copy(update={"name": beacon}) for d in named.deployments)}
    )
    for entry in PAGES:
        at = finished(opened(named, entry.stem))
        assert trouble(at) == []
        assert beacon not in words(at)
        assert all(beacon not in str(button.label) + str(button.help) for button in at.button)


def test_a_scenario_without_deployments_still_has_a_page():
    at = finished(opened(scenario().model_copy(update={"deployments": ()})))
    assert trouble(at) == []
    assert "None yet" in words(at)
