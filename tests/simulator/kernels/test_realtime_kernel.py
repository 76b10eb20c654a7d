"""The compiled fleet is its slow twin, row for row; however it is fed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.accumulators import new_log
from simulator.kernels import LOG_FULL, NEED_SPARE, OK, POOL_FULL
from simulator.kernels import realtime as kernel
from simulator.kernels import realtime_levels as levels
from simulator.kernels import realtime_state as parts
from simulator.patterns.realtime.arrays import new_state, wider
from tests.reference import realtime as twin

PARAMS = parts.Params(
    workers=2,
    queue_size=2,
    least_outstanding=1,
    factor=1.0,
    limit_s=3.0,
    cut_s=np.inf,
    retry_overflow=1,
    max_attempts=3,
    delay_cap_s=20.0,
    tokens=6.0,
    retry_cost=5.0,
)


def through(params, instances, t, demand, u, spare, **cut):
    """Feed the kernel with small logs, chunks and time steps, as the engine does; returns the rows of the log."""
    return story(params, instances, t, demand, u, spare, **cut)[0]


def story(params, instances, t, demand, u, spare, *, log_rows=5, chunk=None, step=None, days_per_s=1.0):
    """The same, and the state that is left."""
    state = new_state(instances, params, np.random.default_rng(0))
    for number in range(instances):
        state.role[number] = parts.IN_SERVICE
        state.active[number] = number
        if params.least_outstanding:
            levels.enlist(state.member, state.members, state.place, number, 0)
    state.ints[parts.ACTIVE] = instances
    state = state._replace(spare=np.array(spare))
    state.reals[parts.PER_S] = days_per_s
    log, rows = new_log(log_rows), []
    pieces = (
        [(t, demand, u)]
        if chunk is None
        else [(t[k : k + chunk], demand[k : k + chunk], u[k : k + chunk]) for k in range(0, t.size, chunk)]
    )
    empty = np.zeros(0)
    for final, piece in [*((False, piece) for piece in pieces), (True, (empty, empty, empty))]:
        i, until = 0, step or np.inf
        while True:
            i, code = kernel.advance(state, params, None, None, log, *piece, i, until, final)
            if code == LOG_FULL:
                rows += _rows(log, state)
            elif code == POOL_FULL:
                state = wider(state)
            elif code == NEED_SPARE:
                raise AssertionError("the test gave too few spare draws")
            elif step and until < 500 and (i < piece[0].size or final):
                assert code == OK
                until += step
            else:
                break
    return rows + _rows(log, state), state


def _rows(log, state):
    n = int(state.ints[parts.LOGGED])
    state.ints[parts.LOGGED] = 0
    columns = (log.arrival_s, log.retry_s, log.queue_s, log.service_s, log.fate, log.attempts)
    return list(zip(*(column[:n].tolist() for column in columns), strict=True))


times = st.lists(st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0, 3.0]), min_size=1, max_size=40).map(
    lambda gaps: np.cumsum(np.array(gaps))
)


@st.composite
def cases(draw):
    t = draw(times)
    demand = draw(st.lists(st.sampled_from([0.25, 0.5, 1.0, 2.5, 4.0]), min_size=t.size, max_size=t.size))
    uniform = st.floats(0, 1, exclude_max=True, width=32)
    u = draw(st.lists(uniform, min_size=t.size, max_size=t.size))
    seed = draw(st.integers(0, 2**16))
    params = PARAMS._replace(
        workers=draw(st.integers(1, 3)),
        queue_size=draw(st.integers(0, 2)),
        least_outstanding=draw(st.integers(0, 1)),
        retry_overflow=draw(st.integers(0, 1)),
        factor=draw(st.sampled_from([0.5, 1.0])),
        cut_s=draw(st.sampled_from([np.inf, 0.6, 1.0])),
        retry_cost=draw(st.sampled_from([0.0, 5.0])),
    )
    spare = np.random.default_rng(seed).random(6 * t.size + 4)
    return params, draw(st.integers(1, 4)), t, np.array(demand), np.array(u), spare


@given(cases(), st.sampled_from([None, 1, 7]), st.sampled_from([None, 0.4]), st.sampled_from([0.01, 1.0, 50.0]))
def test_kernel_is_its_twin(case, chunk, step, days_per_s):
    params, instances, t, demand, u, spare = case
    rows, state = story(params, instances, t, demand, u, spare, chunk=chunk, step=step, days_per_s=days_per_s)
    assert (rows, state.ints[parts.MOST]) == twin.story(params, instances, t, demand, u, spare)


@given(cases())
def test_every_request_has_one_row(case):
    params, instances, t, demand, u, spare = case
    rows = through(params, instances, t, demand, u, spare)
    assert sorted(row[0] for row in rows) == t.tolist()


def test_the_pool_of_waiting_requests_grows():
    n = 10_000
    params = PARAMS._replace(queue_size=n, limit_s=np.inf)
    t, demand = np.zeros(n), np.full(n, 0.01)
    rows = through(params, 1, t, demand, np.zeros(n), np.zeros(4), log_rows=1000)
    assert len(rows) == n
    assert rows[-1][2] == pytest.approx((n - 2) / 2 * 0.01)
