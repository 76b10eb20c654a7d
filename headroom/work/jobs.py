"""Long work off the script thread: each piece done once by a worker process and shared by everybody who wants it.

A task is one piece of work of a kind (`tasks`), known by its key: a reload or a second viewer joins it. Each of a
few threads owns a worker process (`worker`) and takes tasks from one bounded queue, in which visitors take turns
(`turns`). Stopping a task ends its process and what that has started; the next task gets a new one. What only
visitors want who have gone is stopped. Finished results are kept, the least recently used go first. No Streamlit here:
plain threads and values.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from headroom.advisor.evaluation import Evaluation
from headroom.codec import from_json
from headroom.work import turns
from headroom.work.process import Died, Worker
from headroom.work.tasks import KINDS, Kind, Payload
from simulator.errors import HeadroomError
from simulator.patterns.registry import Deployment

State = Literal["waiting", "compiling", "running", "done", "failed", "stopped"]
ENDED: tuple[State, ...] = ("done", "failed", "stopped")
KEEP = 96
MOST_WAITING = 144
MOST_OF_ONE = 36
"""Pieces of work in the queue: of everybody, and of one visitor, so that others find room."""
GONE_S = 60.0
LOOK_S = 2.0
DIED = "The process that worked on this ended unexpectedly. Run it again; if it ends again, the server's log says why."


class Busy(HeadroomError):
    """More work waits than the server takes on."""


class Order(NamedTuple):
    """What is wanted: the key of the result, the kind of work and what that kind asks for."""

    key: str
    kind: str
    payload: Payload

    @property
    def work(self) -> Kind:
        """The kind itself."""
        return KINDS[self.kind]


@dataclass(slots=True)
class Task:
    """One piece of work on its way. Changed only under the pool's lock; others read `Status` values.

    stopped_for: those who watched it when it was stopped; for anybody else it is begun anew.
    """

    order: Order
    state: State = "waiting"
    share: float = 0.0
    message: str = ""
    since_s: float = field(default_factory=time.monotonic)
    partial: Any = None
    partials: int = 0
    result: Any = None
    stopped_for: frozenset[str] = frozenset()

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a viewer may know of a task: place is its place in the queue, 1 next, 0 when it does not wait.

    partial: the newest of what came before the result, `partials` of them; result: None unless the state is "done".
    """

    key: str
    state: State
    share: float
    place: int
    seconds: float
    message: str
    partial: Any
    partials: int
    result: Any

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in ENDED

    @property
    def evaluation(self) -> Evaluation | None:
        """The result, where it is an evaluation."""
        return self.result if isinstance(self.result, Evaluation) else None


def always(_visitor: str) -> bool:
    """Nobody ever goes."""
    return True


