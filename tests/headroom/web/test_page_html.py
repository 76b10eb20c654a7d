"""The HTML of every page says what it is before a script runs, and carries our icon."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.locations import ICON
from headroom.ui.shell.menu import PAGES
from headroom.web.headers import HEADERS
from headroom.web.page_html import STATIC, Metadata, page
from tests.headroom.web.conftest import get


class Head(HTMLParser):
    """The title, the named values of the meta tags, the links, and how many scripts stand within the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title = self._tag = ""
        self.meta: dict[str | None, str | None] = {}
        self.links: dict[str | None, str | None] = {}
        self.scripts: list[str | None] = []
        self.inline = 0
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self._tag = tag
        if tag == "meta":
            self.meta[values.get("name") or values.get("property")] = values.get("content")
        if tag == "link":
            self.links[values["rel"]] = values["href"]
        if tag == "script":
            self.scripts.append(values.get("src"))

    def handle_data(self, data):
        if self._tag == "title" and data.strip():
            self.title += data
        if self._tag == "script" and data.strip():
            self.inline += 1


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.stem)
def test_every_page_has_title_description_and_icon_for_who_runs_no_script(address, entry):
    answer = get(f"{address}/{'' if entry.default else entry.stem}")
    head = Head(answer.text)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert entry.title in head.title
    assert head.meta["og:title"] == head.title
    assert entry.help in str(head.meta["og:description"])
    assert head.links["icon"] == "./icon.png"
    assert "Streamlit" not in head.title


def test_the_scripts_and_styles_of_streamlit_are_kept():
    html = page(Metadata(title="T", description="D"), "")
    original = (STATIC / "index.html").read_text(encoding="utf-8")
    loaded = re.findall(r'(?:src|href)="(\./static/[^"]+)"', original)
    assert len(loaded) > 50
    assert re.findall(r'(?:src|href)="(\./static/[^"]+)"', html) == loaded
    head = Head(html)
    assert head.inline == 0
    assert "service-desc" not in html
    assert html.count("<noscript>") == 1
    assert '<div id="root"></div>' in html


@given(st.text(), st.text())
def test_texts_of_users_stay_texts(title, description):
    html = page(Metadata(title=f"a{title}", description=f"a{description}", picture="/p.png?x=1&y=2"), "http://h")
    head = Head(html)
    assert head.meta["og:title"] == f"a{title}"
    assert head.meta["og:description"] == f"a{description}"
    assert head.meta["og:image"] == "http://h/p.png?x=1&y=2"
    assert len(head.scripts) == 1


def test_the_icon_is_ours(address):
    answer = get(f"{address}/icon.png")
    assert answer.headers["content-type"] == "image/png"
    assert answer.body == ICON.read_bytes()


def test_every_response_has_the_headers_that_protect(address):
    for path in ("/", "/icon.png", "/static/none.js", "/_stcore/health", "/any"):
        headers = get(f"{address}{path}").headers
        assert {name.lower(): value for name, value in HEADERS.items()}.items() <= headers.items()
