"""The server that `headroom serve` starts, asked by a plain HTTP client."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from headroom.ui.shell.menu import PAGES
from headroom.web.headers import HEADERS
from scripts import serving
from tests.headroom.web.conftest import get

pytestmark = pytest.mark.slow

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec_WebSocket_Protocol": "streamlit",
}


class Elsewhere(BaseHTTPRequestHandler):
    """Stands in for the rest of the world: every request that the server makes of others comes here."""

    asked: tuple[str, ...] = ()

    def do_GET(self) -> None:
        Elsewhere.asked += (self.path,)
        self.send_response(200)
        self.end_headers()

    def do_CONNECT(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing is written."""


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Iterator[str]:
    world = HTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=world.serve_forever, daemon=True).start()
    proxy = f"http://127.0.0.1:{world.server_port}"
    settings = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), proxy)
    store = str(tmp_path_factory.mktemp("store") / "links.sqlite")
    with serving.app({**settings, "HEADROOM_STORE": store, "NO_PROXY": "", "no_proxy": ""}) as found:
        yield found
    world.shutdown()
    world.server_close()


def test_pages_files_and_checks_are_answered_as_around_any_app(real):
    for entry in PAGES:
        answer = get(f"{real}/{'' if entry.default else entry.stem}")
        assert f"<title>{entry.title} · Headroom</title>" in answer.text
        assert {name.lower(): value for name, value in HEADERS.items()}.items() <= answer.headers.items()
    assert get(f"{real}/_stcore/health").body == b"ok"
    assert get(f"{real}/_stcore/health", Host="10.1.2.3").body == b"ok"
    assert get(f"{real}/_stcore/metrics").status == 404
    assert get(f"{real}/", Host="evil.test").status == 400


def test_a_websocket_of_another_page_is_refused_and_the_server_asks_nobody(real):
    assert get(f"{real}/_stcore/stream", Origin="http://evil.test", **HANDSHAKE).status == 403
    assert get(f"{real}/_stcore/stream", Host="evil.test", Origin="http://evil.test", **HANDSHAKE).status == 400
    assert Elsewhere.asked == ()


def test_an_upload_needs_the_token_of_the_page(real):
    path = f"{real}/_stcore/upload_file/session/file"
    assert get(path, method="PUT").status == 403
    assert get(path, method="PUT", Origin="http://evil.test").status == 403
