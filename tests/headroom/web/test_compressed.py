"""Files of the browser part: small on the wire, the same when unpacked, kept by the browser."""

from __future__ import annotations

import gzip

import brotli
import pytest

from headroom.web.compressed import ASK_AGAIN, FOREVER, Shelf, best_coding
from headroom.web.page_html import STATIC
from tests.headroom.web.conftest import get

SCRIPT = next((STATIC / "static" / "js").glob("index.*.js"))


def test_a_script_is_sent_in_the_smallest_coding_that_the_browser_takes(address):
    whole = SCRIPT.read_bytes()
    url = f"{address}/static/js/{SCRIPT.name}"
    plain, by_gzip, by_brotli = (get(url, Accept_Encoding=codings) for codings in ("", "gzip, deflate", "gzip, br"))
    assert plain.body == gzip.decompress(by_gzip.body) == brotli.decompress(by_brotli.body) == whole
    assert len(by_brotli.body) < len(by_gzip.body) < len(whole) / 3
    for answer, coding in ((plain, None), (by_gzip, "gzip"), (by_brotli, "br")):
        assert answer.status == 200
        assert answer.headers.get("content-encoding") == coding
        assert answer.headers["cache-control"] == FOREVER
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-type"].startswith(("text/javascript", "application/javascript"))
        assert int(answer.headers["content-length"]) == len(answer.body)


def test_a_font_is_sent_as_it_is(address):
    font = next((STATIC / "static" / "media").glob("SourceSansVF-Upright*.woff2"))
    answer = get(f"{address}/static/media/{font.name}", Accept_Encoding="gzip, br")
    assert "content-encoding" not in answer.headers
    assert answer.body == font.read_bytes()


def test_what_the_browser_has_is_not_sent_again(address):
    url = f"{address}/static/js/{SCRIPT.name}"
    tag = get(url, Accept_Encoding="br").headers["etag"]
    again = get(url, Accept_Encoding="br", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")
    assert get(url, Accept_Encoding="gzip", If_None_Match=tag).status == 200


def test_head_says_the_length_and_sends_nothing(address):
    answer = get(f"{address}/static/js/{SCRIPT.name}", method="HEAD", Accept_Encoding="br")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize("path", ["js/none.js", "", "js", "../index.html", "js/../../index.html", "%2e%2e/index.html"])
def test_what_is_not_below_the_folder_is_left_to_streamlit(address, path):
    answer = get(f"{address}/static/{path}")
    assert answer.text.startswith("streamlit ")


def test_what_takes_the_place_of_a_file_is_asked_for_again_and_what_is_added_is_kept(tmp_path):
    (tmp_path / "a.js").write_text("there")
    shelf = Shelf(tmp_path, {"a.js": b"instead", "b.js": b"added"}, {"b.js": brotli.compress(b"added")})
    replaced, added, packed = shelf.body("a.js", ""), shelf.body("b.js", "gzip"), shelf.body("b.js", "br")
    assert replaced is not None
    assert added is not None
    assert packed is not None
    assert (replaced.content, replaced.caching) == (b"instead", ASK_AGAIN)
    assert (gzip.decompress(added.content), added.caching) == (b"added", FOREVER)
    assert (brotli.decompress(packed.content), packed.caching) == (b"added", FOREVER)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("br; q=0.0, gzip; q=0", ""),
        ("GZIP", "gzip"),
        ("identity", ""),
        ("", ""),
        (";;,,", ""),
    ],
)
def test_the_coding_follows_what_the_browser_says(accepted, coding):
    assert best_coding(accepted) == coding
