"""Previews, the search, pins and Undo in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from headroom.sharing import link
from simulator.search_space import SearchSpace
from tests.browser.test_flows import address, edit, verdict
from tests.headroom.ui.small import heavy, scenario

pytestmark = pytest.mark.browser


def test_yours_have_a_preview_with_its_difference_before_the_exact_result(page: Page, url):
    page.goto(address(url, "plan", link.encode(heavy())))
    expect(page.get_by_text("1. Fleet").first).to_be_visible()
    row = page.get_by_text("(preview)").first
    expect(row).to_be_visible()
    stop = page.get_by_role("button", name="Stop the simulation")
    expect(stop).to_be_visible()
    before = row.inner_text()
    page.get_by_text("Change, add or remove deployments").click()
    edit(page, "InitialInstanceCount", "60")
    expect(row).not_to_have_text(before)
    stop.click()
    expect(page.get_by_text("Stopped before it was finished")).to_be_visible()


def test_timeline_shows_the_preview_first(page: Page, url):
    one = heavy()
    another = one.model_copy(update={"simulation": one.simulation.model_copy(update={"seed": 5})})
    page.goto(address(url, "timeline", link.encode(another)))
    page.get_by_role("combobox", name="Deployment").click()
    page.get_by_role("option", name="Yours 1").click()
    expect(page.get_by_text("The exact run replaces it")).to_be_visible()
    expect(page.get_by_text("How much work arrives?")).to_be_visible()
    page.get_by_role("button", name="Stop the simulation").click()
    expect(page.get_by_text("Stopped before it was finished")).to_be_visible()  # else it runs on beside the next test


def test_a_winner_is_added_to_mine_and_undo_takes_it_away(page: Page, url):
    small = scenario("Searched").model_copy(update={"search": SearchSpace(patterns=("serverless", "batch"))})
    page.goto(address(url, "plan", link.encode(small)))
    verdict(page)
    page.get_by_role("button", name="Add to mine").first.click()
    expect(page.get_by_text("3. Serverless").first).to_be_visible()
    expect(page.get_by_role("button", name="Add to mine").first).to_be_disabled()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("3. Serverless")).to_have_count(0)
    page.wait_for_url("**?s=" + link.encode(small))
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()


def test_pinned_numbers_beside_new_ones(page: Page, url):
    page.goto(address(url, "plan", link.encode(scenario("Pinned"))))
    verdict(page)
    page.get_by_text("Side by side").click()
    page.get_by_role("button", name="Pin this scenario").click()
    page.wait_for_url("**&pin=**")
    page.get_by_text("Change, add or remove deployments").click()
    edit(page, "InitialInstanceCount", "2")
    expect(page.get_by_text("1 input differs")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="InitialInstanceCount")
    assert row.get_by_role("cell").all_inner_texts()[1:] == ["1", "2", "≠"]
