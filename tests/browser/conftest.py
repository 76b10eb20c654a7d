"""A running app and a real Chromium. HEADROOM_BROWSER names the browser; `make browser` finds or installs one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from scripts import serving


@pytest.fixture(scope="session")
def url(tmp_path_factory) -> Iterator[str]:
    with serving.app({"HEADROOM_STORE": str(tmp_path_factory.mktemp("store") / "links.sqlite")}) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("HEADROOM_BROWSER")
    if not path:
        pytest.fail("HEADROOM_BROWSER names no browser. Run `make browser`, which finds or installs one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh browser, as another person has it."""
    context = chromium.new_context(viewport={"width": 1366, "height": 900})
    context.set_default_timeout(120_000)
    yield context.new_page()
    context.close()
