"""Take pictures of the app.

`python -m scripts.screenshot` writes docs/images/plan.png, the picture of the README; with a folder, every page goes
into it, light and dark, at laptop and phone width. Starts the app by itself, on a free port, with the browser that
scripts/browser.py finds.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from headroom.ui.shell.menu import PAGES
from scripts import browser as finder
from scripts.serving import ROOT, app

PICTURE = ROOT / "docs" / "images" / "plan.png"
LAPTOP, PHONE = 1366, 390
READY_MS = 120_000
CALM = 4  # looks in a row, 0.6 s apart


def settled(page: Page) -> None:
    """Wait until nothing has been simulated, drawn or loaded for a while."""
    calm = 0
    while calm < CALM:
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=READY_MS)
        busy = page.get_by_role("button", name="Stop ").count()
        calm = 0 if busy else calm + 1
        page.wait_for_timeout(600)


def opened(chromium: Browser, url: str, width: int, scheme: Literal["light", "dark"], height: int = 900) -> Page:
    """A page of the app in a browser of its own, settled."""
    page = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
    page.goto(url)
    page.wait_for_selector("h1", timeout=READY_MS)
    settled(page)
    return page


def whole(page: Page, file: Path) -> None:
    """The page from top to bottom: the window is made as tall as what it shows."""
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size(
        {"width": page.viewport_size["width"] if page.viewport_size else LAPTOP, "height": height + 20}
    )
    settled(page)
    page.screenshot(path=file)


def every_page(chromium: Browser, url: str, folder: Path) -> None:
    """Each page of the registry, in both themes and both widths."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in PAGES:
        address = url if entry.default else f"{url}/{entry.stem}"
        for width in (LAPTOP, PHONE):
            for scheme in ("light", "dark"):
                page = opened(chromium, address, width, scheme)
                whole(page, folder / f"{entry.stem}-{width}-{scheme}.png")
                page.context.close()


def main() -> int:
    """Write the picture of the README, or all of them into a folder."""
    path = finder.browser()
    if path is None:
        print(finder.HELP, file=sys.stderr)
        return 1
    with app() as url, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        if len(sys.argv) > 1:
            every_page(chromium, url, Path(sys.argv[1]))
        else:
            PICTURE.parent.mkdir(parents=True, exist_ok=True)
            opened(chromium, url, LAPTOP, "light", 768).screenshot(path=PICTURE)
        chromium.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
