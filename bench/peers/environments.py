"""What the peers share that have no environments of their own: the idle ones of a function, and what is counted.

Standard library only.
"""

from __future__ import annotations

from collections import deque


class Counts:
    """Batch means of the cold share and of the number of environments; what comes before start_s is not counted.

    Times must rise, and each batch must hold a request.
    """

    def __init__(self, start_s: float, batch_s: float) -> None:
        self.batch_s = batch_s
        self.ends_s = start_s
        self.since_s = 0.0
        self.warmed_up = False
        self.exist = self.requests = self.all_requests = self.cold = 0
        self.area = 0.0
        self.cold_share: list[float] = []
        self.mean_exist: list[float] = []

    def arrived(self, now: float) -> None:
        """A request arrives."""
        while now >= self.ends_s:
            self._close()
        self.requests += 1

    def started(self, now: float) -> None:
        """It starts an environment."""
        self._until(now)
        self.exist += 1
        self.cold += 1

    def gone(self, now: float) -> None:
        """An environment has expired."""
        while now >= self.ends_s:
            self._close()
        self._until(now)
        self.exist -= 1

    def _until(self, now: float) -> None:
        self.area += self.exist * (now - self.since_s)
        self.since_s = now

    def _close(self) -> None:
        """A batch ends; the first is the warm-up."""
        self._until(self.ends_s)
        if self.warmed_up:
            self.cold_share.append(self.cold / self.requests)
            self.mean_exist.append(self.area / self.batch_s)
        self.warmed_up = True
        self.all_requests += self.requests
        self.requests = self.cold = 0
        self.area = 0.0
        self.ends_s += self.batch_s

    def answers(self) -> dict[str, list[float]]:
        """Batch means."""
        return {"cold_share": self.cold_share, "environments": self.mean_exist}


class LastUsedFirst:
    """The environment used last is used first, the one idle for longest expires first: a deque holds both ends."""

    def __init__(self, expiry_s: float, counts: Counts) -> None:
        self.expiry_s = expiry_s
        self.counts = counts
        self.idle: deque[float] = deque()

    def take(self, now: float) -> bool:
        """A request arrives; whether it starts cold."""
        while self.idle and self.idle[0] + self.expiry_s < now:
            self.counts.gone(self.idle.popleft() + self.expiry_s)
        self.counts.arrived(now)
        if self.idle:
            self.idle.pop()
            return False
        self.counts.started(now)
        return True

    def give_back(self, now: float) -> None:
        """A request is done."""
        self.idle.append(now)
