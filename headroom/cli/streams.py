"""The standard streams, which may be closed, full, or read by somebody who leaves."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress

_CLOSED = {0: os.O_WRONLY, 1: os.O_RDONLY, 2: os.O_RDONLY}
"""By descriptor, how a device is opened so that using it fails as if it were closed."""


def hold_streams() -> None:
    """Keep the descriptors of closed standard streams from being given to other files; using them still fails.

    Characters that the terminal has not are shown as "?".
    """
    for descriptor, mode in _CLOSED.items():
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest free descriptor, which is this one
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - they last as long as the program
    sys.stdout = sys.stdout or _writer(1)
    sys.stderr = sys.stderr or _writer(2)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def say(text: str) -> None:
    """Write a text to standard error; where that is closed or full there is nobody to tell."""
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def drop_unwritten() -> None:
    """Throw away what the standard streams hold and cannot write, so that the end of the program does not try again."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def why(error: OSError) -> str:
    """Return what went wrong with a stream in words."""
    return "it is closed" if error.errno == errno.EBADF else error.strerror or str(error)


def _writer(descriptor: int) -> io.TextIOWrapper:
    return open(descriptor, "w", encoding="utf-8", closefd=False)
