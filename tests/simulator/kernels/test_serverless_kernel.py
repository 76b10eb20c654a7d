"""The compiled environments are their slow twin, row for row and second for second; however they are fed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.accumulators import new_log
from simulator.kernels import LOG_FULL, NEED_SPARE, OK, POOL_FULL, sending
from simulator.kernels import serverless as kernel
from simulator.kernels import serverless_state as parts
from simulator.kernels.fates import COMPLETED, THROTTLED, TIMED_OUT
from simulator.patterns.serverless.deployment import ServerlessDeployment
from simulator.patterns.serverless.run import _wider, new_state
from tests.reference import serverless as twin

PARAMS = parts.Params(
    max_concurrency=2,
    keep_s=2.0,
    factor=1.0,
    limit_s=3.0,
    start_limit_s=2.5,
    bill_setup=0,
    horizon_s=6.0,
    max_attempts=3,
    delay_cap_s=20.0,
    tokens=6.0,
    retry_cost=5.0,
    quiet_s=np.inf,
    mortal=0,
)
# No sum of the times below falls on a multiple of it.
TICK_S = 0.6180339887


@dataclass
class Fed:
    """What came out: rows of the log, (begin, end, *measured) of each tick, the state left."""

    rows: list[tuple] = field(default_factory=list)
    ticks: list[tuple] = field(default_factory=list)
    attempts: int = 0
    state: parts.State | None = None


def through(
    p, provisioned, t, demand, spare, start_s, life_s=(), keep=(), *, processes=0, log_rows=5, chunk=None, tick_s=None
):
    """Feed the kernel with small logs, chunks and time steps, as the engine does."""
    deployment = ServerlessDeployment.model_construct(
        max_concurrency=p.max_concurrency, provisioned_concurrency=provisioned
    )
    given = {parts.SPARE: spare, parts.START_S: start_s, parts.LIFE_S: life_s, parts.KEEP: keep}
    size = max(map(len, given.values()))
    state = new_state(deployment, p.tokens, 0.0)._replace(draws=np.zeros((parts.DRAWS, size)))
    for row, numbers in given.items():
        state.draws[row, : len(numbers)] = numbers
    state.ints[parts.SPARED] = state.ints[parts.STARTED] = state.ints[parts.KEPT] = 0
    log, fed = new_log(log_rows), Fed()
    rate = sending.start(0.0, processes) if processes else None
    size = chunk or t.size
    pieces = [(False, t[k : k + size], demand[k : k + size]) for k in range(0, t.size, size)]
    begin, end = 0.0, tick_s or np.inf
    for final, some_t, some_demand in [*pieces, (True, np.zeros(0), np.zeros(0))]:
        i = 0
        while True:
            i, code = kernel.advance(state, p, rate, log, some_t, some_demand, i, end, final)
            if code == LOG_FULL:
                fed.rows += _rows(log, state)
            elif code == POOL_FULL:
                state = _wider(state)
            elif code == NEED_SPARE:
                raise AssertionError("the test gave too few draws")
            elif tick_s and (i < some_t.size or (final and state.ints[[parts.BUSY, parts.RETRYING, parts.HELD]].any())):
                assert code == OK
                fed.ticks.append((begin, end, *kernel.measure(state, p, end)))
                begin, end = end, end + tick_s
            else:
                break
    fed.rows += _rows(log, state)
    fed.attempts = int(state.ints[parts.ATTEMPTS])
    fed.state = state
    return fed


def _rows(log, state):
    n = int(state.ints[parts.LOGGED])
    state.ints[parts.LOGGED] = 0
    return list(zip(*(column[:n].tolist() for column in log), strict=True))


gaps = st.lists(st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0, 3.0]), min_size=1, max_size=40)


@st.composite
def cases(draw):
    t = np.cumsum(np.array(draw(gaps)))
    demand = draw(st.lists(st.sampled_from([0.25, 0.5, 1.0, 2.5, 4.0]), min_size=t.size, max_size=t.size))
    most = draw(st.integers(1, 5))
    params = PARAMS._replace(
        max_concurrency=most,
        keep_s=draw(st.sampled_from([0.25, 1.0, 2.0, 1e6])),
        factor=draw(st.sampled_from([0.5, 1.0])),
        bill_setup=draw(st.integers(0, 1)),
        retry_cost=draw(st.sampled_from([0.0, 5.0])),
        quiet_s=draw(st.sampled_from([np.inf, np.inf, 0.5, 1.5])),
        mortal=draw(st.integers(0, 1)),
        added_s=draw(st.sampled_from([0.0, 0.25])),
        spread=draw(st.integers(0, 1)),
        not_ready_s=draw(st.sampled_from([np.inf, np.inf, 0.25, 3.0])),
        retry_not_ready=draw(st.integers(0, 1)),
        starts_per_s=draw(st.sampled_from([np.inf, np.inf, 0.5])),
        start_burst=draw(st.sampled_from([1.0, 2.5])),
        patience_s=draw(st.sampled_from([np.inf, np.inf, 0.25, 1.0, 3.0])),
        timeout_cost=draw(st.sampled_from([0.0, 6.0])),
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    start_s = rng.choice([0.25, 0.5, 1.0, 4.0], 3 * t.size)
    life_s = rng.choice([0.5, 2.0, 3.5, 6.0], 3 * t.size)
    keep = rng.choice([0.25, 1.0, 2.0], 3 * t.size)
    return params, draw(st.integers(0, most)), t, np.array(demand), rng.random(3 * t.size), start_s, life_s, keep


@given(cases(), st.sampled_from([0, 1, 2]), st.sampled_from([None, 1, 7]), st.sampled_from([None, TICK_S]))
def test_kernel_is_its_twin(case, processes, chunk, tick_s):
    fed = through(*case, processes=processes, chunk=chunk, tick_s=tick_s)
    story = twin.run(*case, processes=processes)
    # Powers in the rate of adaptive clients are rounded differently.
    assert len(fed.rows) == len(story.rows)
    for row, expected in zip(fed.rows, story.rows, strict=True):
        assert row == (pytest.approx(expected, rel=1e-9) if processes else expected)
    assert fed.attempts == story.attempts
    reals, ints = fed.state.reals, fed.state.ints
    assert reals[parts.BILLED_MS + parts.ON_DEMAND] == story.billed_ms[False]
    assert reals[parts.BILLED_MS + parts.PROVISIONED] == story.billed_ms[True]
    assert ints[parts.EXECUTED] == story.executed
    if tick_s is None:
        assert reals[parts.PROVISIONED_S] == pytest.approx(story.provisioned_s)


@given(cases())
def test_integrals_and_peaks_are_those_of_the_twin(case):
    story = twin.run(*case)
    for begin, end, warm_s, busy_s, most_warm, most_busy in through(*case, tick_s=TICK_S).ticks:
        assert warm_s == pytest.approx(twin.integral(story.lives, begin, end), abs=1e-9)
        assert busy_s == pytest.approx(twin.integral(story.stays, begin, end), abs=1e-9)
        assert most_warm == twin.peak(story.lives, begin, end)
        assert most_busy == twin.peak(story.stays, begin, end)


@given(cases())
def test_every_request_has_one_row(case):
    """Beside those of work that nobody waits for any more, which are no request's."""
    assert sorted(row[0] for row in through(*case).rows if row[6]) == case[2].tolist()


