"""What the fleet of kernels/realtime.py holds between two calls: places in its arrays, parameters, state, and what the
specialisations with batches and with extras hold beside it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.kernels import Bytes, Floats, Ints, compiled
from simulator.kernels.calendar import Places

# Places in State.ints.
LOGGED, SEQUENCE, BUSY, RETRYING, FREE, ACTIVE, LEVEL, QUEUED, SPARED, ATTEMPTS, FIRST, QUEUE_PEAK, MOST = range(13)
COUNTS = 13
# Places in State.reals.
WEIGHT, TOKENS, PER_S, QUEUE_S, QUEUE_SINCE = range(5)
REALS = 5

OFF, IN_SERVICE, DRAINING = range(3)
ROW_BITS = 20
NEARLY = 1 - 1e-9
"""The end of a service less its beginning may be less than it lasted by the rounding of the clock."""


Members = NDArray[np.int32]


class Params(NamedTuple):
    """What does not change during a run.

    least_outstanding: 1 for LEAST_OUTSTANDING_REQUESTS. factor: service time over reference time. limit_s: time limit
    of a request; cut_s: after this time the container ends what a worker works on. retry_overflow: 1 when a refusal
    is retried; max_attempts in total; delay_cap_s: largest mean-doubling delay. tokens, retry_cost: the client's
    retry quota (cost 0: no quota).
    """

    workers: int
    queue_size: int
    least_outstanding: int
    factor: float
    limit_s: float
    cut_s: float
    retry_overflow: int
    max_attempts: int
    delay_cap_s: float
    tokens: float
    retry_cost: float


class State(NamedTuple):
    """The fleet between two calls. N instances, P places in the pool of waiting requests, L = W + Q + 1 levels.

    role, busy, queued, head, tail, place: int64[N]; active: int64[N], the ACTIVE first are in service; member:
    int32[L, N] and members: int64[L], instances in service by outstanding requests. worker_t, worker_key,
    worker_after, worker_bucket: calendar of busy workers, FIRST is the place of the next to finish, PER_S its days
    per second; worker_spare: int32, its free places. retry_t, retry_key: heap of requests to be tried again, the key
    is their place in the pool. QUEUE_S, QUEUE_SINCE, QUEUE_PEAK: integral of the waiting requests up to QUEUE_SINCE,
    and their peak, until the caller resets them; MOST: most outstanding requests that any instance reached, likewise.
    first_s, enter_s, demand_s, attempt, next: the pool; free: its empty
    places. spare: float64, uniform numbers for retries.
    """

    ints: Ints
    reals: Floats
    role: Ints
    busy: Ints
    queued: Ints
    head: Ints
    tail: Ints
    place: Ints
    active: Ints
    member: Members
    members: Ints
    worker_t: Floats
    worker_key: Ints
    worker_after: Places
    worker_bucket: Places
    worker_spare: Places
    retry_t: Floats
    retry_key: Ints
    first_s: Floats
    enter_s: Floats
    demand_s: Floats
    attempt: Ints
    next: Ints
    free: Ints
    spare: Floats


# Places in Extra.ints: the list of attempts by the time they entered, the line of clients that may not send yet, users'
# requests since the caller looked, and demands used up.
OLDEST, NEWEST, NEXT_HELD, LAST_HELD, HELD, SENT, DEMANDED = range(7)
EXTRA_INTS = 7
# Places in Extra.reals: what a slow dependency adds to a service time, and the time of the last event.
ADDED_S, NOW_S = range(2)
EXTRA_REALS = 2

NONE = -1


class Rules(NamedTuple):
    """What does not change during a run, in the specialisations with extras.

    deadline_s: a client waits this long for an attempt; infinite when it never gives up. retry_timeout: 1 when it
    then tries again, for timeout_cost of its quota. retry_absent: 1 when it tries again what found no instance in
    service. adaptive: 1 when its send rate is limited (kernels/sending.py). warmup_slowdown: service time of an
    instance that is not warm yet over its usual one. think_s: mean time a user thinks; stops_s: users send nothing
    from then on.
    """

    deadline_s: float
    retry_timeout: int
    retry_absent: int
    timeout_cost: float
    adaptive: int
    warmup_slowdown: float
    think_s: float
    stops_s: float


class Extra(NamedTuple):
    """What only the specialisations with extras have. Every request keeps its place in the pool until it has ended.

    warm_s: float64[N], when an instance is warm. slowdown: float64[W + 1], factor of the service time by busy workers.
    worker_slot: int64 by worker, the place in the pool of its request, or of the first request of its batch, from which
    State.next leads to the others. By place in the pool: begin_s, start of service; paid, quota
    spent on the last retry; user and ghost, 1 for a user's request and for one that its client has given up; older,
    newer: neighbours in the list by time of entry, or newer: in the line of those who may not send yet. demand_s: work
    of users' requests; sent_s: float64, times at which users sent, SENT of them. rate: see kernels/sending.py.
    """

    rules: Rules
    ints: Ints
    reals: Floats
    warm_s: Floats
    slowdown: Floats
    worker_slot: Ints
    begin_s: Floats
    paid: Floats
    user: Bytes
    ghost: Bytes
    older: Ints
    newer: Ints
    demand_s: Floats
    sent_s: Floats
    rate: Floats


# Places in Batches.ints: instances that wait for their oldest request.
(DUE,) = range(1)
BATCH_INTS = 1


class Batches(NamedTuple):
    """What only the specialisations with server-side batching have.

    most: requests of a batch at most; delay_s: how long the oldest waits for a batch to fill; fixed_share: part of the
    time of a batch that does not depend on its size. size: int64, requests by worker. in_work: int64[N], requests
    in work by instance. due_t, due_key: heap of moments at which instances look at their oldest; armed: int8[N], 1 for
    those in it.
    """

    most: int
    delay_s: float
    fixed_share: float
    ints: Ints
    size: Ints
    in_work: Ints
    due_t: Floats
    due_key: Ints
    armed: Bytes


def _rows_of(batches: Batches | None) -> int:
    """Most rows of the log that one event writes: of the batch that ends, and of the one that begins."""
    return 2 * batches.most if batches is not None else 1


def _draws_of(extra: Extra | None, batches: Batches | None) -> int:
    """Most of State.spare that one event uses: a try is routed and put off; each user of a batch that ends thinks."""
    return 2 + batches.most if extra is not None and batches is not None else 2


rows_of = compiled(_rows_of)
draws_of = compiled(_draws_of)
