"""How the app answers many visitors at once: real WebSocket clients on the loopback, against a server of its own.

    python -m bench.load [--visitors 50] [--searching 5] [--minutes 10] [--out bench/load.json]

Every visitor has a connection and a scenario of his own and speaks the app's protocol as a browser does. Those who
search are on the Plan page with large scenarios and ask for another one every minute; the others go through the pages
and turn a knob, a number of the page, every few seconds. Measured: what went wrong; the time from turning the knob to
the last word of the page about it; memory of the server and all its processes.

Asked for: no error, half of the knobs within 0.3 s and 95 % within 1 s, memory flat after the first minute.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from headroom.sharing.link import encode
from headroom.sharing.presets import load_preset
from scripts import serving
from simulator.scenario import Scenario
from simulator.traffic.kinds import Constant

PAGES = ("", "timeline", "explore", "portfolio", "costs", "settings")
KNOB_PAGES = ("costs", "settings", "timeline")
"""Pages that a visitor turns knobs on: those that ask for no search."""
THINKS_S = (3.0, 9.0)
SEARCHES_EVERY_S = 60.0
ARRIVE_S = 0.4
"""Between the arrivals of two visitors."""
LONGEST_S = 120.0
SAMPLE_S = 5.0
WARM_S = 60.0
MEDIAN_S, P95_S = 0.3, 1.0

Widget = tuple[str, float, bool]
"""A number of a page: its id, its value, and whether it is a whole number."""


@dataclass
class Log:
    """What all visitors have met. knobs_s: by moment since the start."""

    began_s: float = field(default_factory=time.monotonic)
    errors: Counter[str] = field(default_factory=Counter)
    loads_s: list[float] = field(default_factory=list)
    knobs_s: list[float] = field(default_factory=list)
    memory_mb: list[tuple[float, float]] = field(default_factory=list)

    @property
    def now_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began_s


class Visitor:
    """One browser tab. number: makes his scenarios differ from those of others."""

    def __init__(self, url: str, number: int, log: Log) -> None:
        self._url, self._log = url, log
        self._rng = random.Random(number)
        self._widgets: list[Widget] = []
        self._hash = ""
        self._link = ""

    async def stroll(self, until_s: float) -> None:
        """Go through the pages and turn knobs."""
        await self._visit(until_s, self._next_steps)

    async def search(self, until_s: float) -> None:
        """Stay on the Plan page and ask for another search every minute."""
        await self._visit(until_s, self._next_search)

    async def _visit(self, until_s: float, step: Any) -> None:
        address = self._url.replace("http", "ws") + "/_stcore/stream"
        while self._log.now_s < until_s:
            try:
                async with connect(address, subprotocols=["streamlit"], max_size=None, origin=self._url) as socket:  # type: ignore[arg-type, list-item]
                    while self._log.now_s < until_s:
                        await step(socket)
            except (WebSocketException, OSError, TimeoutError) as error:
                self._log.errors[f"{type(error).__name__}: {error}"[:120]] += 1
                await asyncio.sleep(1)

    async def _next_steps(self, socket: ClientConnection) -> None:
        self._link = encode(self._scenario(rate_per_s=2.0))
        page = self._rng.choice(PAGES)
        await self._timed(socket, self._log.loads_s, page)
        if page not in KNOB_PAGES:
            await self._think(socket)
            return
        for _ in range(4):
            await self._think(socket)
            if self._widgets:
                await self._timed(socket, self._log.knobs_s, page, self._turned())

    async def _next_search(self, socket: ClientConnection) -> None:
        self._link = encode(self._scenario(rate_per_s=40.0))
        await self._timed(socket, self._log.loads_s, "")
        await self._listen(socket, SEARCHES_EVERY_S)

    def _scenario(self, rate_per_s: float) -> Scenario:
        preset = load_preset("dashboard")
        traffic = Constant(rate_per_s=round(rate_per_s * self._rng.uniform(0.5, 1.5), 4))
        return preset.model_copy(update={"workload": preset.workload.model_copy(update={"traffic": traffic})})

    def _turned(self) -> Widget:
        id_, value, whole = self._rng.choice(self._widgets)
        return id_, value + 1 if whole else value * 1.01 + 0.01, whole

    async def _think(self, socket: ClientConnection) -> None:
        """Wait as people do, and hear what the page says meanwhile."""
        await self._listen(socket, self._rng.uniform(*THINKS_S))

    async def _listen(self, socket: ClientConnection, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                self._hear(await asyncio.wait_for(socket.recv(), left_s))
            except TimeoutError:
                return

    async def _timed(
        self, socket: ClientConnection, times_s: list[float], page: str, turned: Widget | None = None
    ) -> None:
        """Ask for a page, or for what a knob changes on it, and wait for the end of the run."""
        self._widgets = [] if turned is None else self._widgets
        began_s = time.monotonic()
        await socket.send(self._asked(page, turned).SerializeToString())
        async with asyncio.timeout(LONGEST_S):
            while not self._hear(await socket.recv()):
                pass
        times_s.append(time.monotonic() - began_s)

    def _asked(self, page: str, turned: Widget | None) -> BackMsg:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = f"s={self._link}"
        if turned is None:
            state.page_name = page
        else:
            id_, value, whole = turned
            state.page_script_hash = self._hash
            widget = state.widget_states.widgets.add(id=id_)
            if whole:
                widget.int_value = int(value)
            else:
                widget.double_value = value
        return message

    def _hear(self, data: str | bytes) -> bool:
        """Take in one message; return whether a run of the page has ended with it."""
        message = ForwardMsg()
        message.ParseFromString(data if isinstance(data, bytes) else data.encode())
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._hash = message.new_session.page_script_hash
        elif kind == "delta":
            self._see(message.delta.new_element)
        elif kind == "page_not_found":
            self._log.errors["page not found"] += 1
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                self._log.errors["compile error"] += 1
            return message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        return False

    def _see(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            self._log.errors[f"exception: {element.exception.message}"[:120]] += 1
        elif kind == "number_input" and not element.number_input.disabled:
            number = element.number_input
            self._widgets.append((number.id, number.default, number.data_type == number.INT))


def memory_mb(pid: int) -> float:
    """What a process and all that it has started hold in memory; what they share is counted once (PSS)."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(folder.name))
    waiting, total_kb = [pid], 0
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
        except OSError:
            continue
        total_kb += next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
    return total_kb / 1000