@given(cases())
def test_environments_are_never_more_than_the_concurrency(case):
    params, provisioned = case[0], case[1]
    for *_, most_warm, most_busy in through(*case, tick_s=TICK_S).ticks:
        assert most_busy <= params.max_concurrency
        assert provisioned + most_warm <= params.max_concurrency


@given(cases())
def test_a_start_is_cold_just_when_more_are_in_flight_than_ever_while_environments_are_kept(case):
    """What was used last is used first, so environments stand for the levels that the requests in flight reached."""
    params, _, t, demand, spare, start_s, *_ = case
    params = params._replace(start_limit_s=np.inf, quiet_s=np.inf, mortal=0, spread=0)
    params = params._replace(not_ready_s=np.inf, starts_per_s=np.inf, patience_s=np.inf)
    story = twin.run(params, 0, t, demand, spare, start_s)
    executed = [row for row in through(params, 0, t, demand, spare, start_s).rows if row[5] != THROTTLED]
    for k, (now, _) in enumerate(story.stays):
        # Just after each request came in; a level holds until the first departure that brings the count below it.
        level = 1 + sum(end > now for _, end in story.stays[:k])
        reached_until = [
            sorted(end for start, end in story.stays[:j] if end > story.stays[j - 1][0])[-level]
            for j in range(1, k + 1)
            if sum(end > story.stays[j - 1][0] for _, end in story.stays[:j]) >= level
        ]
        warm = any(until + params.keep_s >= now for until in reached_until)
        assert executed[k][7] == (not warm)


