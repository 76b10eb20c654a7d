"""Fold the log of a kernel into counts, sums and histograms by time bin.

For each of the n logged requests that arrived within [0, horizon): its fate is counted in the bin of its arrival;
when it was completed, its latency (retry + queue + setup + service + overhead) goes into the log-spaced histogram of
that bin (see simulator.histogram for the buckets) and its parts into the sums. Work (service time of whatever was
executed, also of requests that timed out, and also of those that arrived during the warm-up) is spread over the bins
in which it was done. O(1) per request unless a service spans many bins.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.histogram import BUCKETS, FIRST, LEAST_S, SHIFT
from simulator.kernels import Bytes, Floats, Ints, compiled
from simulator.outcome import COMPLETED

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
    bits = log.arrival_s[:1].copy()
    as_int = bits.view(np.int64)
    bins = sums.work.size
    for i in range(n):
        arrival = log.arrival_s[i]
        service = log.service_s[i]
        if service > 0:
            start = arrival + log.retry_s[i] + log.queue_s[i] + log.setup_s[i]
            end = min(start + service, horizon_s)
            start = max(start, 0.0)
            while start < end:
                b = min(int(start / bin_s), bins - 1)
                edge = (b + 1) * bin_s if b < bins - 1 else horizon_s
                upto = min(end, edge)
                sums.work[b] += upto - start
                if upto <= start:
                    break
                start = upto
        if arrival < 0 or arrival >= horizon_s:
            continue
        b = min(int(arrival / bin_s), bins - 1)
        fate = log.fate[i]
        sums.fates[b, fate] += 1
        sums.cold[b] += log.cold[i]
        sums.made[0] += log.attempts[i]
        if service > 0:
            sums.executed[SETUP_S] += log.setup_s[i]
            sums.executed[SERVICE_S] += service
            sums.executed[BILLED_MS] += np.ceil(service * 1000)
        if fate == COMPLETED:
            latency = log.retry_s[i] + log.queue_s[i] + log.setup_s[i] + service + overhead_s
            bits[0] = max(latency, LEAST_S)
            sums.histogram[b, min((as_int[0] >> SHIFT) - FIRST, BUCKETS - 1)] += 1
            sums.parts[0] += log.retry_s[i]
            sums.parts[1] += log.queue_s[i]
            sums.parts[2] += log.setup_s[i]
            sums.parts[3] += service
            sums.attempts[min(log.attempts[i], MAX_ATTEMPTS)] += 1


fold = compiled(_fold)
