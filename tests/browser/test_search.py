"""Previews, the search, pins and Undo in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from headroom.sharing import link
from simulator.search_space import SearchSpace
from tests.browser.test_flows import address, edit, verdict
from tests.headroom.ui.small import heavy, scenario

pytestmark = pytest.mark.browser


def test_a_preview_with_its_errors_is_there_before_the_exact_result(page: Page, url):
    page.goto(address(url, "compare", link.encode(heavy())))
    expect(page.get_by_text("Preview. By the preview")).to_be_visible()
    expect(page.get_by_text("± ").first).to_be_visible()
    stop = page.get_by_role("button", name="Stop the simulation")
    expect(stop).to_be_visible()
    cost = page.locator("[data-testid=stMetricValue]").first
    before = cost.inner_text()
    page.get_by_text("Change, add or remove deployments").click()
    edit(page, "InitialInstanceCount", "60")
    expect(cost).not_to_have_text(before)
    expect(page.get_by_text("Preview. By the preview")).to_be_visible()
    stop.click()
    expect(page.get_by_text("Stopped before it was finished")).to_be_visible()


def test_timeline_shows_the_preview_first(page: Page, url):
    one = heavy()
    another = one.model_copy(update={"simulation": one.simulation.model_copy(update={"seed": 5})})
    page.goto(address(url, "timeline", link.encode(another)))
    expect(page.get_by_text("The exact run replaces it")).to_be_visible()
    expect(page.get_by_text("How much work arrives?")).to_be_visible()
    page.get_by_role("button", name="Stop the simulation").click()
    expect(page.get_by_text("Stopped before it was finished")).to_be_visible()  # else it runs on beside the next test


def test_find_take_over_and_undo(page: Page, url):
    small = scenario("Searched").model_copy(update={"search": SearchSpace(patterns=("serverless", "batch"))})
    page.goto(address(url, "compare", link.encode(small)))
    verdict(page)
    page.get_by_role("button", name="Find the best configurations").click()
    use = page.get_by_role("button", name="Use these")
    expect(use).to_be_visible()
    expect(page.get_by_role("button", name="Stop the search")).to_have_count(0)
    expect(page.get_by_text("to decide.")).to_be_visible()
    use.click()
    expect(page.locator("[data-testid=stMain]").get_by_text("Fixed", exact=True)).to_have_count(0)
    expect(use).to_be_disabled()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Fixed", exact=True).first).to_be_visible()
    page.wait_for_url("**?s=" + link.encode(small))
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()


def test_pinned_numbers_beside_new_ones(page: Page, url):
    page.goto(address(url, "compare", link.encode(scenario("Pinned"))))
    verdict(page)
    page.get_by_text("Side by side").click()
    page.get_by_role("button", name="Pin this scenario").click()
    page.wait_for_url("**&pin=**")
    page.get_by_text("Change, add or remove deployments").click()
    edit(page, "InitialInstanceCount", "2")
    expect(page.get_by_text("1 input differs")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="InitialInstanceCount")
    assert row.get_by_role("cell").all_inner_texts()[1:] == ["1", "2", "≠"]
