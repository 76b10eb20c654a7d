"""Fold the log of a kernel into counts, sums and histograms by time bin.

For each of the n logged requests that arrived within [0, horizon): its fate is counted in the bin of its arrival;
when it was completed, its latency (retry + queue + setup + service + overhead) goes into the log-spaced histogram of
that bin (see kernels/buckets.py) and its parts into the sums. Work (service time of whatever was
executed, also of requests that timed out, and also of those that arrived during the warm-up) is spread over the bins
in which it was done. O(1) per request unless a service spans many bins.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.kernels import INF, Bytes, Floats, Ints, compiled
from simulator.kernels.buckets import BUCKETS, FIRST, LEAST_S, SHIFT
from simulator.kernels.fates import COMPLETED
from simulator.kernels.natural import natural

MAX_ATTEMPTS = 16
PARTS = 4
SETUP_S, SERVICE_S, BILLED_MS = 0, 1, 2


class Log(NamedTuple):
    """One row per request that came to its end: float64 seconds, int8 fate, attempts and cold (1: it met a cold start).

    retry_s: from its first arrival to the arrival of its last attempt. setup_s: cold start, or transfer from and to S3.
    """

    arrival_s: Floats
    retry_s: Floats
    queue_s: Floats
    setup_s: Floats
    service_s: Floats
    fate: Bytes
    attempts: Bytes
    cold: Bytes


class Sums(NamedTuple):
    """Where the log is folded into: int64 histogram[bins, BUCKETS], fates[bins, fates], cold[bins],
    attempts[MAX_ATTEMPTS + 1] (completed on attempt k), made[1] (all attempts); float64 parts[PARTS] (retry, queue,
    setup, service of completed, s), work[bins] (busy seconds), executed[3] (setup, service, s, and service billed in
    whole ms, of executed counted requests).
    """

    histogram: Ints
    fates: Ints
    cold: Ints
    attempts: Ints
    made: Ints
    parts: Floats
    work: Floats
    executed: Floats


def _fold(log: Log, n: int, sums: Sums, bin_s: float, horizon_s: float, overhead_s: float) -> None:
    """Fold the first n rows of the log."""
    bits = np.zeros(1)
    as_int = bits.view(np.int64)
    last = sums.work.size - 1
    made, cold_in, completed_in, first_try = 0, 0, 0, 0
    retry_s, queue_s, setup_s, service_s = sums.parts[0], sums.parts[1], sums.parts[2], sums.parts[3]
    executed_setup_s, executed_s, billed_ms = sums.executed[SETUP_S], sums.executed[SERVICE_S], sums.executed[BILLED_MS]
    # Neighbours in the log mostly lie in one bin: it is looked for anew when a row leaves it.
    b, opens, closes = 0, INF, -INF
    at, begins, ends, work_s = 0, INF, -INF, 0.0
    for i in range(n):
        arrival, retry, queue, setup, service = (
            log.arrival_s[i],
            log.retry_s[i],
            log.queue_s[i],
            log.setup_s[i],
            log.service_s[i],
        )
        if service > 0:
            start = arrival + retry + queue + setup
            end = min(start + service, horizon_s)
            start = max(start, 0.0)
            while start < end:
                if not begins <= start < ends:
                    sums.work[at] = work_s if begins < ends else sums.work[at]
                    at = natural(min(int(start / bin_s), last))
                    begins, ends = at * bin_s, ((at + 1) * bin_s if at < last else horizon_s)
                    work_s = sums.work[at]
                upto = min(end, ends)
                work_s += upto - start
                if upto <= start:
                    break
                start = upto
        if arrival < 0 or arrival >= horizon_s:
            continue
        if not opens <= arrival < closes:
            sums.fates[b, COMPLETED] += completed_in
            sums.cold[b] += cold_in
            completed_in, cold_in = 0, 0
            b = natural(min(int(arrival / bin_s), last))
            opens, closes = b * bin_s, ((b + 1) * bin_s if b < last else horizon_s)
        fate = log.fate[i]
        cold_in += log.cold[i]
        made += log.attempts[i]
        if service > 0:
            executed_setup_s += setup
            executed_s += service
            billed_ms += np.ceil(service * 1000)
        if fate == COMPLETED:
            completed_in += 1
            bits[0] = max(retry + queue + setup + service + overhead_s, LEAST_S)
            sums.histogram[b, natural(min((as_int[0] >> SHIFT) - FIRST, BUCKETS - 1))] += 1
            retry_s += retry
            queue_s += queue
            setup_s += setup
            service_s += service
            if log.attempts[i] == 1:
                first_try += 1
            else:
                sums.attempts[min(log.attempts[i], MAX_ATTEMPTS)] += 1
        else:
            sums.fates[b, fate] += 1
    if begins < ends:
        sums.work[at] = work_s
    sums.fates[b, COMPLETED] += completed_in
    sums.cold[b] += cold_in
    sums.made[0] += made
    sums.attempts[1] += first_try
    sums.parts[0], sums.parts[1], sums.parts[2], sums.parts[3] = retry_s, queue_s, setup_s, service_s
    sums.executed[SETUP_S], sums.executed[SERVICE_S], sums.executed[BILLED_MS] = executed_setup_s, executed_s, billed_ms


fold = compiled(_fold)
