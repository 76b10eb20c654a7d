"""The token kernel is its slow twin; steps taken together are steps taken one by one; nothing is lost or made up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.histogram import bucket
from simulator.kernels import tokens as kernel
from tests.reference import tokens as twin


@st.composite
def cases(draw):
    """Requests, settings and a table that make queues, chunks, shortages and refusals likely."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n, clients = draw(st.integers(1, 60)), draw(st.sampled_from([0, 0, 1, 3, 8]))
    prompt, output = rng.integers(1, 400, n), rng.integers(1, 120, n)
    cached = np.minimum(rng.integers(0, 3, n), (prompt - 1) // 16) * 16 * draw(st.sampled_from([0, 1]))
    sent_s = np.zeros(n) if clients else np.sort(rng.uniform(0, draw(st.sampled_from([0.01, 3.0])), n))
    budget, sequences = draw(st.integers(20, 600)), draw(st.integers(1, 20))
    params = kernel.Params(
        blocks=draw(st.integers(20, 160)),
        max_sequences=sequences,
        token_budget=budget,
        sequence_s=4e-5,
        context_token_s=draw(st.sampled_from([0.0, 7e-8, 1e-5])),
        pair_s=1e-9,
        front_end_s=draw(st.sampled_from([0.0, 1e-3])),
        front_end_token_s=1e-6,
        clients=clients,
    )
    size = max(budget, sequences) + 1
    tokens_s = 0.004 + 5e-5 * np.arange(size) + 1e-4 * rng.random(size)
    return prompt, output, cached, sent_s, params, tokens_s


def served(case, *, skip=True):
    prompt, output, cached, sent_s, params, tokens_s = case
    state = kernel.new_state(prompt, output, cached, sent_s, params.blocks)
    kernel.run(state, params._replace(skip=skip), tokens_s)
    return state


def told(case):
    prompt, output, cached, sent_s, params, tokens_s = case
    columns = zip(prompt.tolist(), output.tolist(), cached.tolist(), sent_s.tolist(), strict=True)
    requests = [twin.Request(number, *values) for number, values in enumerate(columns)]
    return twin.Copy(requests, params, tokens_s.tolist()).run()


@settings(deadline=None)
@given(cases())
def test_kernel_is_its_twin(case):
    state, copy = served(case), told(case)
    for name in ("sent_s", "ready_s", "first_s", "last_s"):
        assert getattr(state, name) == pytest.approx([getattr(one, name) for one in copy.all], abs=1e-9)
    assert [fate == kernel.REFUSED for fate in state.fate] == [one.refused for one in copy.all]
    assert state.ints[kernel.PREEMPTIONS] == copy.preemptions
    gaps = np.concatenate([np.zeros(0), *(np.diff(one.token_s) for one in copy.all)])
    assert state.gaps.sum() == gaps.size
    # A gap within rounding of an edge may fall on its other side.
    counted = np.repeat(np.arange(state.gaps.size), state.gaps)
    assert np.abs(counted - np.sort(bucket(gaps))).max(initial=0) <= 1


@settings(deadline=None)
@given(cases())
def test_steps_taken_together_are_steps_one_by_one(case):
    together, single = served(case), served(case, skip=False)
    for name in ("first_s", "last_s"):
        assert getattr(together, name) == pytest.approx(getattr(single, name), abs=1e-9)
    for place in (kernel.STEPS, kernel.PREEMPTIONS, kernel.MOST_BLOCKS):
        assert together.ints[place] == single.ints[place]
    assert together.ints[kernel.EVENTS] <= single.ints[kernel.EVENTS]
    assert together.reals[kernel.BUSY] == pytest.approx(single.reals[kernel.BUSY])


@settings(deadline=None)
@given(cases())
def test_blocks_tokens_and_requests_are_conserved(case):
    _, output, _, _, params, _ = case
    state = served(case)
    assert set(state.fate.tolist()) <= {kernel.DONE, kernel.REFUSED}
    assert state.ints[kernel.FREE] == params.blocks
    assert state.ints[kernel.MOST_BLOCKS] <= params.blocks
    assert not state.residues.any()
    assert state.ints[kernel.CONTEXT] == state.ints[kernel.DECODES] == state.ints[kernel.HEAPED] == 0
    answered = state.fate == kernel.DONE
    assert state.gaps.sum() == (output[answered] - 1).sum(), "every token after the first has a gap before it"
    assert np.all(state.sent_s <= state.ready_s)
    assert np.all(state.ready_s <= state.first_s)
    assert np.all(state.first_s <= state.last_s)


def alone(prompt=100, output=11, **changes):
    params = kernel.Params(1000, 8, 64, 0.0, 0.0, 0.0)._replace(**changes)
    one = np.array([prompt]), np.array([output]), np.array([changes.get("cached", 0)]), np.zeros(1)
    return served((*one, params, np.full(65, 0.01)))


def test_a_request_alone_by_hand():
    state = alone()
    assert state.first_s[0] == pytest.approx(0.02), "100 tokens are two chunks of at most 64"
    assert state.last_s[0] == pytest.approx(0.12), "ten more tokens, a step each"
    assert state.ints[kernel.EVENTS] == 3, "the ten steps are taken at once"


def test_a_request_that_never_fits_is_refused():
    assert alone(blocks=6).fate[0] == kernel.REFUSED


def test_too_few_blocks_preempt_the_newest_and_all_are_answered():
    prompt, output = np.full(4, 64), np.full(4, 64)
    params = kernel.Params(20, 8, 512, 0.0, 0.0, 0.0)
    state = served((prompt, output, np.zeros(4, np.int64), np.zeros(4), params, np.full(513, 0.01)))
    assert state.ints[kernel.PREEMPTIONS] > 0
    assert np.all(state.fate == kernel.DONE)
    assert np.argmax(state.last_s) == 3
