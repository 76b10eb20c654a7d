"""One worker process seen from the app: start it, give it an order, read its lines, end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress

from headroom.codec import to_json
from headroom.work import parent
from headroom.work.protocol import Line, NotALine, OrderLine, Payload, StateLine, decode, encode


def command(module: str, *arguments: object) -> tuple[str, ...]:
    """Return the command line that runs a module of Headroom as a program, isolated (-P) from the present folder."""
    return (sys.executable, "-P", "-m", module, *map(str, arguments))


def environment() -> dict[str, str]:
    """Return the environment of a process that imports modules from where this one does, and knows who started it."""
    folders = os.pathsep.join(folder or os.getcwd() for folder in sys.path)
    return os.environ | {"PYTHONPATH": folders, parent.VARIABLE: str(os.getpid())}


NICENESS = 15
"""Of simulations: the browser's script, and previews, go before them."""
COMMAND = command("headroom.work.worker", NICENESS)


class Died(Exception):
    """A worker process ended, by itself or because it was killed. It is caught where jobs are done and never shown."""


class Worker:
    """A running worker process, in a session of its own: Ctrl-C on the server does not reach it, and it can be ended
    together with the processes it starts.

    ready: whether it has said that it can begin at once. inherited: file descriptors that it keeps.
    """

    def __init__(self, command_line: Sequence[str] = COMMAND, inherited: Sequence[int] = ()) -> None:
        self.ready = False
        self._ending = threading.Lock()
        self._process = subprocess.Popen(
            list(command_line),
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
            pass_fds=inherited,
        )

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs. It is not collected here, so that its id stays its own until `kill`."""
        with self._ending:
            if self._process.returncode is not None:
                return False
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def order(self, kind: str, payload: Payload) -> None:
        """Send one order to the process; raises Died when it has ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(encode(OrderLine(kind, to_json(payload))))
            self._process.stdin.flush()
        except OSError as error:
            raise Died from error

    def lines(self) -> Iterator[Line]:
        """Yield the lines that the process writes. Raises Died when it ends or writes what is no line of the
        protocol.
        """
        assert self._process.stdout is not None
        try:
            for text in self._process.stdout:
                line = decode(text)
                self.ready = self.ready or line == StateLine("ready")
                yield line
        except (NotALine, UnicodeDecodeError, OSError) as error:
            raise Died from error
        raise Died

    def warm(self) -> None:
        """Wait until the process is ready; raises Died when it ends before."""
        while not self.ready:
            next(self.lines())

    def kill(self) -> None:
        """End the process and those it started, at once, from any thread. Whoever reads its lines then gets Died."""
        with self._ending:
            if self._process.returncode is None:
                os.killpg(self.pid, signal.SIGKILL)
                self._process.wait()

    def close(self) -> None:
        """End the process and close its pipes; only the thread that gives it orders may call this."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
