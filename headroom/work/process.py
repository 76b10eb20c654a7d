"""One worker process seen from the app: start it, give it an order, read its lines, end it with all it has started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from headroom.work.tasks import Payload, to_text

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "headroom.work.worker")


class Died(Exception):
    """The process ended, by itself or because it was killed; caught where tasks are run, never shown."""


class Worker:
    """A running `worker`. In a session of its own, so that Ctrl-C on the server does not reach it half-way, and so
    that it is one group with the processes it starts. ready: it has said that it can begin at once.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self.ready = False
        self._ending = threading.Lock()
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
        """Process id, and id of its group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs. Does not collect it, so that its id stays its own until `kill`."""
        with self._ending:
            if self._process.returncode is not None:
                return False
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def order(self, kind: str, payload: Payload) -> None:
        """Ask for one piece of work. Raises Died."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(to_text({"kind": kind, "payload": payload}) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise Died from error

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it says, as it says it. Raises Died when it says no more, or says something that is no JSON object."""
        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                said = json.loads(line)
                if not isinstance(said, dict):
                    raise Died
                self.ready = self.ready or said.get("state") == "ready"
                yield said
        except ValueError as error:
            raise Died from error
        raise Died

    def warm(self) -> None:
        """Wait until it is ready. Raises Died."""
        while not self.ready:
            next(self.lines())

    def kill(self) -> None:
        """End it and its own processes now; from any thread. Whoever reads its lines then sees that it died."""
        with self._ending:
            if self._process.returncode is None:
                os.killpg(self.pid, signal.SIGKILL)
                self._process.wait()

    def close(self) -> None:
        """End it and close its pipes; only from the thread that gives it orders."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
