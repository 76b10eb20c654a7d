"""Clients in botocore's adaptive mode, in words: a token bucket whose rate is set by CUBIC at every answer.

Facts row 8.3: beta 0.7, scale 0.4, smoothing 0.8, at most twice the measured rate, at least 0.5 a second. Many
processes are one average process, which sees every n-th answer and needs 1 / n of a token for an attempt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass
class MeasuredRate:
    """Answers per second, smoothed; renewed when an answer is the first of its half second."""

    half_second_began: float
    per_s: float = 0.0
    answers: int = 0

    def count(self, now: float) -> None:
        self.answers += 1
        this = math.floor(now / 0.5) * 0.5
        if this > self.half_second_began:
            latest = self.answers / (this - self.half_second_began)
            self.per_s = 0.8 * latest + (1 - 0.8) * self.per_s
            self.half_second_began, self.answers = this, 0


@dataclass
class Bucket:
    """Tokens come at a rate, up to a second's worth, but always room for one."""

    filled_at: float
    per_s: float = 1.0
    tokens: float = 0.0

    def fill(self, now: float) -> None:
        self.tokens = min(max(self.per_s, 1.0), self.tokens + (now - self.filled_at) * self.per_s)
        self.filled_at = now

    def change(self, now: float, per_s: float) -> None:
        self.fill(now)
        self.per_s = max(per_s, 0.5)
        self.tokens = min(self.tokens, max(per_s, 1.0))


@dataclass
class Sender:
    """The average process."""

    begins: float
    processes: int
    limits: bool = False  # from the first throttle on
    answers_seen: int = 0
    best_per_s: float = 0.0  # answers a second when the last throttle came
    throttled_at: float = 0.0
    measured: MeasuredRate = field(init=False)
    bucket: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self.throttled_at = self.begins
        self.measured = MeasuredRate(math.floor(self.begins))
        self.bucket = Bucket(self.begins)

    def answered(self, now: float, *, throttled: bool) -> None:
        self.answers_seen += 1
        if self.answers_seen % self.processes:
            return
        self.measured.count(now)
        if throttled:
            reached = self.measured.per_s
            if self.limits:
                reached = min(reached, self.bucket.per_s)
            self.best_per_s, self.throttled_at, self.limits = reached, now, True
            wanted = 0.7 * reached
        else:
            back_after = (self.best_per_s * (1 - 0.7) / 0.4) ** (1 / 3)
            wanted = 0.4 * (now - self.throttled_at - back_after) ** 3 + self.best_per_s
        self.bucket.change(now, min(wanted, 2 * self.measured.per_s))

    def may_send(self, now: float) -> float:
        """When the next attempt may be sent, from now on."""
        if not self.limits:
            return now
        missing = 1 / self.processes - self.bucket.tokens
        if missing <= 0:
            return now
        return max(now, self.bucket.filled_at + missing / self.bucket.per_s)

    def send(self, now: float) -> None:
        if self.limits:
            self.bucket.fill(now)
            self.bucket.tokens -= 1 / self.processes
