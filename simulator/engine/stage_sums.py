"""What the stages of requests come to in one replication, beside what the pattern measures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simulator.engine.stages import Applied
from simulator.kernels import fold as folding
from simulator.kernels.fold import Log, Sums
from simulator.model.usage import Usage

PLACES = ("before", "inside", "after")  # in the order of kernels.fold.BEFORE, INSIDE, AFTER


class StageSums:
    """What the stages of requests add to one replication: times, calls, and answers that came too late for whoever was
    outside.
    """

    def __init__(self, stages: Sequence[Applied]) -> None:
        self.applied = tuple(stages)
        plain = all(_plain(entry) for entry in stages)
        self._fixed_s = sum((entry.terms.law.least_s for entry in stages), 0.0) if plain else 0.0
        self._sums = None if plain else self._empty()
        self._apart = np.zeros(len(self.applied), dtype=np.int64)

    @property
    def late(self) -> int:
        """Requests of the horizon that the endpoint answered after somebody outside had stopped waiting."""
        return int(self._sums.late[0]) if self._sums else 0

    def fold(self, log: Log, n: int, sums: Sums, bin_s: float, horizon_s: float) -> None:
        """Fold the first n rows of a log into the sums, through the stages."""
        drawn = self._sums
        if drawn is not None:
            arrival_s = log.arrival_s[:n]
            failed = np.zeros(n, dtype=np.int8)
            for entry in self.applied:
                if entry.stage.place != "before" and entry.terms.failure_share > 0:
                    failed[entry.fails(arrival_s)] = 1
            times_s = np.array([entry.times_s(arrival_s) for entry in self.applied]).reshape(len(self.applied), n)
            drawn = drawn._replace(times_s=times_s, failed=failed)
        folding.fold(log, n, sums, bin_s, horizon_s, self._fixed_s, drawn)

    def call(self, number: int, requests: int) -> None:
        """So many requests of the horizon called stage `number` and come into no log."""
        self._apart[number] += requests

    def means_s(self, completed: int) -> dict[str, float]:
        """Mean time of a completed request in each stage, seconds."""
        if self._sums is None:
            return {entry.stage.key: entry.terms.law.least_s for entry in self.applied}
        sums_s = map(float, self._sums.sums_s)
        return {entry.stage.key: total / max(completed, 1) for entry, total in zip(self.applied, sums_s, strict=True)}

    def usage(self) -> tuple[Usage, ...]:
        """What the calls of the stages consumed."""
        if self._sums is None:
            return ()
        return tuple(
            replace(line, quantity=line.quantity * float(calls))
            for entry, calls in zip(self.applied, self._sums.reached + self._apart, strict=True)
            for line in entry.terms.usage
        )

    def _empty(self) -> folding.Stages:
        count = len(self.applied)
        terms = [entry.terms for entry in self.applied]
        return folding.Stages(
            times_s=np.zeros((count, 0)),
            failed=np.zeros(0, dtype=np.int8),
            each_attempt=np.array([entry.each_attempt for entry in terms], dtype=np.int8),
            place=np.array([PLACES.index(entry.stage.place) for entry in self.applied], dtype=np.int8),
            limit_s=np.array([entry.limit_s for entry in terms]),
            sums_s=np.zeros(count),
            reached=np.zeros(count, dtype=np.int64),
            late=np.zeros(1, dtype=np.int64),
        )


def _plain(entry: Applied) -> bool:
    """Whether a stage adds the same time to every request, and nothing else comes of it."""
    terms = entry.terms
    again = terms.each_attempt and terms.law.least_s > 0
    fails = terms.failure_share > 0 and entry.stage.place != "before"
    apart = terms.limit_s < math.inf or entry.stage.place == "inside"
    return not (terms.law.varies or again or terms.usage or fails or apart)
