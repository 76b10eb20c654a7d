"""The proxy that counts what a first visit takes, and its rows in the report."""

from __future__ import annotations

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

from bench import report, run
from bench.first_page import CountingProxy

BODY = b"x" * 100_000


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: object) -> None:
        """Nothing is written."""


def test_every_byte_that_comes_is_counted_and_handed_on():
    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proxy = CountingProxy(server.server_port)
    with proxy.running() as address:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
        connection.request("GET", "/")
        assert connection.getresponse().read() == BODY
        connection.close()
    assert len(BODY) < proxy.received < len(BODY) + 1000
    server.shutdown()
    server.server_close()


def test_the_figures_of_a_visit_are_a_row_of_the_report():
    results = json.loads(run.RESULTS.read_text(encoding="utf-8"))
    row = {"title": "some", "megabytes": 1.234, "requests": 99, "elsewhere": 0}
    row |= {"decision_s": 1.25, "picture_s": 2.5, "shift": 0.01}
    results["page"] = {"stamp": results["default"]["stamp"], "rows": [row]}
    assert "| some | 1.23 | 99 | 0 | 1.2 | 2.5 | 0.010 |" in report.render(results)
