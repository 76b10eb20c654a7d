"""Making a trace smaller until its scenario fits into a link: counts rounded by about what chance moves them, then
neighbouring bins added. The total stays the same, and what is lost is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from headroom.advisor.tell import words
from headroom.errors import BadLink
from headroom.sharing import link, packed_counts
from simulator.scenario import Scenario
from simulator.traffic.kinds import DAY_S, MAX_TRACE_ROWS, Counts, Timestamps

FIRST_BIN_S = 1.0
BY_CHANCE = 2
"""The step of `packed_counts` that is one standard deviation of a Poisson count."""
MOST_ERROR = 0.05
"""Larger steps are taken where even they move busy bins by no more than this."""


@dataclass(frozen=True, kw_only=True)
class Fitting:
    """A scenario that fits into a link. loss: what its trace has lost, as a part of a sentence."""

    scenario: Scenario
    loss: str


def fitting(scenario: Scenario, *, same_bins: bool = False) -> Fitting | None:
    """Return the scenario with the finest trace that fits into a link. same_bins: no longer bins than it has.

    None when it has no trace of its own, or when none fits.
    """
    traffic = scenario.workload.traffic
    if not isinstance(traffic, Counts | Timestamps):
        return None
    for counts in _coarser(traffic):
        bins = "" if counts.bin_s == getattr(traffic, "bin_s", 0) else f"in bins of {words.seconds(counts.bin_s)}"
        if bins and same_bins:
            return None
        if len(counts.requests) > link.MOST_PACKED_BINS:
            continue
        for requests, rounding in _rounded(counts):
            workload = scenario.workload.model_copy(update={"traffic": requests})
            candidate = scenario.model_copy(update={"workload": workload})
            if _fits(candidate):
                return Fitting(scenario=candidate, loss=words.joined([part for part in (bins, rounding) if part]))
    return None


def _fits(scenario: Scenario) -> bool:
    try:
        link.encode(scenario)
    except BadLink:
        return False
    return True


def _rounded(counts: Counts) -> Iterator[tuple[Counts, str]]:
    """The counts as they are, then in ever larger steps, and how far they are rounded."""
    yield counts, ""
    for step in packed_counts.STEPS:
        requests = packed_counts.rounded(counts.requests, step)
        error = packed_counts.largest_error(counts.requests, requests)
        if step > BY_CHANCE and error > MOST_ERROR:
            return
        loss = f"counts rounded by at most {words.share(error, 2)} in the busiest tenth of the bins, the total kept"
        yield counts.model_copy(update={"requests": requests}), loss


def _coarser(traffic: Counts | Timestamps) -> Iterator[Counts]:
    counts = _to_counts(traffic) if isinstance(traffic, Timestamps) else traffic
    while counts.bin_s <= DAY_S:
        yield counts
        if 2 * counts.bin_s > DAY_S:
            return
        even = np.pad(np.array(counts.requests, dtype=np.int64), (0, len(counts.requests) % 2))
        pairs = tuple(int(n) for n in even.reshape(-1, 2).sum(axis=1))
        counts = counts.model_copy(update={"bin_s": 2 * counts.bin_s, "requests": pairs})


def _to_counts(traffic: Timestamps) -> Counts:
    """Return arrival times as counts, in bins of a second, or longer where that would be too many bins."""
    times = np.array(traffic.t_s)
    bin_s = FIRST_BIN_S * max(1, math.ceil((float(times[-1]) + 1) / MAX_TRACE_ROWS))
    requests = np.bincount((times / bin_s).astype(np.int64))
    shared = traffic.model_dump(exclude={"kind", "t_s"})
    return Counts(bin_s=bin_s, requests=tuple(int(n) for n in requests), **shared)
