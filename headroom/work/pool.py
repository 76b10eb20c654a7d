"""Long work off the script thread: each piece done once by a worker process and shared by everybody who wants it.

A job is one piece of work of a kind (`tasks`), known by its key: a reload or a second viewer joins it. Each of a few
threads (`staff`) takes jobs from one bounded queue (`job_queue`) to a worker process of its own. Stopping a job ends
its process; the next job gets a new one. What only visitors want who have gone (`watchers`) is stopped. Finished
results are kept (`result_cache`). No Streamlit here: plain threads and values.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from headroom.codec import from_json
from headroom.work.fairness import Piece, Room
from headroom.work.job_queue import JobQueue
from headroom.work.jobs import State, Status, WorkJob, WorkOrder
from headroom.work.process import Worker
from headroom.work.protocol import ErrorLine, Line, PartialLine, ResultLine, ShareLine, StateLine
from headroom.work.result_cache import ResultCache
from headroom.work.staff import Staff
from headroom.work.watchers import GONE_S, Watchers, always, visitor_of

LOOK_S = 2.0
DIED = "The process that worked on this ended unexpectedly. Run it again; if it ends again, the server's log says why."


class Pool:
    """Worker processes, the queue before them and the results they made. Safe to use from many threads.

    start: makes a worker process. workers_each: the most workers that one visitor has at once; by default all but one.
    present, gone_s: see `Watchers`.
    """

    def __init__(
        self,
        start: Callable[[], Worker],
        workers: int = 1,
        *,
        workers_each: int | None = None,
        present: Callable[[str], bool] = always,
        gone_s: float = GONE_S,
    ) -> None:
        self._condition = threading.Condition()
        self._closed = False
        self._watchers = Watchers(present, gone_s)
        at_most = max(1, workers - 1)
        self._queue = JobQueue(self._piece, Room(of_one_visitor=workers_each or at_most, long=at_most))
        self._results = ResultCache()
        self._under_way: dict[str, WorkJob] = {}  # waiting or running
        self._busy: dict[str, Worker] = {}
        self._staff = Staff(start, workers, self)
        self._looking = threading.Thread(target=self._look_after, name="work-look", daemon=True)
        self._staff.begin()
        self._looking.start()

    # --- for viewers --------------------------------------------------------------------------------------------------

    def want(self, watcher: str, orders: Sequence[WorkOrder]) -> tuple[Status, ...]:
        """Note that `watcher` wants these results and no others; start what is missing and stop what nobody wants.

        Raises Busy when too much work of this visitor, or of all, waits already.
        """
        with self._condition:
            self._watchers.note(watcher, frozenset(order.key for order in orders))
            self._condition.notify_all()  # what waits may begin when others want it
            self._drop_unwanted()
            missing = {order.key: order for order in orders if self._missing(watcher, order.key)}
            self._queue.check_bounds(visitor_of(watcher), len(missing))
            for key, order in missing.items():
                self._results.discard(key)
                self._under_way[key] = WorkJob(order)
                self._queue.add(key)
            self._results.trim(self._watchers.keys())
            return self._statuses([order.key for order in orders])

    def keep(self, results: Sequence[tuple[WorkOrder, Any]]) -> None:
        """Keep results that other work has produced, each as if its own order had produced it."""
        with self._condition:
            for order, result in results:
                if self._job(order.key) is None:
                    self._results.put(WorkJob(order, state="done", share=1.0, result=result))
            self._results.trim(self._watchers.keys())

    def statuses(self, keys: Sequence[str]) -> tuple[Status, ...]:
        """Return the status of each known key; unknown keys are left out."""
        with self._condition:
            return self._statuses(keys)

    def wait(self, keys: Sequence[str], seconds: float) -> bool:
        """Wait until the jobs of all these keys have ended, at most `seconds`; return whether they have."""
        with self._condition:
            return self._condition.wait_for(lambda: not self._under_way.keys() & keys, seconds)

    def stop(self, keys: Sequence[str]) -> None:
        """Stop the jobs of these keys that have not ended, for everybody who watches them now."""
        with self._condition:
            for key in keys:
                self._end(key, "stopped", "Stopped.")

    def run_again(self, keys: Sequence[str]) -> None:
        """Forget the failed and stopped jobs of these keys, so that whoever wants them next has them begun anew."""
        with self._condition:
            for key in keys:
                job = self._results.get(key)
                if job is not None and job.state != "done":
                    self._results.discard(key)

    @property
    def starting(self) -> bool:
        """Whether no worker is ready yet."""
        return not self._staff.ready

    def close(self) -> None:
        """End all processes; the pool takes no more work."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        self._staff.close()
        self._looking.join(timeout=5)

    # --- for the threads of the staff ---------------------------------------------------------------------------------

    def take(self, worker: Worker) -> WorkJob | None:
        """Wait for the next job and note that `worker` does it; return None when the pool is closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._closed or self._queue.next(self._busy) is not None)
            key = self._queue.next(self._busy)
            if self._closed or key is None:
                return None
            self._queue.take(key)
            self._under_way[key].enter("running" if worker.ready else "compiling")
            self._busy[key] = worker
            return self._under_way[key]

    def hand_over(self, job: WorkJob, worker: Worker) -> None:
        """Note that `worker` does a job taken before; end the process when the job was stopped meanwhile."""
        with self._condition:
            if job.ended:
                worker.kill()
            else:
                self._busy[job.order.key] = worker

    def hear(self, job: WorkJob, line: Line) -> bool:
        """Record one line of a worker about its job; return whether the job has ended."""
        match line:
            case ResultLine(result):
                self._finish(job, "done", result=from_json(job.order.work.gives, result))
            case ErrorLine(error):
                self._finish(job, "failed", error)
            case PartialLine(partial):
                self._go_on(job, partial=from_json(job.order.work.gives_first, partial))
            case ShareLine(share):
                self._go_on(job, share=share)
            case StateLine("ready"):
                self._go_on(job)
        return isinstance(line, ResultLine | ErrorLine)

    def lose(self, job: WorkJob) -> None:
        """Record that the process of this job has ended before its result."""
        self._finish(job, "failed", DIED)

    def _go_on(self, job: WorkJob, *, share: float | None = None, partial: Any = None) -> None:
        with self._condition:
            if job.ended:
                return
            if job.state == "compiling":
                job.enter("running")
            job.share = job.share if share is None else share
            if partial is not None:
                job.partial, job.partials = partial, job.partials + 1
                self._condition.notify_all()

    def _finish(self, job: WorkJob, state: State, message: str = "", result: Any = None) -> None:
        with self._condition:
            if self._under_way.get(job.order.key) is job:  # else it was stopped, and perhaps begun anew elsewhere
                job.result, job.share = result, 1.0 if state == "done" else job.share
                self._close_job(job, state, message)

    def _look_after(self) -> None:
        """Look now and then who is still there."""
        with self._condition:
            while not self._closed:
                self._watchers.forget_gone()
                self._queue.forget_all_but(self._watchers.visitors())
                self._drop_unwanted()
                self._condition.notify_all()
                self._condition.wait(min(LOOK_S, self._watchers.gone_s))

    # --- under the lock -----------------------------------------------------------------------------------------------

    def _job(self, key: str) -> WorkJob | None:
        return self._under_way.get(key) or self._results.get(key)

    def _missing(self, watcher: str, key: str) -> bool:
        job = self._job(key)
        return job is None or (job.state == "stopped" and watcher not in job.stopped_for)

    def _drop_unwanted(self) -> None:
        for key in self._under_way.keys() - self._watchers.keys():
            self._end(key, "stopped", "")
            self._results.discard(key)

    def _end(self, key: str, state: State, message: str) -> None:
        """End a job that is under way, and its process."""
        job = self._under_way.get(key)
        if job is not None:
            job.stopped_for = self._watchers.watchers_of(key)
            worker = self._busy.get(key)
            self._close_job(job, state, message)
            if worker is not None:
                worker.kill()

    def _close_job(self, job: WorkJob, state: State, message: str) -> None:
        job.state, job.message = state, message
        self._queue.discard(job.order.key)
        self._busy.pop(job.order.key, None)
        del self._under_way[job.order.key]
        self._results.put(job)
        self._condition.notify_all()

    def _statuses(self, keys: Sequence[str]) -> tuple[Status, ...]:
        places = self._queue.places()
        jobs = [job for key in keys if (job := self._job(key)) is not None]
        return tuple(job.status(places.get(job.order.key, 0)) for job in jobs)

    def _piece(self, key: str) -> Piece:
        return Piece(key, self._under_way[key].order.work.long, self._watchers.visitors_of(key))
