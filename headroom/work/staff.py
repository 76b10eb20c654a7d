"""The worker processes of a pool and the threads that drive them.

Each thread owns one process at a time: it starts the process, gives it jobs, and replaces it when it has ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from headroom.work.jobs import WorkJob
from headroom.work.process import Died, Worker
from headroom.work.protocol import Line


class Desk(Protocol):
    """The source of jobs for the threads of a staff, to which they also report; a `Pool` is one."""

    def take(self, worker: Worker) -> WorkJob | None:
        """Wait for the next job and note that `worker` does it; return None when there will be no more."""

    def hand_over(self, job: WorkJob, worker: Worker) -> None:
        """Note that `worker` does a job taken before; end the process when the job was stopped meanwhile."""

    def hear(self, job: WorkJob, line: Line) -> bool:
        """Record one line of a worker about its job; return whether the job has ended."""

    def lose(self, job: WorkJob) -> None:
        """Record that the process of this job has ended before its result."""


class Staff:
    """The threads that drive the worker processes of a pool, one thread per process. start: starts a worker process."""

    def __init__(self, start: Callable[[], Worker], workers: int, desk: Desk) -> None:
        self._start, self._desk = start, desk
        self._lock = threading.Lock()
        self._processes: list[Worker] = []
        self._begun, self._closed = threading.Event(), False
        roles = [self._lead, *[self._follow] * (workers - 1)]
        self._threads = [
            threading.Thread(target=role, name=f"work-{number}", daemon=True) for number, role in enumerate(roles)
        ]

    def begin(self) -> None:
        """Start the threads, and with them the processes."""
        for thread in self._threads:
            thread.start()

    @property
    def ready(self) -> bool:
        """Whether a worker can begin at once: the first ones load, or after an installation compile, the simulator."""
        with self._lock:
            return any(worker.ready for worker in self._processes)

    def close(self) -> None:
        """End all processes and threads. The desk must give no more jobs."""
        with self._lock:
            self._closed = True
            self._begun.set()
            for worker in self._processes:
                worker.kill()
        for thread in self._threads:
            thread.join(timeout=5)

    def _follow(self) -> None:
        """Lead as well, once the first worker has begun: together they would load, or compile, everything at once, and
        the first answer would come as late as the last.
        """
        self._begun.wait()
        if not self._closed:
            self._lead()

    def _lead(self) -> None:
        worker = self._hired()
        self._warm(worker)
        while (job := self._desk.take(worker)) is not None:
            if not worker.alive:
                worker.close()
                worker = self._hired()
                self._desk.hand_over(job, worker)
            self._work(job, worker)
            if not worker.alive and not self._closed:
                worker.close()
                worker = self._hired()
                self._warm(worker)
        worker.close()

    def _hired(self) -> Worker:
        with self._lock:
            worker = self._start()
            self._processes = [process for process in self._processes if process.alive] + [worker]
            if self._closed:
                worker.kill()
            return worker

    def _warm(self, worker: Worker) -> None:
        """Let it compile before it is given work."""
        try:
            worker.warm()
        except Died:
            worker.kill()  # the job that it would have been given next will say so
        self._begun.set()

    def _work(self, job: WorkJob, worker: Worker) -> None:
        try:
            worker.order(job.order.kind, job.order.payload)
            for line in worker.lines():
                if self._desk.hear(job, line):
                    return
        except Died:
            worker.kill()  # it may still be ending; the next job must not be given to it
            self._desk.lose(job)
