"""What the endpoint of kernels/asynchronous.py holds between two calls: places in its arrays, parameters and state."""

from __future__ import annotations

from typing import NamedTuple

from simulator.kernels import Floats, Ints

# Places in State.ints. SHUT: 1 when a full pool does not grow any more, so that what finds it full is dropped.
LOGGED, SEQUENCE, BUSY, FREE, HEAD, QUEUED, PEAK, ATTEMPTS, SHUT, DROPPED = range(10)
COUNTS = 10
# Places in State.reals: time of the last event; integral of the queue's length since the controller last looked.
NOW, WAITED = range(2)
REALS = 2

AWAY, IN_SERVICE, DRAINING = range(3)
SLOT_BITS = 24


class Params(NamedTuple):
    """What does not change between two calls. factor: model time over reference time; the rest in seconds; added_s:
    added to the model time of what begins.
    """

    factor: float
    download_s: float
    upload_s: float
    ttl_s: float
    timeout_s: float
    added_s: float = 0.0


class State(NamedTuple):
    """The endpoint between two calls. N instances with S slots each, P places in the pool of waiting requests.

    role, busy: int64[N], of each instance. owner: int64[N x S], the instance of each slot. free: int64[N x S], a stack
    of the free slots of those in service. finish_t, finish_key: [N x S], heap of busy slots, the key is sequence and
    slot. held_enter_s, held_began_s, held_demand_s, held_service_s, held_fate: [N x S], what a busy slot works on.
    enter_s, demand_s: float64[P], a ring. slowdown: float64[S + 1], factor of the service time by busy slots of the
    instance.
    """

    ints: Ints
    reals: Floats
    role: Ints
    busy: Ints
    owner: Ints
    free: Ints
    finish_t: Floats
    finish_key: Ints
    held_enter_s: Floats
    held_began_s: Floats
    held_demand_s: Floats
    held_service_s: Floats
    held_fate: Ints
    enter_s: Floats
    demand_s: Floats
    slowdown: Floats
