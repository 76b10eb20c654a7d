"""All processes of the app: its workers, and one for each core that all of them share."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from headroom.advisor.search.planner import plan
from headroom.codec import to_json
from headroom.work.jobs import WorkOrder
from headroom.work.pool import Pool
from headroom.work.process import NICENESS, Worker, command
from headroom.work.shared_processes import SharedProcesses
from tests.headroom.advisor.search.small import WORLD, scenario
from tests.headroom.ui.small import heavy

PATIENCE_S = 300.0
WORKERS, SHARED = 3, 2
SMALL = scenario(search={"patterns": ("realtime", "serverless"), "families": ("ml.c5", "ml.m5")})
LARGE = heavy().model_copy(update={"deployments": ()})

pytestmark = pytest.mark.slow


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children(pids: list[int]) -> set[int]:
    """The processes that these have started."""
    rows = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.splitlines()
    return {int(pid) for pid, parent in map(str.split, rows) if int(parent) in pids}


class App:
    """Workers that share processes, as in the app."""

    def __init__(self) -> None:
        self.processes = SharedProcesses(SHARED, NICENESS)
        self.workers: list[Worker] = []
        self.pool = Pool(self.start, workers=WORKERS)

    def start(self) -> Worker:
        handle = self.processes.callers.fileno()
        self.workers.append(Worker(command("headroom.work.worker", NICENESS, handle), inherited=(handle,)))
        return self.workers[-1]

    def state(self, key: str) -> str:
        return self.pool.statuses([key])[0].state

    def close(self) -> None:
        self.pool.close()
        self.processes.close()


@pytest.fixture
def app() -> Iterator[App]:
    started = App()
    yield started
    started.close()


def test_two_searches_share_the_processes_and_one_that_is_stopped_leaves_them_to_the_other(app):
    here: dict[str, Any] = to_json(plan(SMALL, WORLD))
    app.pool.want("one", [WorkOrder("large", "plan", {"scenario": LARGE})])
    until(lambda: len(app.processes.pids()) == SHARED)
    app.pool.want("two", [WorkOrder("small", "plan", {"scenario": SMALL})])
    until(lambda: app.state("small") == "running")
    assert children([worker.pid for worker in app.workers]) == set()
    assert len(app.processes.pids()) == SHARED
    app.pool.stop(["large"])
    assert app.pool.wait(["small"], PATIENCE_S)
    assert app.state("large") == "stopped"
    assert to_json(app.pool.statuses(["small"])[0].result) == here


def test_a_search_ends_as_it_would_alone_though_a_shared_process_is_killed(app):
    here: dict[str, Any] = to_json(plan(SMALL, WORLD))
    app.pool.want("one", [WorkOrder("small", "plan", {"scenario": SMALL})])
    until(lambda: len(app.processes.pids()) == SHARED)
    first = app.processes.pids()[0]
    subprocess.run(["kill", "-KILL", str(first)], check=True)
    assert app.pool.wait(["small"], PATIENCE_S)
    assert to_json(app.pool.statuses(["small"])[0].result) == here


def test_a_worker_without_shared_processes_searches_by_itself():
    here: dict[str, Any] = to_json(plan(SMALL, WORLD))
    workers: list[Worker] = []

    def start() -> Worker:
        workers.append(Worker())
        return workers[-1]

    pool = Pool(start)
    pool.want("one", [WorkOrder("small", "plan", {"scenario": SMALL})])
    until(lambda: pool.statuses(["small"])[0].share > 0)
    assert children([worker.pid for worker in workers]) == set()
    assert pool.wait(["small"], PATIENCE_S)
    assert to_json(pool.statuses(["small"])[0].result) == here
    pool.close()
