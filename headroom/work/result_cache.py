"""Jobs that have ended, kept for whoever asks again; the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict

from headroom.work.jobs import WorkJob

KEEP = 96


class ResultCache:
    """Ended jobs by key, the most recently used last. Not safe to use from several threads at once."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, WorkJob] = OrderedDict()

    def get(self, key: str) -> WorkJob | None:
        """Return the job of this key and make it the most recently used; None when it is not kept."""
        if key in self._jobs:
            self._jobs.move_to_end(key)
        return self._jobs.get(key)

    def put(self, job: WorkJob) -> None:
        """Keep an ended job, in place of an older one with the same key."""
        self._jobs[job.order.key] = job
        self._jobs.move_to_end(job.order.key)

    def discard(self, key: str) -> None:
        """Forget the job of this key, when it is kept."""
        self._jobs.pop(key, None)

    def trim(self, keys: frozenset[str]) -> None:
        """Forget the least recently used jobs beyond KEEP; jobs of these keys are never forgotten."""
        unwanted = [key for key in self._jobs if key not in keys]
        for key in unwanted[: max(0, len(self._jobs) - KEEP)]:
            del self._jobs[key]
