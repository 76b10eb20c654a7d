"""Fold the log of a kernel into counts, sums and histograms by time bin.

For each of the n logged requests that arrived within [0, horizon): its fate is counted in the bin of its arrival;
when it was completed, its latency (retry + queue + setup + service + its stages) goes into the log-spaced histogram of
that bin (see kernels/buckets.py) and its parts into the sums. Stages are walked from the innermost
to the outermost; where the time so far is more than a stage waits, the request has timed out for whoever is outside.
Work (service time of whatever was executed, also of requests that timed out, and also of those that arrived during the
warm-up) is spread over the bins in which it was done. O(1) per request unless a service spans many bins.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.kernels import INF, Bytes, Floats, Ints, compiled
from simulator.kernels.buckets import BUCKETS, FIRST, LEAST_S, SHIFT
from simulator.kernels.fates import COMPLETED, FAILED, TIMED_OUT
from simulator.kernels.natural import natural

MAX_ATTEMPTS = 16
PARTS = 4
SETUP_S, SERVICE_S, BILLED_MS = 0, 1, 2
BEFORE, INSIDE, AFTER = range(3)
"""Where a stage is."""


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


class Stages(NamedTuple):
    """The S stages of requests (engine/stages.py), from the client inwards, and what comes of them.

    times_s: float64[S, n], time in each stage by row of the log, for one attempt. failed: int8[n], 1 where a call from
    inside or after the model fails. each_attempt: int8[S], 1 where every attempt goes through it. place: int8[S],
    BEFORE, INSIDE (its time is part of the service time) or AFTER. limit_s: float64[S], infinite where nobody waits for
    what is further in. sums_s: float64[S], time of completed requests. reached: int64[S], calls of counted requests: of
    all, of those that were executed where the stage is inside, of those that the model answered where it is after.
    late: int64[1], answered by the endpoint after somebody outside had stopped waiting.
    """

    times_s: Floats
    failed: Bytes
    each_attempt: Bytes
    place: Bytes
    limit_s: Floats
    sums_s: Floats
    reached: Ints
    late: Ints


def _outwards(stages: Stages, i: int, seconds: float, attempts: int) -> tuple[float, bool]:
    """Time of row i as the client sees it, `seconds` being what the endpoint took, and whether anybody gave up."""
    late = False
    for s in range(stages.limit_s.size - 1, -1, -1):
        if stages.place[s] != INSIDE:
            seconds += stages.times_s[s, i] * (attempts if stages.each_attempt[s] else 1)
            late = late or seconds > stages.limit_s[s]
    return seconds, late


def _spend(stages: Stages, i: int, attempts: int) -> float:
    """Add the parts of a completed request, row i, to the sums; the time of it that was part of the service."""
    inside_s = 0.0
    for s in range(stages.limit_s.size):
        time_s = stages.times_s[s, i]
        if stages.place[s] == INSIDE:
            inside_s += time_s
        elif stages.each_attempt[s]:
            time_s *= attempts
        stages.sums_s[s] += time_s
    return inside_s


def _reach(stages: Stages, executed: bool, answered: bool, attempts: int) -> None:
    """Count the calls of a request of the horizon."""
    for s in range(stages.limit_s.size):
        if stages.place[s] == INSIDE:
            stages.reached[s] += 1 if executed else 0
        elif stages.place[s] == AFTER:
            stages.reached[s] += 1 if answered else 0
        else:
            stages.reached[s] += attempts if stages.each_attempt[s] else 1


def _fold(log: Log, n: int, sums: Sums, bin_s: float, horizon_s: float, fixed_s: float, stages: Stages | None) -> None:
    """Fold the first n rows of the log. Where stages are the same for all and nobody gives up, fixed_s is their time
    and there are no Stages: it is compiled twice, and nothing of them is left.
    """
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
        latency = retry + queue + setup + service + fixed_s
        if stages is not None:
            latency, late = outwards(stages, i, latency, log.attempts[i])
            reach(stages, service > 0, fate == COMPLETED, log.attempts[i])
            if fate == COMPLETED and stages.failed[i]:
                fate = FAILED
            if late:
                stages.late[0] += 1 if fate == COMPLETED else 0
                fate = TIMED_OUT
        if fate == COMPLETED:
            completed_in += 1
            bits[0] = max(latency, LEAST_S)
            sums.histogram[b, natural(min((as_int[0] >> SHIFT) - FIRST, BUCKETS - 1))] += 1
            retry_s += retry
            queue_s += queue
            setup_s += setup
            service_s += service
            if stages is not None:
                service_s -= spend(stages, i, log.attempts[i])
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


outwards = compiled(_outwards)
spend = compiled(_spend)
reach = compiled(_reach)
fold = compiled(_fold)