def test_one_request_alone_meets_a_cold_start_and_the_next_does_not():
    t, demand = np.array([0.0, 3.0, 5.5, 9.0]), np.full(4, 1.0)
    rows = through(PARAMS, 0, t, demand, np.zeros(9), np.full(9, 0.5)).rows
    # Idle from 1.5 to 3.0: warm. From 4.0 to 5.5: warm. From 6.5 to 9.0, longer than 2: cold.
    assert [row[7] for row in rows] == [1, 0, 0, 1]
    assert [row[3] for row in rows] == [0.5, 0.0, 0.0, 0.5]


def test_an_environment_is_kept_for_just_the_keep_warm_time():
    t, demand = np.array([0.0, 3.5, 6.5 + 2**-20]), np.full(3, 1.0)
    rows = through(PARAMS, 0, t, demand, np.zeros(9), np.full(9, 0.5)).rows
    # Idle for 2 s to the moment, then for a moment longer.
    assert [row[7] for row in rows] == [1, 0, 1]


def test_all_are_gone_when_the_endpoint_has_been_quiet():
    params = PARAMS._replace(keep_s=100.0, quiet_s=2.0)
    t, demand = np.array([0.0, 0.0, 3.0, 6.25]), np.array([0.5, 1.0, 1.0, 1.0])
    rows = through(params, 0, t, demand, np.zeros(9), np.zeros(9)).rows
    # Quiet from 1.0 to 3.0, which is not too long, then from 4.0 to 6.25.
    assert [row[7] for row in rows] == [1, 1, 0, 1]


def test_a_mortal_environment_ends_its_work_and_then_its_life():
    params = PARAMS._replace(keep_s=100.0, mortal=1)
    t, demand = np.array([0.0, 1.0, 2.5, 4.0]), np.array([0.5, 1.0, 0.5, 0.5])
    rows = through(params, 0, t, demand, np.zeros(9), np.zeros(9), np.array([1.5, 1.4, 9.0])).rows
    # Life ends at 1.5, in work until 2.0; the next at 3.9, idle.
    assert [row[7] for row in rows] == [1, 0, 1, 1]


def test_the_environment_used_last_is_used_first():
    t, demand = np.array([0.0, 0.0, 2.0, 2.5, 4.0, 4.0]), np.array([1.0, 1.5, 0.5, 0.5, 1.0, 1.0])
    rows = through(PARAMS, 0, t, demand, np.zeros(9), np.zeros(9)).rows
    # The second environment, idle since 1.5, serves at 2.0 and 2.5. The first, idle since 1.0, is gone at 4.0.
    assert [row[7] for row in rows] == [1, 1, 0, 0, 0, 1]


def test_provisioned_environments_are_taken_first_and_are_never_cold():
    t, demand = np.array([0.0, 0.0, 10.0]), np.full(3, 1.0)
    fed = through(PARAMS, 1, t, demand, np.zeros(9), np.full(9, 0.5))
    assert [row[7] for row in fed.rows] == [0, 1, 0]
    assert fed.state.reals[parts.BILLED_MS :][:2].tolist() == [1000.0, 1000.0]  # that of time 10 is beyond the horizon


def test_a_start_that_takes_too_long_times_out_holds_its_place_and_leaves_nothing():
    params = PARAMS._replace(max_concurrency=1, max_attempts=1)
    t, demand = np.array([0.0, 2.4, 2.5]), np.full(3, 1.0)
    fed = through(params, 0, t, demand, np.zeros(9), np.array([99.0, 0.5, 0.5]))
    assert [(row[5], row[3], row[4], row[7]) for row in fed.rows] == [
        (TIMED_OUT, 2.5, 0.0, 1),
        (THROTTLED, 0.0, 0.0, 0),
        (COMPLETED, 0.5, 1.0, 1),
    ]
    assert fed.state.reals[parts.BILLED_MS] == 1000.0
    assert fed.state.ints[parts.EXECUTED] == 1


def test_work_beyond_the_time_limit_is_cut_off_and_billed_up_to_it():
    t, demand = np.array([0.0, 3.25]), np.array([7.0, 1.0])
    fed = through(PARAMS, 0, t, demand, np.zeros(9), np.full(9, 0.25))
    assert [(row[5], row[4], row[7]) for row in fed.rows] == [(TIMED_OUT, 3.0, 1), (COMPLETED, 1.0, 0)]
    assert fed.state.reals[parts.BILLED_MS] == 4000.0


