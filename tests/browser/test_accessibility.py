"""Every page held against axe-core's rules for WCAG 2.2 A and AA, in light and in dark.

The window is tall, because axe leaves the contrast of what is scrolled out of view untested.
"""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from headroom.sharing import link
from headroom.sharing.portfolio_link import encode_portfolio
from headroom.ui.shell.menu import PAGES
from scripts.screenshot import settled
from tests.browser.test_flows import address
from tests.headroom.ui.small import few, scenario

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
CLOSED = {
    "plan": (
        "Side by side",
        "Change, add or remove deployments",
        "Every clause of yours",
        "Why, in full",
        "In words and",
    ),
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.stem)
def test_a_page_breaks_no_rule_of_axe(chromium: Browser, url, entry, scheme):
    context = chromium.new_context(viewport={"width": 1366, "height": 7000}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{address(url, entry.stem, link.encode(scenario()))}&p={encode_portfolio(few())}")
    expect(page.get_by_role("heading", name=entry.title, level=1)).to_be_visible()
    settled(page)
    for closed in CLOSED.get(entry.stem, ()):
        page.get_by_text(closed).first.click()
    settled(page)
    found = Axe().run(page, options=RULES).response["violations"]
    broken = {f"{rule['id']}: {node['target']} {node['html'][:200]}" for rule in found for node in rule["nodes"]}
    assert broken == set()
    context.close()
