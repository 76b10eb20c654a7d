"""What a command says on standard error while it works: a bar on a terminal, else a line once a minute."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress
from typing import TextIO

from headroom.advisor.tell import words

_WIDTH = 64
LINE_EVERY_S = 60.0
"""Seconds between two lines where there is no terminal: a log keeps them all, and short work needs none."""


class Meter:
    """How far the work is while the block lasts. A bar is wiped out at the end; lines and what is noted stay.

    every_s: seconds between two lines where `stream`, by default standard error, is no terminal.
    """

    def __init__(self, stream: TextIO | None = None, every_s: float = LINE_EVERY_S) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._on_terminal = self._stream.isatty()
        self._began_s, self._every_s = time.monotonic(), every_s
        self._share = 0.0
        self._percent = -1
        self._ended = threading.Event()
        self._lines = threading.Thread(target=self._write_lines, name="meter", daemon=True)

    def __enter__(self) -> Meter:
        if not self._on_terminal:
            self._lines.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if not self._on_terminal:
            self._lines.join()
        self._wipe()

    def tell(self, share: float) -> None:
        """Note which share of the work is done (0 to 1); a bar is drawn anew when its whole per cent has changed."""
        self._share, percent = share, int(share * 100)
        if self._on_terminal and percent != self._percent:
            self._percent = percent
            self._write(f"\r  simulating {'█' * (percent // 5):<20} {f'{percent:3d} %{self._left()}':<27}")

    def note(self, text: str) -> None:
        """Write a text that stays, above the bar."""
        self._wipe()
        self._write(f"{text}\n")
        self._percent = -1

    def _write_lines(self) -> None:
        while not self._ended.wait(self._every_s):
            self._write(f"simulating: {int(self._share * 100)} %{self._left()}\n")

    def _left(self) -> str:
        return words.time_left(time.monotonic() - self._began_s, self._share)

    def _wipe(self) -> None:
        if self._on_terminal:
            self._write("\r" + " " * _WIDTH + "\r")

    def _write(self, text: str) -> None:
        with suppress(OSError):  # closed or full: the work goes on, and its result is written elsewhere
            self._stream.write(text)
            self._stream.flush()
