"""Long work off the script thread: evaluations, each made once by a worker process and shared by everybody who wants
it.

A task is one deployment under one workload, known by its key: a reload or a second viewer joins it. Each of at most
two threads owns a worker process (`ui.worker`) and takes tasks from one bounded queue. Stopping a task ends its
process; the next task gets a new one. Finished evaluations are kept, the least recently used go first. No Streamlit
here: plain threads and values.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from advisor.evaluation import Evaluation, evaluation_from_json
from errors import HeadroomError
from simulator.scenario import Scenario
from ui.process import Died, Worker

State = Literal["waiting", "compiling", "running", "done", "failed", "stopped"]
ENDED: tuple[State, ...] = ("done", "failed", "stopped")
KEEP = 96
MOST_WAITING = 36
FORGET_WATCHER_S = 3600.0
DIED = (
    "The process that simulated this deployment ended unexpectedly. Run it again; if it ends again, the server's log"
    " says why."
)


class Busy(HeadroomError):
    """More work waits than the server takes on."""


class Order(NamedTuple):
    """What is wanted: the key of the result and a scenario with exactly one deployment."""

    key: str
    scenario: Scenario


@dataclass(slots=True)
class Task:
    """One evaluation on its way. Changed only under the pool's lock; others read `Status` values."""

    order: Order
    state: State = "waiting"
    share: float = 0.0
    message: str = ""
    since_s: float = field(default_factory=time.monotonic)
    evaluation: Evaluation | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a viewer may know of a task: place is its place in the queue, 1 next, 0 when it does not wait."""

    key: str
    state: State
    share: float
    place: int
    seconds: float
    message: str
    evaluation: Evaluation | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in ENDED


class Pool:
    """Worker processes, the queue before them and the results they made. Safe to use from many threads."""

    def __init__(self, start: Callable[[], Worker], workers: int = 1) -> None:
        self._start = start
        self._changed = threading.Condition()
        self._tasks: OrderedDict[str, Task] = OrderedDict()
        self._queue: deque[str] = deque()
        self._wanted: dict[str, tuple[frozenset[str], float]] = {}
        self._busy: dict[str, Worker] = {}
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"evaluations-{n}", daemon=True) for n in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def want(self, watcher: str, orders: Sequence[Order]) -> tuple[Status, ...]:
        """Say that `watcher` now wants these results and nothing else; start what is missing, stop what nobody wants.

        Raises Busy when too much waits already.
        """
        with self._changed:
            self._note(watcher, frozenset(order.key for order in orders))
            self._drop_unwanted()
            missing = [order for order in orders if order.key not in self._tasks]
            if len(self._queue) + len(missing) > MOST_WAITING:
                raise Busy(f"{len(self._queue)} simulations already wait on this server. Try again in a minute.")
            for order in missing:
                self._enqueue(Task(order))
            self._forget_old()
            return self._statuses([order.key for order in orders])

    def statuses(self, keys: Sequence[str]) -> tuple[Status, ...]:
        """How the tasks of these keys are doing; unknown keys are left out."""
        with self._changed:
            return self._statuses(keys)

    def wait(self, keys: Sequence[str], seconds: float) -> bool:
        """Wait until all of them have ended, but not longer; whether they have."""
        with self._changed:
            return self._changed.wait_for(lambda: all(s.ended for s in self._statuses(keys)), seconds)

    def stop(self, keys: Sequence[str]) -> None:
        """Stop those that have not ended, for everybody who watches them."""
        with self._changed:
            for key in keys:
                self._end(key, "stopped", "Stopped.")

    def again(self, keys: Sequence[str]) -> None:
        """Queue those that failed or were stopped once more."""
        with self._changed:
            for key in keys:
                task = self._tasks.get(key)
                if task is not None and task.state in ("failed", "stopped"):
                    self._enqueue(Task(task.order))

    def close(self) -> None:
        """End all processes; the pool takes no more work."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            for worker in self._busy.values():
                worker.kill()
        for thread in self._threads:
            thread.join(timeout=5)

    # --- under the lock ---------------------------------------------------------------------------------------------

    def _note(self, watcher: str, keys: frozenset[str]) -> None:
        now = time.monotonic()
        self._wanted[watcher] = (keys, now)
        self._wanted = {
            who: (what, seen) for who, (what, seen) in self._wanted.items() if now - seen < FORGET_WATCHER_S
        }

    def _drop_unwanted(self) -> None:
        wanted = frozenset[str]().union(*(keys for keys, _ in self._wanted.values()))
        for key in [key for key, task in self._tasks.items() if not task.ended and key not in wanted]:
            self._end(key, "stopped", "")
            del self._tasks[key]

    def _enqueue(self, task: Task) -> None:
        self._tasks[task.order.key] = task
        self._queue.append(task.order.key)
        self._changed.notify_all()

    def _end(self, key: str, state: State, message: str) -> None:
        task = self._tasks.get(key)
        if task is None or task.ended:
            return
        task.state, task.message = state, message
        if key in self._queue:
            self._queue.remove(key)
        worker = self._busy.pop(key, None)
        if worker is not None:
            worker.kill()
        self._changed.notify_all()

    def _forget_old(self) -> None:
        wanted = frozenset[str]().union(*(keys for keys, _ in self._wanted.values()))
        old = [key for key, task in self._tasks.items() if task.ended and key not in wanted]
        for key in old[: max(0, len(self._tasks) - KEEP)]:
            del self._tasks[key]

    def _statuses(self, keys: Sequence[str]) -> tuple[Status, ...]:
        return tuple(self._status(key, self._tasks[key]) for key in keys if key in self._tasks)

    def _status(self, key: str, task: Task) -> Status:
        if task.ended:
            self._tasks.move_to_end(key)
        return Status(
            key=key,
            state=task.state,
            share=task.share,
            place=self._queue.index(key) + 1 if key in self._queue else 0,
            seconds=time.monotonic() - task.since_s,
            message=task.message,
            evaluation=task.evaluation,
        )

    # --- in the threads -----------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        worker = self._start()
        while (task := self._next(worker)) is not None:
            if not worker.alive:
                worker.close()
                worker = self._replaced(task)
            self._run(task, worker)
            if not worker.alive and not self._closed:
                worker.close()
                worker = self._start()
        worker.close()

    def _next(self, worker: Worker) -> Task | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._queue))
            if self._closed:
                return None
            key = self._queue.popleft()
            task = self._tasks[key]
            task.state, task.since_s = "compiling", time.monotonic()
            self._busy[key] = worker
            return task

    def _replaced(self, task: Task) -> Worker:
        worker = self._start()
        with self._changed:
            if task.ended or self._closed:
                worker.kill()
            else:
                self._busy[task.order.key] = worker
        return worker

    def _run(self, task: Task, worker: Worker) -> None:
        try:
            worker.order(task.order.scenario)
            for line in worker.lines():
                if self._heard(task, line):
                    return
        except Died:
            worker.kill()  # it may still be ending; the next task must not be given to it
            self._finish(task, "failed", message=DIED)

    def _heard(self, task: Task, line: dict[str, object]) -> bool:
        """Take in one line of a worker; whether the task has ended."""
        if "result" in line:
            self._finish(task, "done", evaluation=evaluation_from_json(line["result"]))  # type: ignore[arg-type]
            return True
        if "error" in line:
            self._finish(task, "failed", message=str(line["error"]))
            return True
        with self._changed:
            if not task.ended and line.get("state") != "compiling":
                if task.state == "compiling":
                    task.state, task.since_s = "running", time.monotonic()
                task.share = float(str(line.get("share", task.share)))
            return False

    def _finish(self, task: Task, state: State, message: str = "", evaluation: Evaluation | None = None) -> None:
        with self._changed:
            if self._tasks.get(task.order.key) is task:  # else it was stopped, and perhaps begun anew by another thread
                self._busy.pop(task.order.key, None)
            if not task.ended:
                task.state, task.message, task.evaluation = state, message, evaluation
                task.share = 1.0 if state == "done" else task.share
            self._changed.notify_all()


def named(status: Status, scenario: Scenario) -> Status:
    """The same result under this viewer's own name for the deployment; names do not change what is simulated."""
    if status.evaluation is None:
        return status
    return replace(status, evaluation=replace(status.evaluation, deployment=scenario.deployments[0]))
