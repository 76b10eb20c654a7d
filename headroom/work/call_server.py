"""`python -m headroom.work.call_server FD NICENESS`: a process that does one function call after the other for others.

FD is a stream socket on which any number of callers put the ends of their connections, one byte each; the processes of
a pool share it, so whichever is free takes the next. On a connection comes one pickled `(function, arguments)`, and
back goes an `Outcome`. A caller that hangs up before wants nothing any more: the process ends in the midst of the call,
because a compiled loop cannot be interrupted, and whoever started it starts another. It also ends with its standard
input, and with its parent (`parent`), so that nothing is left behind by a program that was killed.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import traceback
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any

from headroom.work.parent import end_with_parent

READY = b"ready\n"


Outcome = tuple[Any, BaseException | None]
"""What became of a call: what it returned, or else what it raised."""


def outcome_of(call: bytes) -> Outcome:
    """Run a pickled call and return its outcome. An error carries a note of the process, for the caller's log."""
    try:
        function, arguments = ForkingPickler.loads(call)
        return function(*arguments), None
    except Exception as error:  # it is raised again where the call was made
        error.add_note(f"In process {os.getpid()}:\n{traceback.format_exc()}")
        return None, error


def pickled(outcome: Outcome) -> bytes:
    """Return the outcome as bytes; an outcome that cannot be pickled is replaced by a TypeError that says so."""
    try:
        return bytes(ForkingPickler.dumps(outcome))
    except Exception as error:  # whatever a value's own pickling raises
        return bytes(ForkingPickler.dumps((None, TypeError(f"the outcome cannot be pickled: {error!r}"))))


class _Watch:
    """Ends this process when the caller hangs up before the call is done."""

    def __init__(self, connection: Connection) -> None:
        self._lock, self._is_done = threading.Lock(), False
        duplicate = Connection(os.dup(connection.fileno()), writable=False)
        threading.Thread(target=self._until_it_hangs_up, args=(duplicate,), daemon=True).start()

    def end(self) -> None:
        """Note that the call is done, so that a caller who hangs up no longer ends this process."""
        with self._lock:
            self._is_done = True

    def _until_it_hangs_up(self, connection: Connection) -> None:
        with connection:
            connection.poll(None)  # the caller says nothing more, so this is its end
            with self._lock:
                if not self._is_done:
                    os._exit(0)


def answer(connection: Connection) -> None:
    """Take the call of one connection, do it and send the outcome."""
    try:
        call = connection.recv_bytes()
        watch = _Watch(connection)
        data = pickled(outcome_of(call))
        watch.end()
        connection.send_bytes(data)
    except (EOFError, ConnectionError):
        return  # the caller has gone


def serve(waiting: socket.socket) -> None:
    """Answer one connection after the other until no caller can send any more."""
    while True:
        data, handles, _, _ = socket.recv_fds(waiting, 1, 1)
        if not data:
            return
        for handle in handles:
            with Connection(handle) as connection:
                answer(connection)


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main(arguments: Sequence[str]) -> int:
    """Say READY on standard output and serve; what calls print goes to standard error."""
    handle, niceness = map(int, arguments)
    os.nice(niceness)
    end_with_parent()
    threading.Thread(target=_end_with_input, daemon=True).start()
    os.write(sys.stdout.fileno(), READY)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with socket.socket(fileno=handle) as waiting:
        serve(waiting)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
