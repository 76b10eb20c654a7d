"""One worker process seen from the app: start it, give it an order, read its lines, end it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from simulator.scenario import Scenario

ROOT = Path(__file__).resolve().parents[1]
COMMAND = (sys.executable, "-m", "ui.worker")


class Died(Exception):
    """The process ended, by itself or because it was killed; caught where tasks are run, never shown."""


class Worker:
    """A running `ui.worker`. In a session of its own, so that Ctrl-C on the server does not reach it half-way."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._process = subprocess.Popen(
            list(command),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def order(self, scenario: Scenario) -> None:
        """Ask for one evaluation. Raises Died."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"scenario": scenario.model_dump(mode="json", by_alias=True)}) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise Died from error

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it says, as it says it. Raises Died when it says no more, or says something that is no JSON."""
        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                yield json.loads(line)
        except ValueError as error:
            raise Died from error
        raise Died

    def kill(self) -> None:
        """End it now; from any thread. Whoever reads its lines then sees that it died."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it and close its pipes; only from the thread that gives it orders."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
