"""The processes of this machine that do calls in parallel: one for each core, started when the first call waits, and
shared by whoever has the socket, also from other processes.

Callers put connections on one end of a pair of stream sockets, the processes take them from the other, so the queue
between them is the operating system's. The pair has no name in the file system: only who inherits it can use it, and
nothing is left behind, however the program ends. A process that ends is replaced.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from multiprocessing import connection

from headroom.work.call_server import READY
from headroom.work.process import command, environment

MOST_FALSE_STARTS = 3


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


class SharedProcesses:
    """Processes that do calls in parallel for whoever has their socket, `callers`.

    niceness: how much nicer they are than this process.
    """

    def __init__(self, processes: int | None = None, niceness: int = 0) -> None:
        self.processes = processes or cores()
        self._niceness = niceness
        self.callers, self._waiting = socket.socketpair()
        self._closing, self._close = socket.socketpair()
        self._lock = threading.Lock()
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._closed = False
        self._threads = [threading.Thread(target=self._keep_one, name=f"process-{n}") for n in range(self.processes)]
        self._first = threading.Thread(target=self._begin, name="processes", daemon=True)
        self._first.start()

    def pids(self) -> tuple[int, ...]:
        """Return the ids of the processes that run now."""
        with self._lock:
            return tuple(self._running)

    def close(self) -> None:
        """End the processes and the calls that they are doing."""
        with self._lock:
            self._closed = True
            self._close.close()
            for process in self._running.values():
                process.kill()
        self._first.join()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        for end in (self.callers, self._waiting, self._closing):
            end.close()

    def _begin(self) -> None:
        """Start the processes once a call waits: before, nobody needs their memory."""
        connection.wait([self._waiting, self._closing])
        with self._lock:
            if not self._closed:
                for thread in self._threads:
                    thread.daemon = True
                    thread.start()

    def _keep_one(self) -> None:
        """Keep one process running; after some that could not even begin, take no more calls."""
        false_starts = 0
        while false_starts < MOST_FALSE_STARTS:
            process = self._started()
            if process is None:
                return
            assert process.stdout is not None
            with process.stdout as pipe:
                began = pipe.read(len(READY)) == READY
            false_starts = 0 if began else false_starts + 1
            self._until_it_ends(process)
        self._take_no_more()

    def _take_no_more(self) -> None:
        """Hang up on the calls that wait; who calls later is told at once."""
        self._waiting.shutdown(socket.SHUT_RDWR)
        data = b"+"
        while data:
            data, handles, _, _ = socket.recv_fds(self._waiting, 1, 1)
            for handle in handles:
                os.close(handle)

    def _started(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._closed:
                return None
            handle = self._waiting.fileno()
            process = subprocess.Popen(
                command("headroom.work.call_server", handle, self._niceness),
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the program, which then ends its processes
                pass_fds=(handle,),
            )
            self._running[process.pid] = process
            return process

    def _until_it_ends(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        with self._lock:
            del self._running[process.pid]
        assert process.stdin is not None
        process.stdin.close()
