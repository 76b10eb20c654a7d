"""Where the work of a search is done: processes of this machine, or a Dask cluster.

`HEADROOM_SCHEDULER=tcp://host:8786` names the scheduler of a Dask cluster (docs/search.md), whose workers must have
this version of Headroom; without it, a pool of one process for each core. Either looks like the standard library's
executor. A worker that is lost loses no result: the cluster does its work again elsewhere, and so does the pool, which
is made anew.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

from simulator.errors import HeadroomError

SCHEDULER = "HEADROOM_SCHEDULER"
TRIES = 4


class NoCluster(HeadroomError):
    """A cluster is asked for and cannot be reached."""


class Later(Protocol):
    """What submit gives."""

    def result(self) -> Any:
        """Wait for the result; raises what the work raised."""


class Workers(Protocol):
    """Does calls elsewhere."""

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Later:
        """Do fn(*args)."""


@contextmanager
def made(scheduler: str | None = None) -> Iterator[Workers]:
    """Workers for as long as the block lasts: of `scheduler`, else of the environment's, else of this machine.

    Raises NoCluster when a scheduler is named and cannot be reached.
    """
    address = scheduler if scheduler is not None else os.environ.get(SCHEDULER, "")
    with _cluster(address) if address else local() as workers:
        yield workers


@contextmanager
def local(processes: int | None = None) -> Iterator[Workers]:
    """Processes of this machine, as many as cores when nothing is said."""
    pool = _Pool(processes or len(os.sched_getaffinity(0)))
    try:
        yield pool
    finally:
        pool.close()


@contextmanager
def _cluster(address: str) -> Iterator[Workers]:
    try:
        from distributed import Client  # noqa: PLC0415, only who has a cluster needs the package
    except ImportError as missing:
        raise NoCluster(f"{SCHEDULER}={address} needs Dask: pip install 'headroom[cluster]'") from missing
    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise NoCluster(f"{SCHEDULER}={address}: no scheduler answers there. Start one, or unset it.") from error
    with client:
        yield client.get_executor(pure=False)


class _Pool:
    """A process pool that outlives its processes."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pool = self._new()

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Later:
        """Do fn(*args) in a process."""
        return _Work(self, fn, args)

    def start(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> tuple[ProcessPoolExecutor, Future[Any]]:
        """The future, and the pool that it is of."""
        try:
            return self._pool, self._pool.submit(fn, *args)
        except BrokenExecutor:
            self.renew(self._pool)
            return self._pool, self._pool.submit(fn, *args)

    def renew(self, broken: ProcessPoolExecutor) -> None:
        """A new pool in place of this one, unless that has happened."""
        if self._pool is broken:
            broken.shutdown(wait=False, cancel_futures=True)
            self._pool = self._new()

    def close(self) -> None:
        """End the processes; work that has not begun is not done."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._processes, multiprocessing.get_context("spawn"))


class _Work:
    """One call: done again when its pool breaks."""

    def __init__(self, pool: _Pool, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._pool, self._fn, self._args = pool, fn, args
        self._in, self._future = pool.start(fn, args)

    def result(self) -> Any:
        """Wait for it."""
        for _ in range(TRIES - 1):
            try:
                return self._future.result()
            except BrokenExecutor:
                self._pool.renew(self._in)
                self._in, self._future = self._pool.start(self._fn, self._args)
        return self._future.result()
