"""Calls that the processes of a `shared_processes.SharedProcesses` do: seen from anybody who has its socket."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from headroom.work.call_server import Outcome
from headroom.work.sent_once import send_books_once
from simulator.errors import HeadroomError

TRIES = 4


class ProcessesLost(HeadroomError):
    """The processes that do the calls are gone, or end again and again."""


class _HungUp(Exception):
    """The process, or this executor, ended before the outcome of a call."""


class RemoteCalls:
    """An executor, like those of the standard library. A process that is lost loses no result: the call is made again.

    at_once: calls under way at once. Whoever shares the processes has as many, so that nobody's calls wait for all of
    another's.
    """

    def __init__(self, callers: socket.socket, at_once: int) -> None:
        send_books_once()
        self._callers = callers
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="call")
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Run fn(*args) in one of the processes; both are pickled when their turn has come."""
        return self._threads.submit(self._call, fn, args)

    def close(self) -> None:
        """Hang up: calls under way are abandoned, and calls that have not begun are not made."""
        with self._lock:
            self._closed = True
            for connection in self._open:
                with suppress(OSError):  # the process has hung up already
                    connection.shutdown(socket.SHUT_RDWR)
        self._threads.shutdown(cancel_futures=True)

    def _call(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        for _ in range(TRIES):
            try:
                value, error = self._outcome(fn, args)
            except _HungUp:
                continue
            if error is not None:
                raise error
            return value
        raise ProcessesLost(
            f"The processes of the search ended {TRIES} times in the same piece of work. Most likely memory is short."
        )

    def _outcome(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Outcome:
        with self._connected() as near_end, Connection(os.dup(near_end.fileno())) as connection:
            try:
                connection.send((fn, args))
                outcome: Outcome = connection.recv()
            except (EOFError, OSError) as error:
                raise _HungUp from error
            return outcome

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        """A connection whose other end the next free process takes. Raises ProcessesLost when there is none."""
        near_end, far_end = socket.socketpair()
        with near_end, far_end, self._noted(near_end):
            try:
                socket.send_fds(self._callers, [b"+"], [far_end.fileno()])
            except OSError as error:
                raise ProcessesLost("The processes of the search have ended.") from error
            far_end.close()  # so that its other holder is the only one, and its end is seen
            yield near_end

    @contextmanager
    def _noted(self, connection: socket.socket) -> Iterator[None]:
        """While it is noted, `close` shuts it down. Raises ProcessesLost once this executor is closed."""
        with self._lock:
            if self._closed:
                raise ProcessesLost("The search has been ended.")
            self._open.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(connection)
