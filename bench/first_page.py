"""What the first visit to the app costs: bytes over the wire, requests, seconds to decision and picture, layout shift.

    python -m bench.first_page [--write] [PRESET ...]

A real browser (HEADROOM_BROWSER, or what scripts/browser.py finds) with an empty cache visits a server that `headroom
serve` would start and that others have visited before. Between the two stands a proxy that counts bytes, headers and
WebSocket included. Each figure is the median of three visits. The load of the machine before them stands beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from bench import report, run
from headroom.sharing import link
from headroom.sharing.presets import load_preset, preset_keys
from scripts import browser, serving

VISITS = 3
SETTLED_S, MOST_SETTLES = 3.0, 3
PATIENCE_MS = 180_000

_OBSERVE_SHIFT = """
window.__shift = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
DECISION = "[data-testid=stMain] >> text=/\\$[0-9]/"
PICTURE = ".js-plotly-plot .main-svg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one visit cost. decision_s: until a price could be read. picture_s: until the first figure was drawn."""

    megabytes: float
    requests: int
    elsewhere: int
    decision_s: float
    picture_s: float
    shift: float


class CountingProxy:
    """Hands bytes between browsers and a server on the loopback, and counts what the server sends."""

    def __init__(self, port: int) -> None:
        self.received = 0
        self._server_port = port
        self._loop = asyncio.new_event_loop()
        self._port = 0

    @contextmanager
    def running(self) -> Iterator[str]:
        """Yield the address of the proxy, which ends with the block."""
        ready = threading.Event()
        thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        thread.start()
        ready.wait()
        try:
            yield f"http://127.0.0.1:{self._port}"
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(5)
            self._loop.close()

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        listening = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self._port = listening.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        listening.close()
        open_connections = asyncio.all_tasks(self._loop)
        for connection in open_connections:
            connection.cancel()
        self._loop.run_until_complete(asyncio.gather(*open_connections, return_exceptions=True))

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        await asyncio.gather(self._copy(reader, up_writer, False), self._copy(up_reader, writer, True))

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, counted: bool) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                self.received += len(data) if counted else 0
                target.write(data)
                await target.drain()
        target.close()


def visit(chromium: Browser, proxy: CountingProxy, address: str) -> Visit:
    """Open an address in a new browser profile and wait until nothing more comes."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    try:
        page = context.new_page()
        page.add_init_script(_OBSERVE_SHIFT)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        before = proxy.received
        began_s = time.perf_counter()
        page.goto(address, wait_until="commit")
        decision_s = _seconds_until(page, DECISION, began_s)
        picture_s = _seconds_until(page, PICTURE, began_s)
        _settle(page, proxy)
        return Visit(
            megabytes=(proxy.received - before) / 1e6,
            requests=len(asked),
            elsewhere=sum(urlsplit(url).hostname not in ("127.0.0.1", None) for url in asked),
            decision_s=decision_s,
            picture_s=picture_s,
            shift=float(page.evaluate("window.__shift")),
        )
    finally:
        context.close()


def _seconds_until(page: Page, selector: str, began_s: float) -> float:
    page.wait_for_selector(selector, timeout=PATIENCE_MS)
    return time.perf_counter() - began_s


def _settle(page: Page, proxy: CountingProxy) -> None:
    """Wait until less than a kilobyte has come for a while: progress that is drawn anew is not part of a first page."""
    for _ in range(MOST_SETTLES):
        before = proxy.received
        page.wait_for_timeout(1000 * SETTLED_S)
        if proxy.received - before < 1000:
            return


def measured(presets: Sequence[str]) -> dict[str, list[Visit]]:
    """Return the visits to each preset, all to one server."""
    path = browser.browser()
    if path is None:
        raise RuntimeError(browser.HELP)
    settings = {"HEADROOM_STORE": os.path.join(tempfile.mkdtemp(), "links.sqlite")}
    with serving.app(settings) as server, sync_playwright() as playwright:
        proxy = CountingProxy(urlsplit(server).port or 0)
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        with proxy.running() as address:
            addresses = {key: f"{address}/?s={link.encode(load_preset(key))}" for key in presets}
            for preset_address in addresses.values():  # others have been here before
                visit(chromium, proxy, preset_address)
            visits = {key: [visit(chromium, proxy, addresses[key]) for _ in range(VISITS)] for key in presets}
        chromium.close()
    return visits


def main(arguments: Sequence[str]) -> int:
    """Print a row for each preset; --write puts them into bench/RESULTS.md. Figures are shown, never required."""
    parser = argparse.ArgumentParser(description="Measure a first visit to the app in a real browser.")
    parser.add_argument("--write", action="store_true", help="write bench/results.json and bench/RESULTS.md")
    parser.add_argument("--date", default=f"{datetime.now(UTC):%Y-%m-%d}", help="date to write down (today)")
    parser.add_argument("presets", nargs="*", metavar="PRESET")
    given = parser.parse_args(arguments)
    stamp = {"date": given.date, **run.machine()}
    print("preset                  MB  requests  elsewhere  decision, s  picture, s  shift", flush=True)
    rows = []
    for key, visits in measured(given.presets or preset_keys()).items():
        median = {name: statistics.median(getattr(visit, name) for visit in visits) for name in Visit.__slots__}
        rows.append({"title": key, **median})
        print(
            f"{key:20} {median['megabytes']:5.2f} {median['requests']:9.0f} {median['elsewhere']:10.0f}"
            f" {median['decision_s']:12.1f} {median['picture_s']:11.1f} {median['shift']:6.3f}",
            flush=True,
        )
    if given.write:
        results = json.loads(run.RESULTS.read_text(encoding="utf-8"))
        results["page"] = {"stamp": stamp, "rows": rows}
        run.RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        run.PAGE.write_text(report.render(results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
