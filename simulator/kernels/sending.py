"""How fast one client process in botocore's adaptive mode sends: a token bucket whose rate follows CUBIC (facts row
8.3).

Every answer sets the rate: after a throttle it is cut to beta times the rate at which answers came, then it grows as a
cubic of the time since, through the rate at which the throttle came; never beyond twice the measured rate, never below
0.5 a second. The bucket counts from the first throttle on. Constants and order of steps are those of
botocore.retries.adaptive, throttling and bucket; CUBIC: Ha, Rhee, Xu, ACM SIGOPS OSR 42(5), 2008.

Many processes are one average process: it sees every PROCESSES-th answer, and each request takes 1 / PROCESSES of a
token. The state is one float64[REALS]; `start` fills it.
"""

from __future__ import annotations

import numpy as np

from simulator.kernels import Floats, compiled

PROCESSES, SEEN, ENABLED, W_MAX, K_S, FAILED_AT_S, FILL, MOST, TOKENS, FILLED_AT_S, COUNT, BUCKET_S, MEASURED = range(
    13
)
REALS = 13

BETA, SCALE, SMOOTHING, BUCKET_LENGTH_S = 0.7, 0.4, 0.8, 0.5
LEAST_PER_S, MOST_OF_MEASURED = 0.5, 2.0


def start(now: float, processes: int) -> Floats:
    """A client that begins now; nothing is limited before its first throttle."""
    rate = np.zeros(REALS)
    rate[[PROCESSES, FAILED_AT_S, FILL, MOST, FILLED_AT_S, BUCKET_S]] = processes, now, 1.0, 1.0, now, np.floor(now)
    return rate


def _refill(rate: Floats, now: float) -> None:
    rate[TOKENS] = min(rate[MOST], rate[TOKENS] + (now - rate[FILLED_AT_S]) * rate[FILL])
    rate[FILLED_AT_S] = now


def _measure(rate: Floats, now: float) -> None:
    """Count an answer; the measured rate is renewed each half second."""
    bucket = np.floor(now / BUCKET_LENGTH_S) * BUCKET_LENGTH_S
    rate[COUNT] += 1.0
    if bucket > rate[BUCKET_S]:
        current = rate[COUNT] / (bucket - rate[BUCKET_S])
        rate[MEASURED] = current * SMOOTHING + rate[MEASURED] * (1 - SMOOTHING)
        rate[COUNT], rate[BUCKET_S] = 0.0, bucket


def _answered(rate: Floats, now: float, throttled: bool) -> None:
    """An attempt has come back."""
    rate[SEEN] += 1.0
    if rate[SEEN] < rate[PROCESSES]:
        return
    rate[SEEN] = 0.0
    measure(rate, now)
    if throttled:
        reached = min(rate[MEASURED], rate[FILL]) if rate[ENABLED] else rate[MEASURED]
        rate[W_MAX] = reached
        rate[K_S] = (reached * (1 - BETA) / SCALE) ** (1 / 3.0)
        rate[FAILED_AT_S], rate[ENABLED] = now, 1.0
        wanted = reached * BETA
    else:
        wanted = SCALE * (now - rate[FAILED_AT_S] - rate[K_S]) ** 3 + rate[W_MAX]
    wanted = min(wanted, MOST_OF_MEASURED * rate[MEASURED])
    refill(rate, now)
    rate[FILL] = max(wanted, LEAST_PER_S)
    rate[MOST] = max(wanted, 1.0)
    rate[TOKENS] = min(rate[TOKENS], rate[MOST])


def _ready_s(rate: Floats, now: float) -> float:
    """When the next attempt may be sent, from now on; its token is there then."""
    if rate[ENABLED] == 0.0:
        return now
    missing = 1 / rate[PROCESSES] - rate[TOKENS]
    return max(now, rate[FILLED_AT_S] + missing / rate[FILL]) if missing > 0 else now


def _send(rate: Floats, now: float) -> None:
    """An attempt is sent now."""
    if rate[ENABLED]:
        refill(rate, now)
        rate[TOKENS] -= 1 / rate[PROCESSES]


refill = compiled(_refill)
measure = compiled(_measure)
answered = compiled(_answered)
ready_s = compiled(_ready_s)
send = compiled(_send)