class Pool:
    """Worker processes, the queue before them and the results they made. Safe to use from many threads.

    A watcher is named "visitor" or "visitor/topic". each: most workers of one visitor at once, when left out all but
    one. present: whether a visitor is still there; whoever was not for gone_s wants nothing any more.
    """

    def __init__(
        self,
        start: Callable[[], Worker],
        workers: int = 1,
        *,
        each: int | None = None,
        present: Callable[[str], bool] = always,
        gone_s: float = GONE_S,
    ) -> None:
        self._start, self._present, self._gone_s = start, present, gone_s
        self._changed = threading.Condition()
        self._tasks: OrderedDict[str, Task] = OrderedDict()
        self._queue: deque[str] = deque()
        self._wanted: dict[str, tuple[frozenset[str], float]] = {}  # by watcher: keys, and when it was last there
        self._served: dict[str, int] = {}
        self._busy: dict[str, Worker] = {}
        self._workers: list[Worker] = []
        others = max(1, workers - 1)
        self._room = turns.Room(each=each or others, long=others)
        self._closed = False
        self._begun = False
        work = [self._serve, *[self._follow] * (workers - 1), self._look_after]
        self._threads = [threading.Thread(target=one, name=f"work-{n}", daemon=True) for n, one in enumerate(work)]
        for thread in self._threads:
            thread.start()

    def want(self, watcher: str, orders: Sequence[Order]) -> tuple[Status, ...]:
        """Say that `watcher` now wants these results and nothing else; start what is missing, stop what nobody wants.

        Raises Busy when too much waits already, of this visitor or of all.
        """
        with self._changed:
            self._note(watcher, frozenset(order.key for order in orders))
            self._drop_unwanted()
            missing = list({order.key: order for order in orders if self._missing(watcher, order.key)}.values())
            self._refuse_beyond_bounds(_visitor(watcher), len(missing))
            for order in missing:
                self._enqueue(Task(order))
            self._forget_old()
            return self._statuses([order.key for order in orders])

    def keep(self, found: Sequence[tuple[Order, Any]]) -> None:
        """Take over results that other work has made already, each as if its own order had made it."""
        with self._changed:
            for order, result in found:
                if order.key not in self._tasks:
                    self._tasks[order.key] = Task(order, state="done", share=1.0, result=result)
            self._forget_old()

    def statuses(self, keys: Sequence[str]) -> tuple[Status, ...]:
        """How the tasks of these keys are doing; unknown keys are left out."""
        with self._changed:
            return self._statuses(keys)

    def wait(self, keys: Sequence[str], seconds: float) -> bool:
        """Wait until all of them have ended, but not longer; whether they have."""
        with self._changed:
            return self._changed.wait_for(lambda: all(s.ended for s in self._statuses(keys)), seconds)

    def stop(self, keys: Sequence[str]) -> None:
        """Stop those that have not ended, for everybody who watches them now."""
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

    @property
    def starting(self) -> bool:
        """Whether no worker is ready yet: the first ones load, or after an installation compile, the simulator."""
        with self._changed:
            return not any(worker.ready for worker in self._workers)

    def close(self) -> None:
        """End all processes; the pool takes no more work."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            for worker in self._workers:
                worker.kill()
        for thread in self._threads:
            thread.join(timeout=5)

    # --- under the lock ---------------------------------------------------------------------------------------------

    def _note(self, watcher: str, keys: frozenset[str]) -> None:
        if keys:
            self._wanted[watcher] = (keys, time.monotonic())
        else:
            self._wanted.pop(watcher, None)
        self._changed.notify_all()  # what waits may begin when others want it

    def _forget_gone(self) -> None:
        now = time.monotonic()
        for watcher, (keys, seen) in list(self._wanted.items()):
            if self._present(_visitor(watcher)):
                self._wanted[watcher] = (keys, now)
            elif now - seen >= self._gone_s:
                del self._wanted[watcher]
                self._changed.notify_all()
        there = {_visitor(watcher) for watcher in self._wanted}
        self._served = {who: turn for who, turn in self._served.items() if who in there}
        self._drop_unwanted()

    def _refuse_beyond_bounds(self, visitor: str, more: int) -> None:
        own = sum(visitor in self._piece(key).visitors for key in self._queue)
        if more and own + more > MOST_OF_ONE:
            raise Busy(f"{own} pieces of work already wait for this page and {more} would be added. Try again later.")
        if more and len(self._queue) + more > MOST_WAITING:
            raise Busy(f"{len(self._queue)} pieces of work already wait on this server. Try again in a minute.")

    def _missing(self, watcher: str, key: str) -> bool:
        task = self._tasks.get(key)
        return task is None or (task.state == "stopped" and watcher not in task.stopped_for)

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
        task.stopped_for = frozenset(who for who, (keys, _) in self._wanted.items() if key in keys)
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
        places = {piece.key: at for at, piece in enumerate(self._line(), 1)} if self._queue else {}
        return tuple(self._status(key, self._tasks[key], places.get(key, 0)) for key in keys if key in self._tasks)

    def _status(self, key: str, task: Task, place: int) -> Status:
        if task.ended:
            self._tasks.move_to_end(key)
        return Status(
            key=key,
            state=task.state,
            share=task.share,
            place=place,
            seconds=time.monotonic() - task.since_s,
            message=task.message,
            partial=task.partial,
            partials=task.partials,
            result=task.result,
        )

    def _piece(self, key: str) -> turns.Piece:
        visitors = frozenset(_visitor(who) for who, (keys, _) in self._wanted.items() if key in keys)
        return turns.Piece(key, self._tasks[key].order.work.long, visitors)

    def _line(self) -> list[turns.Piece]:
        return turns.line([self._piece(key) for key in self._queue], self._served)

    def _takeable(self) -> turns.Piece | None:
        if not self._queue:
            return None
        return turns.takeable(self._line(), [self._piece(key) for key in self._busy], self._room)

    # --- in the threads -----------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Serve as well, once the first worker has begun: together they would load, or compile, everything at once, and
        the first answer would come as late as the last.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._begun or self._closed)
            closed = self._closed
        if not closed:
            self._serve()

    def _serve(self) -> None:
        worker = self._made()
        self._warm(worker)
        while (task := self._next(worker)) is not None:
            if not worker.alive:
                worker.close()
                worker = self._replaced(task)
            self._run(task, worker)
            if not worker.alive and not self._closed:
                worker.close()
                worker = self._made()
                self._warm(worker)
        worker.close()

    def _made(self) -> Worker:
        with self._changed:
            worker = self._start()
            self._workers = [one for one in self._workers if one.alive] + [worker]
            if self._closed:
                worker.kill()
            return worker

    def _warm(self, worker: Worker) -> None:
        """Let it compile before it is given work."""
        try:
            worker.warm()
        except Died:
            worker.kill()  # the task that it would have been given next will say so
        with self._changed:
            self._begun = True
            self._changed.notify_all()

    def _next(self, worker: Worker) -> Task | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._takeable() is not None)
            piece = self._takeable()
            if self._closed or piece is None:
                return None
            self._queue.remove(piece.key)
            self._served |= dict.fromkeys(piece.visitors, max(self._served.values(), default=0) + 1)
            task = self._tasks[piece.key]
            task.state, task.since_s = "running" if worker.ready else "compiling", time.monotonic()
            self._busy[piece.key] = worker
            return task

    def _look_after(self) -> None:
        """Look now and then who is still there."""
        with self._changed:
            while not self._closed:
                self._forget_gone()
                self._changed.wait(min(LOOK_S, self._gone_s))

    def _replaced(self, task: Task) -> Worker:
        worker = self._made()
        with self._changed:
            if task.ended:
                worker.kill()
            else:
                self._busy[task.order.key] = worker
        return worker

    def _run(self, task: Task, worker: Worker) -> None:
        try:
            worker.order(task.order.kind, task.order.payload)
            for line in worker.lines():
                if self._heard(task, line):
                    return
        except Died:
            worker.kill()  # it may still be ending; the next task must not be given to it
            self._finish(task, "failed", message=DIED)

    def _heard(self, task: Task, line: dict[str, object]) -> bool:
        """Take in one line of a worker; whether the task has ended."""
        if "result" in line:
            self._finish(task, "done", result=from_json(task.order.work.gives, line["result"]))
            return True
        if "error" in line:
            self._finish(task, "failed", message=str(line["error"]))
            return True
        partial = from_json(task.order.work.gives_first, line["partial"]) if "partial" in line else None
        with self._changed:
            if not task.ended and line.get("state") != "compiling":
                if task.state == "compiling":
                    task.state, task.since_s = "running", time.monotonic()
                task.share = float(str(line.get("share", task.share)))
                if partial is not None:
                    task.partial, task.partials = partial, task.partials + 1
                    self._changed.notify_all()
            return False

    def _finish(self, task: Task, state: State, message: str = "", result: Any = None) -> None:
        with self._changed:
            if self._tasks.get(task.order.key) is task:  # else it was stopped, and perhaps begun anew by another thread
                self._busy.pop(task.order.key, None)
            if not task.ended:
                task.state, task.message, task.result = state, message, result
                task.share = 1.0 if state == "done" else task.share
            self._changed.notify_all()


def _visitor(watcher: str) -> str:
    return watcher.partition("/")[0]


def named(status: Status, deployment: Deployment) -> Status:
    """The same result under this viewer's own name for the deployment; names do not change what is simulated."""
    if status.evaluation is None:
        return status
    return replace(status, result=replace(status.evaluation, deployment=deployment))
