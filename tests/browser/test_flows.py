"""What a newcomer does, in a real browser, with the real engine."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from headroom.sharing import link
from headroom.sharing.presets import FIRST_SHOWN, load_preset
from headroom.ui.shell.menu import PAGES
from scripts import serving
from tests.headroom.ui.small import heavy, scenario

pytestmark = pytest.mark.browser

PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)


def address(url: str, entry: str, given: str = "") -> str:
    """The address of a page; the default page has none of its own."""
    path = next("" if page.default else page.stem for page in PAGES if page.stem == entry)
    return f"{url}/{path}" + (f"?s={given}" if given else "")


def settled(page: Page) -> None:
    """Wait until the server draws no more: what is clicked before is replaced under the hand."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_have_count(1)


def verdict(page: Page) -> str:
    """The sentence on top of Compare, when it is there."""
    box = page.locator("[data-testid=stAlertContentSuccess], [data-testid=stAlertContentWarning]").first
    expect(box).to_be_visible()
    settled(page)
    return box.inner_text()


def numbers(page: Page) -> list[str]:
    """The cost on each card."""
    verdict(page)
    expect(page.get_by_role("button", name="Comparison (JSON)")).to_be_visible()  # the last thing on the page
    return page.locator("[data-testid=stMetricValue]").all_inner_texts()


def share(progress: str) -> int:
    """The number in "Fleet: 8 % simulated"."""
    return int(progress.partition("%")[0].rpartition(":")[2])


def edit(page: Page, label: str, value: str) -> None:
    box = page.get_by_label(label, exact=True)
    box.fill(value)
    box.press("Enter")


def test_the_first_screen_is_a_finished_comparison(page, url):
    page.goto(url)
    expect(page.get_by_role("heading", name="Compare", level=1)).to_be_visible()
    assert "meet" in verdict(page)
    expect(page.get_by_role("figure").first).to_be_visible()
    assert all(cost.startswith("$") for cost in numbers(page))
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_preset_change_verdict_link_and_the_same_numbers_elsewhere(page, url, chromium: Browser):
    page.goto(address(url, "workload"))
    page.get_by_role("button", name="Bursty function").click()
    page.get_by_text("Scenario Bursty function").wait_for()
    page.get_by_role("link", name="Next: Compare").click()
    before = verdict(page)
    assert "max 50 is the only one" in before
    page.get_by_text("Change, add or remove deployments").click()
    edit(page, "MaxConcurrency", "4")
    expect(page.get_by_text("None of the 5 deployments meets the requirement").first).to_be_visible()
    after = verdict(page)
    assert after != before
    page.get_by_role("button", name="Share").click()
    shared = page.locator("[data-testid=stPopoverBody] code").inner_text()
    assert shared == page.url
    elsewhere = chromium.new_context().new_page()
    elsewhere.goto(shared)
    assert verdict(elsewhere) == after
    assert numbers(elsewhere) == numbers(page)
    elsewhere.context.close()
    page.go_back()
    expect(page.get_by_text("max 50 is the only one").first).to_be_visible()
    assert verdict(page) == before


def test_a_long_run_can_be_stopped_and_the_page_answers_meanwhile(page, url):
    page.goto(address(url, "compare", link.encode(heavy())))
    stop = page.get_by_role("button", name="Stop the simulation")
    expect(stop).to_be_visible()
    expect(page.get_by_text("% simulated")).to_be_visible()
    page.get_by_text("Change, add or remove deployments").click()
    expect(page.get_by_label("InitialInstanceCount", exact=True)).to_be_visible()
    stop.click()
    expect(page.get_by_text("Stopped before it was finished")).to_be_visible()
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("% simulated")).to_be_visible()
    stop.click()
    expect(page.get_by_text("Stopped before it was finished")).to_be_visible()


def test_a_reload_joins_the_run_that_is_under_way(page, url):
    one = heavy()
    another = one.model_copy(update={"simulation": one.simulation.model_copy(update={"seed": 2})})
    page.goto(address(url, "compare", link.encode(another)))
    progress = page.get_by_text("% simulated")
    expect(progress).to_be_visible()
    page.wait_for_timeout(3000)
    reached = share(progress.inner_text())
    page.reload()
    expect(progress).to_be_visible()
    assert share(progress.inner_text()) >= reached
    page.get_by_role("button", name="Stop the simulation").click()
    expect(page.get_by_role("button", name="Run again")).to_be_visible()


def test_a_bad_file_is_explained_and_loses_nothing(page, url):
    page.goto(address(url, "workload", link.encode(scenario("Kept"))))
    page.get_by_text("Scenario Kept").wait_for()
    bad = {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"t_s,requests\n0,5\n60,many\n"}
    page.locator("input[type=file]").first.set_input_files(bad)
    said = page.get_by_text("cannot be used; the scenario is unchanged")
    expect(said).to_be_visible()
    expect(page.get_by_text("'many'")).to_be_visible()
    expect(page.get_by_text("Scenario Kept")).to_be_visible()


def test_a_link_with_rubbish_still_gives_a_working_page(page, url):
    page.goto(address(url, "compare", "1.rubbish"))
    expect(page.get_by_text("The link could not be opened")).to_be_visible()
    expect(page.get_by_text("is the cheapest").first).to_be_visible()
    page.wait_for_url("**?s=" + link.encode(load_preset(FIRST_SHOWN)))


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.stem)
def test_a_first_visit_to_any_page_goes_through_the_router(page, url, entry):
    page.goto(address(url, entry.stem))
    expect(page.get_by_role("heading", name=entry.title, level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&][sp]="))  # the scenario, or on its own page the portfolio
    expect(page.get_by_text("Page not found")).to_have_count(0)


def test_the_very_first_visit_to_a_server_may_be_a_deep_link(page):
    with serving.app() as fresh:
        page.goto(address(fresh, "timeline", link.encode(scenario())))
        expect(page.get_by_role("heading", name="Timeline", level=1)).to_be_visible()
        expect(page.get_by_text("How much work arrives?")).to_be_visible()
        expect(page.get_by_text("Page not found")).to_have_count(0)


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.stem)
@pytest.mark.parametrize("width", [320, 390, 820])
def test_nothing_is_wider_than_the_screen(chromium: Browser, url, entry, width):
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(address(url, entry.stem, link.encode(scenario())))
    expect(page.get_by_role("heading", name=entry.title, level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Stop the simulation")).to_have_count(0)
    page.wait_for_timeout(500)
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth") <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
