"""One client process in botocore's adaptive mode, told from botocore's own steps (facts row 8.3): the twin of
simulator/kernels/sending.py.
"""

from __future__ import annotations

import math


class AdaptiveClient:
    """How fast `processes` like one average process may send. Times in seconds, rates per second of one process."""

    def __init__(self, now, processes):
        self.processes, self.answers = processes, 0
        self.limited = False
        self.rate, self.capacity, self.tokens, self.filled = 1.0, 1.0, 0.0, now
        self.w_max, self.k, self.throttled_at = 0.0, 0.0, now
        self.count, self.bucket, self.measured = 0, float(math.floor(now)), 0.0

    def fill(self, now):
        self.tokens = min(self.capacity, self.tokens + (now - self.filled) * self.rate)
        self.filled = now

    def measure(self, now):
        half_second = math.floor(now / 0.5) * 0.5
        self.count += 1
        if half_second > self.bucket:
            self.measured = self.count / (half_second - self.bucket) * 0.8 + self.measured * (1 - 0.8)
            self.count, self.bucket = 0, half_second

    def answered(self, now, throttled):
        """Only every so many-th answer is the average process's own."""
        self.answers += 1
        if self.answers < self.processes:
            return
        self.answers = 0
        self.measure(now)
        if throttled:
            self.w_max = min(self.measured, self.rate) if self.limited else self.measured
            self.k = (self.w_max * (1 - 0.7) / 0.4) ** (1 / 3.0)
            self.throttled_at, self.limited = now, True
            wanted = self.w_max * 0.7
        else:
            wanted = 0.4 * (now - self.throttled_at - self.k) ** 3 + self.w_max
        wanted = min(wanted, 2 * self.measured)
        self.fill(now)
        self.rate, self.capacity = max(wanted, 0.5), max(wanted, 1.0)
        self.tokens = min(self.tokens, self.capacity)

    def ready(self, now):
        """The earliest moment from now on at which one more may be sent."""
        missing = 1 / self.processes - self.tokens
        if not self.limited or missing <= 0:
            return now
        return max(now, self.filled + missing / self.rate)

    def send(self, now):
        if self.limited:
            self.fill(now)
            self.tokens -= 1 / self.processes
