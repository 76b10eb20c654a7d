"""A visitor brings a traffic file: it is read, asked about, and still there after a reload."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_flows import address, settled

pytestmark = pytest.mark.browser

FILES = Path(__file__).parents[1] / "headroom" / "traffic_files" / "files"


def bring(page: Page, name: str, data: bytes) -> None:
    settled(page)
    page.get_by_role("button", name="New, presets, files").click()
    uploads = page.locator("[data-testid=stFileUploader]")
    upload = uploads.filter(has_text="Traffic: what CloudWatch").locator("input[type=file]")
    upload.set_input_files({"name": name, "mimeType": "text/plain", "buffer": data})


def test_what_a_file_leaves_open_is_asked_and_then_said(page: Page, url: str) -> None:
    page.goto(address(url, "settings"))
    bring(page, "excel-us.csv", (FILES / "excel-us.csv").read_bytes())
    page.get_by_role("combobox", name="Which comes first in the dates").click()
    page.get_by_role("option", name="the month comes first").click()
    said = page.get_by_text("Read: CSV: 5 minutes, 1-minute bins, 15 requests, peak 0.0833 /s Sunday 00:04")
    expect(said.first).to_be_visible()


def test_a_trace_too_large_for_the_link_is_there_after_a_reload(page: Page, url: str) -> None:
    page.goto(address(url, "settings"))
    draw = random.Random(1)
    rows = "".join(f"{60 * i},{draw.randrange(10**6)}\n" for i in range(20_000))
    bring(page, "long.csv", f"t_s,requests\n{rows}".encode())
    notice = page.get_by_text("reloading brings it back")
    expect(notice.first).to_be_visible()
    page.wait_for_url(re.compile(r"[?&]k="))
    page.reload()
    settled(page)
    expect(notice.first).to_be_visible()
    expect(page.get_by_text("could not be opened")).to_have_count(0)
