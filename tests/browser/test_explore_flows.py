"""In a real browser: a click on a point of the plane, Undo, and a tab that begins its work when it is opened."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from headroom.sharing import link
from simulator.search_space import SearchSpace
from tests.browser.test_flows import address, settled
from tests.headroom.ui.small import scenario

pytestmark = pytest.mark.browser


def small(name: str):
    """Little to search."""
    return scenario(name).model_copy(update={"search": SearchSpace(patterns=("serverless",))})


def decided(page: Page) -> None:
    """Wait until exact runs have decided."""
    expect(page.get_by_role("button", name="Stop the ")).to_have_count(0)
    settled(page)


def test_a_clicked_point_says_what_it_is_and_becomes_mine_on_a_click_that_undo_takes_back(page: Page, url):
    one = small("Clicked")
    page.goto(address(url, "plan", link.encode(one)))
    decided(page)
    point = page.locator(".js-plotly-plot .scatterlayer .trace .points path.point").first
    page.wait_for_timeout(3000)  # what the choice hangs on is looked at last, and draws the picture anew
    decided(page)
    middle = point.bounding_box()
    assert middle is not None
    page.mouse.click(middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2)
    add = page.get_by_role("button", name="Add to mine").first
    expect(add).to_be_visible()
    assert page.url.endswith(link.encode(one))
    page.locator(".st-key-take-clicked button").click()
    expect(page.get_by_text("3. Serverless").first).to_be_visible()
    assert not page.url.endswith(link.encode(one))
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("3. Serverless")).to_have_count(0)
    page.wait_for_url("**?s=" + link.encode(one))


def test_a_tab_begins_its_work_when_it_is_opened_and_can_be_stopped(page: Page, url):
    page.goto(address(url, "explore", link.encode(small("Tabs"))))
    expect(page.get_by_role("tab", name="Map")).to_be_visible()
    settled(page)
    page.get_by_role("tab", name="Map").click()
    stop = page.get_by_role("button", name="Stop the map")
    expect(stop).to_be_visible()
    stop.click()
    expect(page.get_by_text("The map was stopped before it was finished.")).to_be_visible()
    page.get_by_role("button", name="Begin the map again").click()
    expect(page.get_by_role("figure", name=re.compile("Letters name the winner"))).to_be_visible()
    expect(page.get_by_role("figure")).to_have_count(1)
    page.get_by_role("tab", name="Rules of thumb").click()
    expect(page.get_by_text("No rule of thumb speaks of such a workload")).to_be_visible()
