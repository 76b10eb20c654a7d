"""The compiled job is its slow twin: mini-batches, hand-out and answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.accumulators import Tally
from simulator.engine.engines.engine import BatchRule
from simulator.engine.histogram import bucket
from simulator.kernels import batch as kernel
from simulator.kernels import batch_joined as joined
from simulator.kernels.fates import COMPLETED, FAILED, TIMED_OUT
from simulator.patterns.batch.arrays import job_state, new_calls
from tests.reference import batch as twin
from tests.reference import batch_joined as joined_twin

TIMES = [0.0, 0.25, 0.5, 1.0, 1.0, 4.0]


@st.composite
def jobs(draw):
    records = draw(st.integers(1, 60))
    return kernel.Params(
        records=records,
        objects=draw(st.integers(1, records)),
        instances=draw(st.integers(1, 5)),
        per_batch=draw(st.integers(1, 20)),
        factor=draw(st.sampled_from([0.5, 1.0])),
        overhead_s=draw(st.sampled_from([0.0, 0.125])),
        download_s=draw(st.sampled_from([0.0, 0.25])),
        upload_s=draw(st.sampled_from([0.0, 0.5])),
    )


def laid_out(params, slots, chunk):
    """Sizes of all mini-batches, as the kernel hands them out chunk by chunk."""
    state, sizes, out = job_state(params, slots), np.zeros(chunk, dtype=np.int64), []
    while n := kernel.lay_out(state, params, sizes):
        out += sizes[:n].tolist()
    return out


def worked(params, slots, demand, chunk=1000, odd=None, batching=None):
    """odd: bounds of objects, tries, slow times and slowdown, instead of plain ones. batching: workers and rule."""
    bounds, tries, slow, slowdown = odd or (None, np.ones(demand.size, dtype=np.int64), (), ())
    state, sizes, done = job_state(params, slots), np.zeros(chunk, dtype=np.int64), 0
    if bounds:
        state = state._replace(
            edges=np.array(bounds), slow=np.array(slow).reshape(-1, 3), slowdown=np.array(slowdown, dtype=np.float64)
        )
    calls = new_calls(batching[1], state, batching[0]) if batching else None
    while n := kernel.lay_out(state, params, sizes):
        if calls:
            joined.hand_out(state, params, calls, sizes, demand[done : done + n], tries[done : done + n], n)
        else:
            kernel.work(state, params, sizes, demand[done : done + n], tries[done : done + n], n)
        done += n
    if calls:
        joined.drain(state, params, calls)
    assert done == demand.size
    return state


@st.composite
def loads(draw):
    params = draw(jobs())
    calls = sum(len(sizes) for sizes in twin.mini_batches(params))
    demand = draw(st.lists(st.sampled_from(TIMES), min_size=calls, max_size=calls))
    return params, draw(st.integers(1, 4)), np.array(demand)


@given(jobs(), st.sampled_from([1, 3, 1000]))
def test_mini_batches_are_those_of_the_twin(params, chunk):
    expected = [size for sizes in twin.mini_batches(params) for size in sizes]
    assert laid_out(params, 1, chunk) == expected
    assert sum(expected) == params.records


@given(loads(), st.sampled_from([1, 3, 1000]))
def test_work_is_that_of_the_twin(load, chunk):
    params, slots, demand = load
    state = worked(params, slots, demand, chunk)
    begun, finished, model_s, _ = twin.run(params, slots, demand)
    assert state.begun.tolist() == begun
    assert state.finished.tolist() == finished
    assert state.worked_s.tolist() == pytest.approx(model_s)


@st.composite
def odd_loads(draw):
    """Objects of any size, calls that are tried again, cut off or fail, a slow time, slowdown under concurrency."""
    limited = {"limit_s": draw(st.sampled_from([0.75, 1.25, np.inf])), "most_tries": draw(st.integers(1, 4))}
    params = draw(jobs())._replace(**limited)
    bounds = [0, params.records]
    if params.objects > 1:
        cuts = st.sets(st.integers(1, params.records - 1), min_size=params.objects - 1, max_size=params.objects - 1)
        bounds = [0, *sorted(draw(cuts)), params.records]
    calls = sum(len(sizes) for sizes in twin.mini_batches(params, bounds))
    demand = draw(st.lists(st.sampled_from(TIMES), min_size=calls, max_size=calls))
    needed = st.sampled_from([1, 1, *range(1, params.most_tries + 1), -params.most_tries])
    tries = draw(st.lists(needed, min_size=calls, max_size=calls))
    slow = draw(st.sampled_from([[], [(1.0, 2.0, 0.5)], [(0.0, 3.0, 0.25), (2.0, 4.0, 1.0)]]))
    slowdown = draw(st.sampled_from([[], [0.0, 1.0, 1.5, 3.0, 3.5]]))
    return params, draw(st.integers(1, 4)), np.array(demand), (bounds, np.array(tries), slow, slowdown)


@given(odd_loads(), st.sampled_from([1, 1000]))
def test_whatever_is_odd_about_calls_is_that_of_the_twin(load, chunk):
    params, slots, demand, odd = load
    state = worked(params, slots, demand, chunk, odd)
    begun, finished, model_s, fates = twin.run(params, slots, demand, *odd)
    # Times are sums of powers of two, so that no order of adding them up rounds.
    assert state.begun.tolist() == begun
    assert state.finished.tolist() == finished
    assert state.worked_s.tolist() == pytest.approx(model_s)
    codes = {"failed": FAILED, "cut off": TIMED_OUT}
    expected = [[codes[fate] for fate in some if fate != "done"] for some in fates]
    assert state.broken.tolist() == [some[-1] if some else COMPLETED for some in expected]


rules = st.tuples(
    st.integers(1, 3),
    st.builds(
        BatchRule,
        most=st.integers(1, 3),
        delay_s=st.sampled_from([0.0, 0.5, 2.0]),
        fixed_share=st.sampled_from([0.0, 0.5, 1.0]),
    ),
)


@settings(deadline=None)
@given(odd_loads(), rules, st.sampled_from([1, 1000]))
def test_with_batches_over_its_calls_it_is_the_twin_of_such_a_container(load, batching, chunk):
    params, slots, demand, odd = load
    state = worked(params, slots, demand, chunk, odd, batching)
    begun, finished, model_s, fates = joined_twin.run(params, slots, batching, demand, *odd)
    assert state.begun.tolist() == begun
    assert state.finished.tolist() == finished
    assert state.worked_s.tolist() == model_s
    codes = {"failed": FAILED, "cut off": TIMED_OUT}
    expected = [[codes[fate] for fate in some if fate != "done"] for some in fates]
    assert state.broken.tolist() == [some[-1] if some else COMPLETED for some in expected]


@settings(deadline=None)
@given(loads())
def test_batches_of_one_are_the_job_without(load):
    params, slots, demand = load
    plain, batched = (worked(params, slots, demand, batching=b) for b in (None, (slots, BatchRule(1, 0.5, 0.5))))
    assert batched.begun.tolist() == pytest.approx(plain.begun.tolist())
    assert batched.finished.tolist() == pytest.approx(plain.finished.tolist())
    assert batched.worked_s.tolist() == pytest.approx(plain.worked_s.tolist())


@pytest.mark.parametrize(("fixed", "ends_s"), [(1.0, 2.0), (0.5, 5.0), (0.0, 8.0)])
def test_one_worker_takes_the_calls_of_four_slots_together(fixed, ends_s):
    """Eight calls of one second: two batches of four, each 1, 0.5 + 2 or 4 s long."""
    params = kernel.Params(8, 1, 1, 1, 1.0, 0.0, 0.0, 0.0)
    state = worked(params, 4, np.ones(8), batching=(1, BatchRule(4, 10.0, fixed)))
    assert state.finished.tolist() == [ends_s]
    assert state.worked_s.tolist() == [ends_s]


def test_a_last_batch_that_does_not_fill_waits_for_the_delay():
    params = kernel.Params(3, 1, 1, 1, 1.0, 0.0, 0.0, 0.0)
    state = worked(params, 4, np.ones(3), batching=(1, BatchRule(4, 10.0, 1.0)))
    assert state.finished.tolist() == [11.0]
    assert state.worked_s.tolist() == [1.0]


@given(odd_loads())
def test_records_of_a_broken_object_fail(load):
    params, slots, demand, odd = load
    state, tally = worked(params, slots, demand, odd=odd), Tally(3600.0)
    counted, times = np.array([0, params.records]), np.array([60.0, 60.0, 1e9])
    spans = kernel.Spans(np.array([0.0, 60.0]), np.array([params.records]))
    kernel.answer(state, params, spans, counted, times, tally.sums, tally.bin_s)
    bounds, broken = odd[0], np.flatnonzero(state.broken).tolist()
    broken_records = sum(bounds[k + 1] - bounds[k] for k in broken)
    assert tally.sums.fates[:, [FAILED, TIMED_OUT]].sum() == broken_records
    assert tally.sums.fates[:, COMPLETED].sum() == tally.sums.histogram.sum() == params.records - broken_records


@st.composite
def arrivals(draw, records):
    """Spans with so many records in all; some are empty, one may have no length."""
    cuts = sorted(draw(st.lists(st.integers(0, records), min_size=3, max_size=3)))
    counts = np.diff([0, *cuts, records])
    starts = draw(st.sampled_from([(0.0, 60.0, 120.0, 180.0, 200.0), (0.0, 0.0, 60.0, 300.0, 360.0)]))
    return np.array(starts), counts


@given(st.data())
def test_answers_are_those_of_the_twin(data):
    params, slots, demand = data.draw(loads())
    edges, counts = data.draw(arrivals(params.records))
    first = data.draw(st.integers(0, params.records))
    counted = np.array([first, data.draw(st.integers(first, params.records))])
    times = np.array([400.0, 450.0, data.draw(st.sampled_from([455.0, 1e6]))])
    tally = Tally(3600.0)
    state = worked(params, slots, demand)
    kernel.answer(state, params, kernel.Spans(edges, counts), counted, times, tally.sums, tally.bin_s)
    rows = twin.answers(params, state.begun, state.finished, edges, counts, counted, times, tally.bin_s)
    histogram = np.zeros_like(tally.sums.histogram)
    for b, latency_s, *_ in rows:
        histogram[b, bucket(np.array([latency_s]))[0]] += 1
    # A latency on the edge of a bucket may fall on either side by rounding.
    assert np.abs(np.cumsum(tally.sums.histogram - histogram, axis=1)).max() <= 1
    assert tally.sums.histogram.sum(axis=1).tolist() == histogram.sum(axis=1).tolist()
    assert tally.sums.fates[:, 0].tolist() == histogram.sum(axis=1).tolist()
    assert tally.sums.made[0] == counted[1] - counted[0]
    assert tally.sums.attempts[1] == len(rows)
    parts = np.array([row[2:] for row in rows]).reshape(-1, 3).sum(axis=0)
    assert tally.sums.parts[1:] == pytest.approx(parts)
    assert tally.sums.parts.sum() == pytest.approx(sum(row[1] for row in rows))


@given(loads())
def test_a_job_takes_at_least_the_mean_and_at_most_one_call_more(load):
    """Graham's bounds for list scheduling on each instance, without transfers: sum/c and longest, and both together."""
    params, slots, demand = load
    params = params._replace(overhead_s=0.0, download_s=0.0, upload_s=0.0, factor=1.0)
    state = worked(params, slots, demand)
    by_instance: list[list[float]] = [[] for _ in range(params.instances)]
    calls = iter(demand)
    for k, sizes in enumerate(twin.mini_batches(params)):
        by_instance[k % params.instances] += [next(calls) for _ in sizes]
    for number, mine in enumerate(by_instance):
        if mine:
            takes_s = state.finished[number :: params.instances].max()
            assert max(sum(mine) / slots, *mine) <= takes_s + 1e-9
            assert takes_s <= sum(mine) / slots + max(mine) + 1e-9


@given(loads(), st.integers(2, 4))
def test_a_multiple_of_the_instances_finishes_no_object_later(load, times):
    """Then what is before an object on its instance is among what was before it (Kiefer, Wolfowitz 1955)."""
    params, slots, demand = load
    few = worked(params, slots, demand)
    many = worked(params._replace(instances=params.instances * times), slots, demand)
    assert (many.finished <= few.finished + 1e-9).all()


def test_more_instances_can_hurt_when_objects_meet_by_their_number():
    """Objects 0 and 3 are long. Two instances hold one each; of three, the first gets both, since 3 mod 3 is 0."""
    job = kernel.Params(4, 4, 2, 1, 1.0, 0.0, 0.0, 0.0)
    demand = np.array([10.0, 1.0, 1.0, 10.0])
    assert worked(job, 1, demand).finished.max() == 11.0
    assert worked(job._replace(instances=3), 1, demand).finished.max() == 20.0


def test_one_object_is_worked_on_by_one_instance():
    """Facts row 5.3."""
    job = kernel.Params(100, 1, 8, 1, 1.0, 0.0, 0.0, 0.0)
    state = worked(job, 2, np.ones(100))
    assert state.finished.tolist() == [50.0]
    assert np.count_nonzero(state.worked_s) == 1
