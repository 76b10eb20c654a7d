"""What a newcomer does, in a real browser, with the real engine."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from headroom.sharing import link
from headroom.sharing.presets import FIRST_SHOWN, load_preset
from headroom.ui.shell.menu import MOVED, PAGES, page_of
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
    """The decision on Plan, when exact runs have decided."""
    decisions = re.compile("Take |the requirement|No pattern")
    box = page.locator("[data-testid=stHeading] h3").filter(has_text=decisions).first
    expect(page.get_by_text("Simulated").first).to_be_visible()
    expect(page.get_by_role("button", name="Stop ")).to_have_count(0)
    settled(page)
    expect(page.get_by_role("img", name="done_all icon").first).to_be_visible()  # by exact runs, not the fast answer
    expect(box).to_be_visible()
    return box.inner_text().partition(" ")[2]  # the icon is text of its own


def share(progress: str) -> int:
    """The number in "Fleet: 8 % simulated"."""
    return int(progress.partition("%")[0].rpartition(":")[2])


def edit(page: Page, label: str, value: str) -> None:
    box = page.get_by_label(label, exact=True)
    box.fill(value)
    box.press("Enter")


def control(page: Page, label: str, value: str) -> None:
    """Type a number into a control beside the page."""
    box = page.locator("[data-testid=stSidebar]").get_by_label(label, exact=True)
    box.fill(value)
    box.press("Enter")
    settled(page)


def test_the_first_screen_is_a_decision_with_its_picture(page, url):
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(url)
    expect(page.get_by_role("heading", name="Plan", level=1)).to_be_visible()
    assert verdict(page).startswith("Take Serverless")
    picture = page.get_by_role("figure").first.bounding_box()
    assert picture is not None
    assert picture["y"] + picture["height"] < 768, "the whole picture is on the first screen"
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_my_image_api_from_nothing(page, url):
    """New, three questions, a decision; a control moves it; the tail to paste; what a link shows elsewhere."""
    page.goto(url)
    page.get_by_role("button", name="New, presets, files").click()
    page.get_by_role("button", name="New scenario").click()
    page.locator("[data-testid=stForm]").get_by_label("Name", exact=True).fill("My image API")
    edit(page, "Requests/s at the busiest time", "5")  # Enter sends the questions off
    page.get_by_text("Scenario My image API").wait_for()
    before = verdict(page)
    assert before.startswith("Take ")
    expect(page.get_by_text("None yet.")).to_be_visible()
    expect(page.get_by_text("The tail, to paste into a review")).to_be_visible()
    amount = page.locator("[data-testid=stSidebar]").get_by_label("Requests/s", exact=True)
    expect(amount).to_have_value("5")  # values of the scenario before do not come back
    control(page, "Payload (MB)", "30")
    expect(page.get_by_text("Nothing meets the requirement")).to_be_visible()
    page.go_back()
    expect(page.get_by_text(before)).to_be_visible()
    assert verdict(page) == before


def test_preset_change_verdict_link_and_the_same_numbers_elsewhere(page, url, chromium: Browser):
    page.goto(address(url, "settings"))
    page.get_by_role("button", name="New, presets, files").click()
    page.get_by_role("button", name="Dashboard of a model").click()
    page.get_by_text("Scenario Dashboard in development").wait_for()
    page.get_by_role("link", name="Back to the plan").click()
    before = verdict(page)
    control(page, "Limit (s)", "2")
    expect(page.get_by_role("heading", name=re.compile("of 2,000 ms"))).to_be_visible()
    after = verdict(page)
    assert after != before
    page.get_by_role("button", name="Share").click()
    shared = page.locator("[data-testid=stPopoverBody] code").inner_text()
    assert shared.partition("&a=")[0] == page.url  # and the answer, to be seen at once
    elsewhere = chromium.new_context().new_page()
    elsewhere.goto(shared)
    assert verdict(elsewhere) == after
    elsewhere.context.close()
    page.go_back()
    expect(page.get_by_text(before)).to_be_visible()


@pytest.mark.parametrize("stem", MOVED)
def test_an_old_address_leads_to_the_new_page(page, url, stem):
    page.goto(f"{url}/{stem}?s={link.encode(scenario('Old'))}")
    expect(page.get_by_role("heading", name=page_of(MOVED[stem]).title, level=1)).to_be_visible()
    expect(page.get_by_text("Scenario Old")).to_be_visible()
    expect(page.get_by_text("Page not found")).to_have_count(0)


def test_a_long_run_can_be_stopped_and_the_page_answers_meanwhile(page, url):
    page.goto(address(url, "plan", link.encode(heavy())))
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
    page.goto(address(url, "plan", link.encode(another)))
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
    page.goto(address(url, "settings", link.encode(scenario("Kept"))))
    page.get_by_text("Scenario Kept").wait_for()
    bad = {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"t_s,requests\n0,5\n60,many\n"}
    page.get_by_role("button", name="New, presets, files").click()
    page.locator("input[type=file]").first.set_input_files(bad)
    said = page.get_by_text("cannot be used; the scenario is unchanged")
    expect(said).to_be_visible()
    expect(page.get_by_text("'many'")).to_be_visible()
    expect(page.get_by_text("Scenario Kept")).to_be_visible()


def test_a_link_with_rubbish_still_gives_a_working_page(page, url):
    page.goto(address(url, "plan", "1.rubbish"))
    expect(page.get_by_text("The link could not be opened")).to_be_visible()
    expect(page.get_by_text("Take Serverless").first).to_be_visible()
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
    expect(page.get_by_role("button", name="Stop ")).to_have_count(0)
    page.wait_for_timeout(500)
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth") <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
