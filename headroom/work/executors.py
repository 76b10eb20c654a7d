"""Where the work of a search is done: processes of this machine, or a Dask cluster.

`HEADROOM_SCHEDULER=tcp://host:8786` names the scheduler of a Dask cluster; without it, one process for each core.
Either looks like the standard library's executor. A worker that is lost loses no result: its work is done again.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext

from headroom.advisor.executor import Executor
from headroom.work.cluster import SCHEDULER, cluster
from headroom.work.remote_calls import RemoteCalls
from headroom.work.shared_processes import SharedProcesses, cores


@contextmanager
def program_executor(scheduler: str | None = None) -> Iterator[Executor]:
    """Yield the executor of a program that works by itself.

    It is a Dask cluster when `scheduler` or the environment names one, else processes of this machine. Raises NoCluster
    when the named scheduler cannot be reached.
    """
    address = scheduler if scheduler is not None else os.environ.get(SCHEDULER, "")
    with cluster(address) if address else local() as executor:
        yield executor


@contextmanager
def worker_executor(callers: socket.socket | None) -> Iterator[Executor | None]:
    """Yield the executor that one of several app workers uses, or None when the worker must do everything itself.

    It is a Dask cluster when the environment names one, else the processes behind `callers`, shared by all workers.
    Raises NoCluster when the named scheduler cannot be reached.
    """
    address = os.environ.get(SCHEDULER, "")
    if address:
        with cluster(address) as executor:
            yield executor
    else:
        with nullcontext() if callers is None else closing(RemoteCalls(callers, cores())) as calls:
            yield calls


@contextmanager
def local(processes: int | None = None) -> Iterator[Executor]:
    """Yield an executor on processes of this machine, by default one for each core."""
    started = SharedProcesses(processes)
    calls = RemoteCalls(started.callers, started.processes)
    try:
        yield calls
    finally:
        started.close()  # before the calls, which then end at once
        calls.close()
