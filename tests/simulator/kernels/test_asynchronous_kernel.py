"""The compiled queue and its slots are their slow twin, row for row; however they are fed."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.accumulators import new_log
from simulator.engine.engines.engine import BatchRule
from simulator.kernels import LOG_FULL, OK, POOL_FULL
from simulator.kernels import asynchronous as kernel
from simulator.kernels import asynchronous_state as parts
from simulator.kernels.fates import COMPLETED, EXPIRED, TIMED_OUT
from simulator.patterns.asynchronous.arrays import activate, deactivate, longer, new_batches, new_state
from tests.reference import asynchronous as twin
from tests.reference import asynchronous_batching as batching_twin

PARAMS = parts.Params(factor=1.0, download_s=0.5, upload_s=0.25, ttl_s=3.0, timeout_s=4.0)
INSTANCES = 4


def small(slots, places=2):
    """A state with a pool so small that it must grow."""
    state = new_state(INSTANCES, slots)
    state.reals[parts.NOW] = -1.0
    return state._replace(enter_s=np.zeros(places), demand_s=np.zeros(places))


def through(params, slots, t, demand, changes, *, log_rows=5, chunk=None, step=None, slowdown=None, batching=None):
    """Feed the kernel with small logs, chunks, pools and time steps; returns rows, and busy slots at changes."""
    state, log, rows, seen = small(slots), new_log(max(log_rows, INSTANCES * slots)), [], []
    if slowdown is not None:
        state = state._replace(slowdown=slowdown)
    batches = new_batches(batching[1], state, batching[0]) if batching else None
    together = [(at, list(group)) for at, group in groupby(changes, key=lambda change: change[0])]
    cuts = range(0, t.size, chunk or max(t.size, 1))
    pieces = [(t[k : k + (chunk or t.size)], demand[k : k + (chunk or t.size)], False) for k in cuts]
    look = step or np.inf
    for times, demands, final in [*pieces, (np.zeros(0), np.zeros(0), True)]:
        i = 0
        while True:
            until = min(together[0][0] if together else np.inf, look)
            i, code = kernel.advance(state, params, batches, log, times, demands, i, until, final)
            if code == LOG_FULL:
                rows += _rows(log, state)
            elif code == POOL_FULL:
                state = longer(state, 10_000)
            elif until < np.inf and (i < times.size or final) and (together or look < 100):
                assert code == OK
                state.reals[parts.NOW] = until
                if together and together[0][0] == until:
                    state = _grown(state, slots)
                    seen += _change((state, params, batches, log), slots, together.pop(0))
                    rows += _rows(log, state)
                look += (step or 0.0) if look == until else 0.0
            elif until < np.inf and final:
                look = np.inf
            else:
                break
    return rows + _rows(log, state), seen


def _grown(state, slots):
    """With room in the pool for all that a kill may bring back."""
    while state.enter_s.size < state.ints[parts.QUEUED] + INSTANCES * slots:
        state = longer(state, 10_000)
    return state


def _change(held, slots, together):
    now, group = together
    state, seen = held[0], []
    for _, number, what in group:
        seen.append({j: int(n) for j, n in enumerate(state.busy) if n})
        if what == "join":
            activate(state, number, slots)
        elif what == "drain":
            deactivate(state, number)
        else:
            kernel.kill(*held, number, now, what == "redo")
    return seen


def _rows(log, state):
    n = int(state.ints[parts.LOGGED])
    state.ints[parts.LOGGED] = 0
    columns = (log.arrival_s, log.queue_s, log.setup_s, log.service_s, log.fate)
    return list(zip(*(column[:n].tolist() for column in columns), strict=True))


@st.composite
def changes(draw):
    """Instances join, leave and others join again, at times that meet those of requests. A place is used once."""
    at = sorted(
        draw(st.lists(st.sampled_from([0.0, 0.0, 1.0, 2.5, 4.0, 7.75]), min_size=INSTANCES, max_size=INSTANCES))
    )
    joins = [(time, number, "join") for number, time in enumerate(at)]
    leaves = [
        (time + draw(st.sampled_from([0.5, 2.0, 5.0])), number, draw(st.sampled_from(["drain", "redo", "lose"])))
        for time, number, _ in joins
        if draw(st.booleans())
    ]
    return sorted(joins + leaves, key=lambda change: change[0])


@st.composite
def cases(draw):
    gaps = st.lists(st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0, 3.0]), min_size=1, max_size=40)
    t = np.cumsum(np.array(draw(gaps)))
    demand = draw(st.lists(st.sampled_from([0.25, 0.5, 1.0, 2.5, 4.0, 6.0]), min_size=t.size, max_size=t.size))
    params = PARAMS._replace(
        factor=draw(st.sampled_from([0.5, 1.0])),
        download_s=draw(st.sampled_from([0.0, 0.5])),
        upload_s=draw(st.sampled_from([0.0, 0.25])),
        ttl_s=draw(st.sampled_from([1.0, 3.0, 1000.0])),
        added_s=draw(st.sampled_from([0.0, 0.5])),
    )
    return params, draw(st.integers(1, 3)), t, np.array(demand), draw(changes())


SLOWER = np.array([0.0, 1.0, 1.5, 3.0])


@given(cases(), st.sampled_from([None, 1, 7]), st.sampled_from([None, 0.4]), st.sampled_from([None, SLOWER]))
def test_kernel_is_its_twin(case, chunk, step, slowdown):
    assert through(*case, chunk=chunk, step=step, slowdown=slowdown) == twin.run(*case, slowdown=slowdown)


rules = st.tuples(
    st.integers(1, 2),
    st.builds(
        BatchRule,
        most=st.integers(1, 3),
        delay_s=st.sampled_from([0.0, 0.5, 2.0]),
        fixed_share=st.sampled_from([0.0, 0.4, 1.0]),
    ),
)


@settings(deadline=None)
@given(cases(), rules, st.sampled_from([None, 1, 7]), st.sampled_from([None, 0.4]), st.sampled_from([None, SLOWER]))
def test_with_batches_it_is_the_twin_of_a_container_that_makes_them(case, batching, chunk, step, slowdown):
    rows, _ = through(*case, chunk=chunk, step=step, slowdown=slowdown, batching=batching)
    assert rows == batching_twin.run(*case, workers=batching[0], rule=batching[1], slowdown=slowdown)


@settings(deadline=None)
@given(cases(), st.none() | rules)
def test_every_request_has_one_row(case, batching):
    params, slots, t, demand, joined = case
    rows, _ = through(params, slots, t, demand, joined, batching=batching)
    assert sorted(row[0] for row in rows) == t.tolist()


def test_expiry_is_exact_and_the_last_moment_counts():
    """One slot is held from 0 to 3: of two who came at 0 with a time to live of 3, the first is served at 3."""
    params = PARAMS._replace(download_s=0.0, upload_s=0.0)
    t, demand = np.array([0.0, 0.0, 0.0]), np.array([3.0, 1.0, 1.0])
    rows, _ = through(params, 1, t, demand, [(0.0, 0, "join")])
    assert [(row[1], row[4]) for row in rows] == [(0.0, COMPLETED), (3.0, EXPIRED), (3.0, COMPLETED)]


def test_a_model_that_takes_too_long_frees_its_slot_at_the_limit_and_uploads_nothing():
    rows, _ = through(PARAMS, 1, np.array([0.0, 0.5]), np.array([9.0, 1.0]), [(0.0, 0, "join")])
    # The second has expired at 3.5; the slot is free at 4.5.
    assert rows[0][4] == EXPIRED
    assert rows[1] == (0.0, 0.0, 0.5, 4.0, TIMED_OUT)


def test_a_full_pool_that_may_not_grow_drops_and_counts():
    state, log = small(1, places=3), new_log(100)
    state.ints[parts.SHUT] = 1
    t = np.arange(10.0)
    i, code = kernel.advance(state, PARAMS._replace(ttl_s=100.0), None, log, t, np.ones(10), 0, 9.5, False)
    assert (i, code) == (10, OK)
    assert state.ints[parts.DROPPED] == 7
    assert state.ints[parts.QUEUED] == 3


@pytest.mark.parametrize("head", [0, 1, 3])
def test_the_pool_keeps_its_order_when_it_grows(head):
    state = small(1, places=4)
    state.enter_s[:] = np.roll([1.0, 2.0, 3.0, 4.0], head)
    state.ints[parts.HEAD] = head
    state.ints[parts.QUEUED] = 4
    grown = longer(state, 7)
    assert grown.enter_s.tolist() == [1, 2, 3, 4, 0, 0, 0]
    assert grown.ints[parts.HEAD] == 0
