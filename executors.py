"""Where exact runs of a search are done: processes of this machine, or a Dask cluster named by HEADROOM_SCHEDULER."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager


@contextmanager
def made() -> Iterator[Executor]:
    """A pool of one process for each core that this process may use."""
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), multiprocessing.get_context("spawn")) as pool:
        yield pool
