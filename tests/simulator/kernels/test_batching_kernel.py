"""The batching kernel is its slow twin, row for row, however it is fed; and what batches do by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.accumulators import new_log
from simulator.engine.engines.engine import BatchRule
from simulator.kernels import LOG_FULL, OK, POOL_FULL
from simulator.kernels import realtime as kernel
from simulator.kernels import realtime_levels as levels
from simulator.kernels import realtime_state as parts
from simulator.kernels.fates import REJECTED
from simulator.patterns.realtime.arrays import larger, larger_batches, new_batches, new_state, wider
from tests.reference import batching as twin
from tests.simulator.kernels.test_realtime_kernel import PARAMS, _rows, cases
from tests.simulator.kernels.test_realtime_kernel import through as plain


def through(params, spec, instances, t, demand, u, spare, *, chunk=None, step=None, days_per_s=1.0, grow=False):
    state = new_state(instances, params, np.random.default_rng(0), spec.most)
    for number in range(instances):
        state.role[number] = parts.IN_SERVICE
        state.active[number] = number
        if params.least_outstanding:
            levels.enlist(state.member, state.members, state.place, number, 0)
    state.ints[parts.ACTIVE] = instances
    state = state._replace(spare=np.array(spare))
    state.reals[parts.PER_S] = days_per_s
    batches, log, rows = new_batches(spec, state), new_log(2 * spec.most), []
    size = chunk or max(t.size, 1)
    pieces = [(False, (t[k : k + size], demand[k : k + size], u[k : k + size])) for k in range(0, t.size, size)]
    for final, piece in [*pieces, (True, (np.zeros(0),) * 3)]:
        i, until = 0, step or math.inf
        while True:
            i, code = kernel.advance(state, params, None, batches, log, *piece, i, until, final)
            if code == LOG_FULL:
                rows += _rows(log, state)
            elif code == POOL_FULL:
                state = wider(state)
            else:
                assert code == OK
                if i == piece[0].size and not (final and until < 300):
                    break
                until += step or math.inf
        if grow:
            state, batches = larger(state), larger_batches(batches)
    return rows + _rows(log, state)


specs = st.builds(
    BatchRule,
    most=st.integers(1, 4),
    delay_s=st.sampled_from([0.0, 0.3, 2.0]),
    fixed_share=st.sampled_from([0.0, 0.4, 1.0]),
)


@settings(deadline=None)
@given(
    cases(), specs, st.sampled_from([None, 1, 7]), st.sampled_from([None, 0.4]), st.sampled_from([0.01, 50.0]),
    st.booleans(),
)  # fmt: skip
def test_kernel_is_its_twin(case, spec, chunk, step, days_per_s, grow):
    params, instances, t, demand, u, spare = case
    rows = through(
        params, spec, instances, t, demand, u, spare, chunk=chunk, step=step, days_per_s=days_per_s, grow=grow
    )
    assert rows == twin.run(params, spec, instances, t, demand, u, spare)
    assert sorted(row[0] for row in rows) == t.tolist()


@settings(deadline=None)
@given(cases(), st.sampled_from([0.0, 0.4, 1.0]))
def test_batches_of_one_are_the_plain_kernel(case, fixed_share):
    params, instances, t, demand, u, spare = case
    spec = BatchRule(most=1, delay_s=0.5, fixed_share=fixed_share)
    rows = through(params, spec, instances, t, demand, u, spare)
    np.testing.assert_allclose(rows, plain(params, instances, t, demand, u, spare), atol=1e-9)


def by_hand(t, spec, *, workers=1, queue=100, demand_s=1.0):
    t = np.array(t, dtype=np.float64)
    params = PARAMS._replace(workers=workers, queue_size=queue, retry_overflow=0, limit_s=math.inf)
    rows = through(params, spec, 1, t, np.full(t.size, demand_s), np.zeros(t.size), np.zeros(8))
    return sorted((row[0], row[0] + sum(row[1:4])) for row in rows if row[4] != REJECTED), rows


def test_a_lone_request_waits_for_the_delay():
    ends, _ = by_hand([5.0], BatchRule(most=4, delay_s=0.25, fixed_share=0.5))
    assert ends == [(5.0, pytest.approx(6.25))]


def test_a_full_batch_begins_at_once_and_ends_together():
    """Four of one second each, half of it fixed: 0.5 x 1 + 0.5 x 4 = 2.5 s."""
    ends, rows = by_hand([5.0, 5.1, 5.2, 5.3], BatchRule(most=4, delay_s=1.0, fixed_share=0.5))
    assert [end for _, end in ends] == pytest.approx([5.3 + 2.5] * 4)
    assert sum(row[3] for row in rows) == pytest.approx(2.5)


def test_an_overdue_batch_begins_as_soon_as_the_worker_is_free():
    ends, _ = by_hand([0.0, 0.5, 0.6], BatchRule(most=4, delay_s=0.0, fixed_share=1.0))
    assert [end for _, end in ends] == pytest.approx([1.0, 2.0, 2.0])


def test_a_free_worker_makes_room_for_a_batch_beyond_the_queue():
    spec = BatchRule(most=2, delay_s=1.0, fixed_share=0.5)
    assert len(by_hand([0.0, 0.1, 0.2], spec, queue=0)[0]) == 2
    assert len(by_hand([0.0, 0.1, 0.2, 0.3], spec, workers=2, queue=0)[0]) == 4
