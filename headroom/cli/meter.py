"""What a command says on standard error while it works: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

_WIDTH = 40
LINE_EVERY_S = 2.0
"""Seconds between two lines where there is no terminal: a log keeps them all, and short work needs none."""


class Meter:
    """How far the work is while the block lasts. A bar is wiped out at the end; lines and what is noted stay.

    clock: seconds, from any moment on.
    """

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._on_terminal = self._stream.isatty()
        self._clock, self._last_s = clock, clock()
        self._percent = -1

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *_: object) -> None:
        self._wipe()

    def tell(self, share: float) -> None:
        """Say which share of the work is done (0 to 1), when its whole per cent has changed."""
        percent = int(share * 100)
        if percent == self._percent:
            return
        if self._on_terminal:
            self._percent = percent
            self._write(f"\r  simulating {'█' * (percent // 5):<20} {percent:3d} %")
        elif self._clock() - self._last_s >= LINE_EVERY_S:
            self._percent, self._last_s = percent, self._clock()
            self._write(f"simulating: {percent} %\n")

    def note(self, text: str) -> None:
        """Write a text that stays, above the bar."""
        self._wipe()
        self._write(f"{text}\n")
        self._percent = -1

    def _wipe(self) -> None:
        if self._on_terminal:
            self._write("\r" + " " * _WIDTH + "\r")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
