"""What the browser asks for and is given, page by page: nothing of others, no link that a user wrote."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from headroom.advisor.portfolio.description import Member, Portfolio
from headroom.sharing import link
from headroom.sharing.portfolio_link import encode_portfolio
from headroom.sharing.toml_file import read_scenario
from headroom.ui.shell.menu import PAGES
from scripts import serving
from tests.browser.test_flows import PATIENCE_MS, address, settled
from tests.headroom.ui.small import heavy, scenario

pytestmark = pytest.mark.browser

INJECTION = read_scenario(Path(__file__).with_name("injection.toml").read_text(encoding="utf-8"))


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser says against a page, and what it asks of others."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if is_complaint(message) else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "request",
        lambda request: (
            found.append(request.url)
            if urlsplit(request.url).hostname not in ("127.0.0.1", None)
            and not request.url.startswith(("data:", "blob:"))
            else None
        ),
    )
    return found


def is_complaint(message: ConsoleMessage) -> bool:
    """Streamlit looks for the root of the app by asking below the page's own path first."""
    return message.type == "error" and "/_stcore/" not in message.location["url"]


@pytest.mark.parametrize("entry", [page.stem for page in PAGES])
def test_a_page_asks_nothing_of_others_breaks_no_policy_and_makes_no_link_of_what_users_write(
    page: Page, url, complaints, entry
):
    given = link.encode(INJECTION)
    if entry == "portfolio":
        member = Member(scenario=INJECTION.model_copy(update={"deployments": INJECTION.deployments[:1]}))
        portfolio = encode_portfolio(Portfolio(name="http://evil.test/p", workloads=(member,)))
        page.goto(f"{url}/portfolio?p={portfolio}")
    else:
        page.goto(address(url, entry, given))
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_timeout(2000)
    settled_or_running(page)
    assert links_of_others(page) == []
    assert page.locator("img[src*='evil']").count() == 0
    assert complaints == []


def settled_or_running(page: Page) -> None:
    """Wait until the page has been drawn once; work that is under way may go on."""
    expect(page.locator("[data-testid=stMain]")).to_be_visible()


def links_of_others(page: Page) -> list[str]:
    """Every address on the page that a user has written."""
    addresses = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    return [found for found in addresses if urlsplit(found).hostname != "127.0.0.1"]


def test_a_page_of_another_origin_may_not_frame_the_app(chromium: Browser, url):
    context = chromium.new_context()
    page = context.new_page()
    page.route("http://other.test/", lambda route: route.fulfill(body=f"<iframe src='{url}/'></iframe>"))
    page.goto("http://other.test/", wait_until="load")
    (frame,) = page.frames[1:]
    assert frame.url == "chrome-error://chromewebdata/"
    context.close()


def test_a_file_is_downloaded_while_work_is_under_way(page: Page, url):
    given = encode_portfolio(Portfolio(name="Heavy", workloads=(Member(scenario=heavy()), Member(scenario=scenario()))))
    page.goto(f"{url}/portfolio?p={given}")
    stop = page.get_by_role("button").filter(has_text="Stop ").first
    expect(stop).to_be_visible(timeout=PATIENCE_MS)
    for name in ("Portfolio (CSV)", "Portfolio (JSON)"):
        with page.expect_download(timeout=PATIENCE_MS) as download:
            page.get_by_role("button", name=name).first.click()
        assert download.value.failure() is None
        assert Path(download.value.path()).stat().st_size > 0
    expect(stop).to_be_visible()
    stop.click()


def test_a_short_link_leads_into_the_app(page: Page, url):
    page.goto(address(url, "plan", link.encode(scenario("Sent on"))))
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Keep it here for a short link").click()
    page.wait_for_url("**l=*", timeout=PATIENCE_MS)
    id_ = page.url.partition("l=")[2].partition("&")[0]
    page.goto(f"{url}/s/{id_}")
    page.wait_for_url(f"**/?l={id_}*", timeout=PATIENCE_MS)
    expect(page.get_by_text("Scenario Sent on")).to_be_visible(timeout=PATIENCE_MS)


def test_the_app_alone_works_without_what_is_served_around_it(page: Page, tmp_path):
    with serving.app({"HEADROOM_STORE": str(tmp_path / "links.sqlite")}, script="app.py") as alone:
        page.goto(alone)
        expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=PATIENCE_MS)
        settled(page)