def test_a_whole_number_of_milliseconds_is_billed_as_it_is():
    demand = np.arange(1, 1001) / 1000
    params = PARAMS._replace(max_concurrency=1000, horizon_s=1.0)
    fed = through(params, 0, np.zeros(1000), demand, np.zeros(9), np.zeros(2000))
    assert fed.state.reals[parts.BILLED_MS] == 500_500


def test_a_cold_start_is_billed_with_its_request_when_that_is_assumed():
    params = PARAMS._replace(bill_setup=1)
    fed = through(params, 0, np.array([0.0]), np.array([0.0104]), np.zeros(9), np.full(9, 0.5003))
    assert fed.state.reals[parts.BILLED_MS] == 511


def test_retries_stop_when_the_quota_is_used_up():
    """500 tokens, 5 a retry: 100 retries, whatever is refused after that is refused at once."""
    params = PARAMS._replace(max_concurrency=1, tokens=500.0, limit_s=1e9, max_attempts=2)
    n = 301
    demand = np.full(n, 1e6)
    rows = through(params, 0, np.zeros(n), demand, np.full(2 * n, 0.5), np.zeros(2 * n)).rows
    assert sum(row[6] == 2 for row in rows) == 100
    assert sum(row[5] == THROTTLED for row in rows) == 300


def test_the_pool_of_requests_to_be_tried_again_grows():
    n = 10_000
    params = PARAMS._replace(max_concurrency=1, limit_s=1e9, retry_cost=0.0, max_attempts=2)
    spare = np.random.default_rng(1).random(n)
    fed = through(params, 0, np.zeros(n), np.full(n, 1e6), spare, np.zeros(n), log_rows=1000)
    assert len(fed.rows) == n
    assert fed.attempts == 2 * n - 1


def test_draws_are_asked_for_before_anything_happens():
    deployment = ServerlessDeployment(max_concurrency=2)
    state = new_state(deployment, 0.0, 0.0)
    answer = kernel.advance(state, PARAMS, None, new_log(4), np.zeros(1), np.ones(1), 0, np.inf, False)
    assert answer == (0, NEED_SPARE)
    assert state.ints[parts.ATTEMPTS] == 0


def test_a_client_that_gives_up_tries_again_while_the_environment_works_on():
    """Cold for 0.5 s and at work for 2 s; the client waits 1 s, then draws delays of 1.0 and 2.0 x 0.5 s."""
    params = PARAMS._replace(patience_s=1.0, timeout_cost=0.0, retry_cost=0.0, max_attempts=3)
    rows = through(params, 0, np.array([0.0]), np.array([2.0]), np.array([1.0, 0.5, 0.0]), np.full(9, 0.5)).rows
    # Attempts enter at 0, 2 and 4 s: the second finds the first still at work and starts cold, the third is warm.
    assert rows == [
        (-1.0, 1.0, 0.0, 0.5, 2.0, TIMED_OUT, 0, 0),
        (-1.0, 3.0, 0.0, 0.5, 2.0, TIMED_OUT, 0, 0),
        (-1.0, 5.0, 0.0, 0.0, 2.0, TIMED_OUT, 0, 0),
        (0.0, 5.0, 0.0, 0.0, 0.0, TIMED_OUT, 3, 1),
    ]


def test_a_timeout_costs_its_own_part_of_the_quota_and_success_gives_it_back():
    """Two clients give up their first attempt, which met a cold start; only one finds 6 in the quota of 10."""
    params = PARAMS._replace(patience_s=0.75, timeout_cost=6.0, retry_cost=5.0, tokens=10.0, max_concurrency=5)
    fed = through(params, 0, np.array([0.0, 0.0]), np.array([0.5, 0.5]), np.full(9, 0.5), np.full(9, 0.5))
    ended = [row for row in fed.rows if row[6]]
    assert [(row[5], row[6]) for row in ended] == [(TIMED_OUT, 1), (COMPLETED, 2)]
    assert fed.state.reals[parts.TOKENS] == 10.0


def test_a_patience_that_ends_with_the_answer_is_enough_but_not_with_the_limit():
    params = PARAMS._replace(patience_s=3.0, max_attempts=1)
    for work, fate, attempts in ((3.0, COMPLETED, [1]), (9.0, TIMED_OUT, [0, 1])):
        rows = through(params, 1, np.array([0.0]), np.array([work]), np.zeros(9), np.zeros(9)).rows
        assert rows[-1][5] == fate
        assert [row[6] for row in rows] == attempts
