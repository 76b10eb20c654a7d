"""The Portfolio page in a real browser, with the real search behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from headroom.sharing import link
from headroom.sharing.portfolio_link import decode_portfolio, encode_portfolio
from tests.browser.test_flows import address, edit, settled
from tests.headroom.ui.small import few, scenario

pytestmark = pytest.mark.browser


def opened(page: Page, url: str) -> None:
    """Two small workloads, planned."""
    page.goto(f"{url}/portfolio?p={encode_portfolio(few())}")
    planned(page)


def planned(page: Page) -> None:
    expect(page.locator("[data-testid=stAlertContentSuccess]").first).to_be_visible()
    expect(page.get_by_role("button", name="Stop the plan")).to_have_count(0)
    expect(page.get_by_role("button", name="Portfolio (JSON)")).to_be_visible()  # the last thing on the page
    settled(page)


def metrics(page: Page) -> Locator:
    return page.locator("[data-testid=stMetricValue]")


def test_a_first_visitor_comes_from_the_first_screen_to_the_company_and_its_baseline(page: Page, url):
    page.goto(url)
    page.get_by_role("link", name="Portfolio", exact=True).click()
    expect(page.get_by_role("heading", name="Portfolio", level=1)).to_be_visible()
    expect(page.locator("[data-testid=stMetricValue]").filter(has_text="$17,546")).to_be_visible()
    expect(page.get_by_text("payload in 80 MB, allowed at most 25 MB").first).to_be_visible()
    expect(page.get_by_text("Preview. Each on its best deployment, the 3 workloads cost")).to_be_visible()
    page.get_by_role("button", name="Stop the plan").click()
    expect(page.get_by_text("Stopped before it was finished, so only a preview")).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_a_discount_shows_a_saving_and_the_link_opens_the_same_portfolio(page: Page, url, chromium: Browser):
    opened(page, url)
    expect(metrics(page)).to_have_count(4)  # the best and the usual total, and each workload's best
    total, usual, *each = metrics(page).all_inner_texts()
    edit(page, "Discount (%)", "20")
    saved = page.get_by_text("commit $")
    expect(saved.first).to_be_visible()
    expect(page.get_by_role("button", name="Stop the plan")).to_have_count(0)  # nothing is planned again
    expect(page.get_by_text("hours use all of it")).to_be_visible()
    expect(metrics(page)).to_have_count(5)  # and what is saved
    settled(page)
    mine = metrics(page).all_inner_texts()
    assert [mine[0], mine[1], *mine[3:]] == [total, usual, *each]
    page.locator("[data-testid=stPopover] button").first.click()
    shared = page.locator("[data-testid=stPopoverBody] code").inner_text()
    assert decode_portfolio(shared.partition("?p=")[2]).savings_plans[0].discount_percent == 20
    page.keyboard.press("Escape")

    other = chromium.new_context(viewport={"width": 1366, "height": 900}).new_page()
    other.goto(shared)
    expect(other.get_by_text("hours use all of it")).to_be_visible(timeout=120_000)
    expect(metrics(other)).to_have_text(mine)
    expect(other.get_by_label("Discount (%)", exact=True)).to_have_value("20")
    other.context.close()

    page.go_back()
    expect(page.get_by_text("hours use all of it")).to_have_count(0)
    expect(page.get_by_label("Discount (%)", exact=True)).to_have_value("0")


def test_a_workload_opens_in_plan_and_the_menu_leads_back_to_the_portfolio(page: Page, url):
    opened(page, url)
    page.get_by_role("button", name="Open in Plan").first.click()
    expect(page.get_by_role("heading", name="Plan", level=1)).to_be_visible()
    expect(page.get_by_text("Scenario Steady")).to_be_visible()
    page.get_by_role("link", name="Portfolio").first.click()
    expect(page.get_by_role("heading", name="Portfolio", level=1)).to_be_visible()
    planned(page)
    expect(page.get_by_text("Portfolio Few")).to_be_visible()


def test_a_fixed_mapping_is_priced_beside_the_best(page: Page, url):
    opened(page, url)
    mapping = page.get_by_role("combobox", name="In your own mapping").first
    mapping.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # a list that is opened while the page still scrolls closes again
    mapping.click()
    page.get_by_role("option", name="Fixed").click()
    expect(page.get_by_text("Your own mapping, a month")).to_be_visible()
    expect(page.get_by_text("Your own mapping costs")).to_be_visible()


def test_a_reload_on_another_page_loses_nothing(page: Page, url):
    page.goto(f"{address(url, 'settings', link.encode(scenario('Mine')))}&p={encode_portfolio(few())}")
    expect(page.get_by_text("Scenario Mine")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Scenario Mine")).to_be_visible()
    page.get_by_role("link", name="Portfolio", exact=True).click()
    expect(page.get_by_text("Portfolio Few")).to_be_visible()
    page.wait_for_url(f"**?p={encode_portfolio(few())}&s=**")


def test_the_answer_is_downloaded(page: Page, url):
    opened(page, url)
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Portfolio (JSON)").click()
    found = json.loads(Path(downloading.value.path()).read_text())
    assert [choice["workload"] for choice in found["best"]["choices"]] == ["Steady", "Seldom"]
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Portfolio (CSV)").click()
    assert "always-on" in Path(downloading.value.path()).read_text()


@pytest.mark.parametrize("width", [320, 390, 1366])
def test_nothing_runs_out_of_the_page(chromium: Browser, url, width):
    page = chromium.new_context(viewport={"width": width, "height": 900}).new_page()
    page.set_default_timeout(120_000)
    opened(page, url)
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth - {main}.clientWidth") <= 0
    page.context.close()
