"""Making a trace coarser, by adding neighbouring bins, until its scenario fits into a link; the total stays the
same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from headroom.errors import BadLink
from headroom.sharing import link
from simulator.scenario import Scenario
from simulator.traffic.kinds import DAY_S, MAX_TRACE_ROWS, Counts, Timestamps

FIRST_BIN_S = 1.0


def fitting(scenario: Scenario) -> Scenario | None:
    """Return the scenario with the finest bins that fit into a link.

    None when it has no trace of its own, or when even bins of a day are too fine.
    """
    traffic = scenario.workload.traffic
    if not isinstance(traffic, Counts | Timestamps):
        return None
    for counts in _coarser(traffic):
        workload = scenario.workload.model_copy(update={"traffic": counts})
        candidate = scenario.model_copy(update={"workload": workload})
        try:
            link.encode(candidate)
        except BadLink:
            continue
        return candidate
    return None


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
