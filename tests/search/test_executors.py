"""The same plan here, in a pool and on a cluster; what a lost worker was doing is done again."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

import executors
from advisor.search.plan import plan, plan_to_json
from tests.search.small import WORLD, scenario

WHAT = scenario(search={"patterns": ("realtime", "serverless"), "families": ("ml.c5", "ml.m5")})


@pytest.fixture(scope="module")
def here() -> dict[str, Any]:
    return plan_to_json(plan(WHAT, WORLD))


def test_a_pool_plans_the_same(here):
    with executors.local(2) as workers:
        assert plan_to_json(plan(WHAT, WORLD, workers)) == here


def die_once(marker: str) -> int:
    """Kills its own process the first time."""
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return os.getpid()
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def test_a_pool_outlives_its_processes(tmp_path: Path):
    with executors.local(2) as workers:
        found = [workers.submit(die_once, str(tmp_path / "first")), workers.submit(abs, -3)]
        assert found[0].result() > 0
        assert found[1].result() == 3


def test_what_the_work_raises_is_raised():
    with executors.local(1) as workers, pytest.raises(ZeroDivisionError):
        workers.submit(divmod, 1, 0).result()


def test_a_scheduler_that_is_not_there_is_named():
    with pytest.raises(executors.NoCluster, match="no scheduler answers"), executors.made("tcp://127.0.0.1:9"):
        pass


class Watched:
    """An executor that kills a worker of the cluster when it has been given some work."""

    def __init__(self, inner: Any, victim: int) -> None:
        self.inner, self.victim, self.given = inner, victim, 0

    def submit(self, fn: Any, /, *args: Any) -> Future[Any]:
        self.given += 1
        if self.given == 3:
            threading.Timer(0.3, os.kill, (self.victim, signal.SIGKILL)).start()
        return self.inner.submit(fn, *args)


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_plans_the_same_though_a_worker_is_killed(here, tmp_path: Path):
    distributed = pytest.importorskip("distributed")
    # It warns of the worker that is lost, which is what is tested.
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        local_directory=str(tmp_path),
    ) as cluster:
        victim = next(iter(cluster.workers.values())).pid
        with executors.made(cluster.scheduler_address) as workers:
            watched = Watched(workers, victim)
            assert plan_to_json(plan(WHAT, WORLD, watched)) == here
        assert watched.given >= 3
        for _ in range(100):
            if not _alive(victim):
                break
            time.sleep(0.1)
        assert not _alive(victim)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
