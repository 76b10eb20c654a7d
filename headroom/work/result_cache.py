"""Jobs that have ended, kept for whoever asks again; the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict

from headroom.work.jobs import Job

KEEP = 96


class ResultCache:
    """Ended jobs by key. Not safe to use from several threads at once."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def get(self, key: str) -> Job | None:
        """The job of this key, if it is kept; it is the most recently used now."""
        if key in self._jobs:
            self._jobs.move_to_end(key)
        return self._jobs.get(key)

    def put(self, job: Job) -> None:
        """Keep a job that has ended, in place of an older one of its key."""
        self._jobs[job.order.key] = job
        self._jobs.move_to_end(job.order.key)

    def discard(self, key: str) -> None:
        """Forget it if it is there."""
        self._jobs.pop(key, None)

    def trim(self, keys: frozenset[str]) -> None:
        """Forget what is beyond KEEP, but nothing that is wanted."""
        unwanted = [key for key in self._jobs if key not in keys]
        for key in unwanted[: max(0, len(self._jobs) - KEEP)]:
            del self._jobs[key]
