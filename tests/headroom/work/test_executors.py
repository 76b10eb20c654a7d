"""The same plan here, in a pool and on a cluster; what a lost worker was doing is done again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from headroom.advisor.executor import Executor, Future
from headroom.advisor.portfolio.planner import plan_portfolio
from headroom.advisor.search.planner import plan
from headroom.codec import to_json
from headroom.work import cluster as dask
from headroom.work import executors
from headroom.work.jobs import WorkOrder
from headroom.work.pool import Pool
from headroom.work.process import Worker
from tests.headroom.advisor.search.small import WORLD, scenario
from tests.headroom.ui.small import few

PATIENCE_S = 120.0
WHAT = scenario(search={"patterns": ("realtime", "serverless"), "families": ("ml.c5", "ml.m5")})


@pytest.fixture(scope="module")
def here() -> dict[str, Any]:
    return to_json(plan(WHAT, WORLD))


@pytest.mark.slow
def test_a_pool_plans_the_same(here):
    with executors.local(2) as workers:
        assert to_json(plan(WHAT, WORLD, workers)) == here


def die_once(marker: str) -> int:
    """Kills its own process the first time."""
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return os.getpid()
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@pytest.mark.slow
def test_a_pool_outlives_its_processes(tmp_path: Path):
    with executors.local(2) as workers:
        found = [workers.submit(die_once, str(tmp_path / "first")), workers.submit(abs, -3)]
        assert found[0].result() > 0
        assert found[1].result() == 3


def test_what_the_work_raises_is_raised():
    with executors.local(1) as workers, pytest.raises(ZeroDivisionError):
        workers.submit(divmod, 1, 0).result()


def test_a_scheduler_that_is_not_there_is_named():
    with pytest.raises(dask.NoCluster, match="no scheduler answers"), executors.program_executor("tcp://127.0.0.1:9"):
        pass


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A scheduler and two worker processes; one that is lost is started anew."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        local_directory=str(tmp_path_factory.mktemp("cluster")),
    ) as made:
        yield made


def busy(cluster: Any) -> list[Any]:
    """The workers of a cluster that have work."""
    return [worker for worker in list(cluster.scheduler.workers.values()) if worker.processing]


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Killing:
    """An executor that kills a worker of the cluster in the midst of the work: one that has some, while more waits."""

    def __init__(self, inner: Executor, cluster: Any, after: int) -> None:
        self.inner, self.cluster, self.after = inner, cluster, after
        self.given: list[Any] = []
        self.killed = self.unfinished = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Future:
        self.given.append(self.inner.submit(fn, *args))
        if len(self.given) == self.after:
            until(lambda: bool(busy(self.cluster)))
            self.unfinished = sum(not future.done() for future in self.given)
            self.killed = int(busy(self.cluster)[0].pid)
            os.kill(self.killed, signal.SIGKILL)
        return self.given[-1]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Dask warns of the worker that is lost, which is what is tested.
def test_a_cluster_plans_the_same_though_a_worker_is_killed(here, cluster):
    with executors.program_executor(cluster.scheduler_address) as workers:
        killing = Killing(workers, cluster, after=4)
        assert to_json(plan(WHAT, WORLD, killing)) == here
    assert killing.unfinished > 0
    assert len(killing.given) > killing.after
    assert killing.killed not in [worker.pid for worker in cluster.scheduler.workers.values()]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_plans_the_same_portfolio_though_a_worker_is_killed(cluster):
    portfolio = few()
    here = to_json(plan_portfolio(portfolio, WORLD))
    with executors.program_executor(cluster.scheduler_address) as workers, ThreadPoolExecutor(2) as aside:
        killing = Killing(workers, cluster, after=3)
        there = plan_portfolio(portfolio, WORLD, killing, aside=aside)
    assert to_json(there) == here
    assert killing.unfinished > 0


@pytest.fixture
def pool(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """The app's worker, told of the cluster."""
    monkeypatch.setenv(dask.SCHEDULER, cluster.scheduler_address)
    made = Pool(Worker)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_app_searches_on_the_cluster_with_progress(pool, cluster, here):
    order = WorkOrder("plan", "plan", {"scenario": WHAT})
    pool.want("somebody", [order])
    until(lambda: bool(busy(cluster)))
    until(lambda: pool.statuses(["plan"])[0].share > 0)
    assert pool.wait(["plan"], PATIENCE_S)
    assert to_json(pool.statuses(["plan"])[0].result) == here


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_search_that_is_stopped_leaves_the_cluster_free(pool, cluster):
    order = WorkOrder("plan", "plan", {"scenario": WHAT})
    pool.want("somebody", [order])
    until(lambda: bool(busy(cluster)))
    pool.stop(["plan"])
    until(lambda: not cluster.scheduler.tasks)
    assert pool.statuses(["plan"])[0].state == "stopped"