async def _measured(url: str, pid: int, options: argparse.Namespace) -> Log:
    log, until_s = Log(), 60.0 * options.minutes
    visitors = [Visitor(url, number, log) for number in range(options.visitors)]

    async def come(number: int, visitor: Visitor) -> None:
        await asyncio.sleep(ARRIVE_S * number)
        await (visitor.search(until_s) if number < options.searching else visitor.stroll(until_s))

    async def watch() -> None:
        while True:
            log.memory_mb.append((round(log.now_s, 1), round(memory_mb(pid), 1)))
            await asyncio.sleep(SAMPLE_S)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(come(number, visitor) for number, visitor in enumerate(visitors)))
    watching.cancel()
    return log


def report(log: Log) -> dict[str, Any]:
    """The figures of a run, as they are written down."""
    warm = [mb for at_s, mb in log.memory_mb if at_s >= WARM_S] or [mb for _, mb in log.memory_mb]
    return {
        "errors": dict(log.errors),
        "loads": _summary(log.loads_s),
        "knobs": _summary(log.knobs_s),
        "memory_mb": {"after_warm_up": warm[0], "most": max(warm), "end": warm[-1]} if warm else {},
        "memory_curve_mb": [list(sample) for sample in log.memory_mb],
        "load_average": round(os.getloadavg()[0], 1),
    }


def _summary(times_s: Sequence[float]) -> dict[str, float]:
    if len(times_s) < 2:
        return {"number": len(times_s)}
    return {
        "number": len(times_s),
        "median_s": round(statistics.median(times_s), 3),
        "p95_s": round(statistics.quantiles(times_s, n=20, method="inclusive")[-1], 3),
        "most_s": round(max(times_s), 3),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print the figures, and write them where that is wanted; 1 when a visitor met an error."""
    parser = argparse.ArgumentParser(description="Measure the app under load.")
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--searching", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        settings = {"HEADROOM_STORE": f"{folder}/links.sqlite"}
        with serving.app_with_process(settings) as (url, process):
            log = asyncio.run(_measured(url, process.pid, options))
    figures = report(log) | {"visitors": options.visitors, "searching": options.searching, "minutes": options.minutes}
    text = json.dumps(figures)
    print(text)
    if options.out is not None:
        options.out.write_text(f"{text}\n", encoding="utf-8")
    return 1 if log.errors else 0


if __name__ == "__main__":
    sys.exit(main())
