"""What the environments of kernels/serverless.py hold between two calls: places in their arrays, parameters, state."""

from __future__ import annotations

from typing import Final, NamedTuple

from simulator.kernels import INF, Bytes, Floats, Ints
from simulator.kernels.calendar import Places

# Places in State.ints.
LOGGED, SEQUENCE, BUSY, RETRYING, FREE, SPARED, STARTED, ATTEMPTS, KEPT = range(9)
READY, LEAVING, IDLE, BOTTOM, ENVIRONMENTS, MOST_ENVIRONMENTS, MOST_BUSY, EXECUTED = range(9, 17)
FIRST, EMPTY, DATED, HELD, NEXT_HELD, LAST_HELD = range(17, 23)
COUNTS = 23
# Places in State.reals. BILLED_MS is followed by its like for provisioned environments.
TOKENS, SINCE, WARM_S, BUSY_S, QUIET_SINCE, PROVISIONED_S, BILLED_MS = range(7)
PER_S, DATED_S, STARTS, STARTS_S, NOW_S = range(8, 13)
REALS = 13
# Rows of State.pool and of State.draws.
RETRY_T, RETRY_KEY, FIRST_S, DEMAND_S, ATTEMPT, MET, SLOT, BEHIND, PAID, GIVES_UP = range(10)
POOL = 10
SPARE, START_S, LIFE_S, KEEP = range(4)
DRAWS = 4

# What a busy environment is, in KIND_BITS of its word. FAILING ones are no more when their request leaves.
ON_DEMAND, PROVISIONED, FAILING = range(3)
SLOT_BITS = 28

# Attempts that clients hold back at most; one more is sent at once.
MOST_HELD: Final = 1 << 20
# Days of the calendar are looked at after so many requests, or twice as many as are busy.
PATIENCE: Final = 256
# Less than the billing step by far, more than rounding adds to a whole number of milliseconds.
ROUNDING_MS: Final = 1e-6


class Params(NamedTuple):
    """What does not change during a run, unless the caller changes it between two calls.

    factor: service time over reference time; added_s: what is added to it. bill_setup: 1 when a cold start is billed.
    horizon_s: billed are requests that arrived in [0, horizon_s). max_attempts in total; delay_cap_s: largest
    mean-doubling delay; tokens, retry_cost: the client's retry quota (cost 0: no quota). quiet_s: infinite when there
    is no such rule. mortal: 1 when environments have lives of limited length; spread: 1 when keep times are drawn.
    not_ready_s: infinite when a start is waited for; retry_not_ready: 1 when such an answer is tried again.
    starts_per_s: starts allowed, infinite for any number; start_burst: most of them at once. patience_s: how long a
    client waits for an attempt, infinite when as long as the endpoint; timeout_cost: what trying again then costs of
    its quota.
    """

    max_concurrency: int
    keep_s: float
    factor: float
    limit_s: float
    start_limit_s: float
    bill_setup: int
    horizon_s: float
    max_attempts: int
    delay_cap_s: float
    tokens: float
    retry_cost: float
    quiet_s: float
    mortal: int
    added_s: float = 0.0
    spread: int = 0
    not_ready_s: float = INF
    retry_not_ready: int = 0
    starts_per_s: float = INF
    start_burst: float = 0.0
    patience_s: float = INF
    timeout_cost: float = 0.0


class State(NamedTuple):
    """The endpoint between two calls. C places, the concurrency; R, a power of two >= C; P places for retries.

    ints: READY provisioned environments are free, LEAVING busy ones take no more requests, IDLE on-demand ones,
    ENVIRONMENTS on-demand ones exist; FIRST is the row of the next to leave, EMPTY the first free row, free rows are
    chained. reals: BUSY_S and WARM_S make the integrals since SINCE, see `measure`, PROVISIONED_S likewise that of busy
    provisioned environments, which the caller reads and resets; QUIET_SINCE is when the last request in flight left;
    NOW_S is the last event, where clients hold back HELD attempts, from NEXT_HELD to LAST_HELD, each BEHIND another;
    PER_S days per second, last looked at DATED_S, when the sequence was at DATED; STARTS are allowed at STARTS_S.

    rows: float64[2 x 2 C], see simulator.kernels.agenda, one for each on-demand environment and each busy provisioned
    one; busy: in the calendar, its key is the sequence; idle: TIME is when it is gone; free: WORD is the next free row.
    bucket: int32, a power of two. ring: int32[R], rows of idle environments. dies_s, keep: float64[2 C], end of the
    life and factor of the keep time by row, where drawn. pool:
    float64[POOL, P], heap of the requests to be tried again (RETRY_T, RETRY_KEY = sequence and place), the requests by
    place (PAID: quota spent on their last retry; GIVES_UP: 1 when their client gives an attempt up then), and the FREE
    empty places (SLOT); RETRY_KEY, SLOT and BEHIND are whole numbers by their bytes. ghost: int8[2 C], 1 by row for an
    environment whose request was given up, where clients are adaptive. draws:
    float64[DRAWS, N], uniform numbers for delays, durations of starts and lives by start, factors of keep times.
    """

    ints: Ints
    reals: Floats
    rows: Floats
    bucket: Places
    ring: Places
    dies_s: Floats
    keep: Floats
    ghost: Bytes
    pool: Floats
    draws: Floats
