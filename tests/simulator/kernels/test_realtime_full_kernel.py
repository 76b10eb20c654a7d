"""With extras, with and without batches, the kernel is its slow twin, row for row; and extras that do nothing change
no answer.
"""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.accumulators import new_log
from simulator.kernels import LOG_FULL, NEED_SPARE, OK, POOL_FULL, sending
from simulator.kernels import realtime as kernel
from simulator.kernels import realtime_levels as levels
from simulator.kernels import realtime_loss as loss
from simulator.kernels import realtime_state as parts
from simulator.kernels.fates import TIMED_OUT
from simulator.patterns.realtime.arrays import larger, larger_extra, new_batches, new_state, wider, wider_extra
from tests.reference.realtime_full import BEFORE_S, Endpoint
from tests.simulator.kernels.test_batching_kernel import specs
from tests.simulator.kernels.test_realtime_kernel import PARAMS, cases, through

PLAIN = parts.Rules(
    deadline_s=math.inf,
    retry_timeout=0,
    retry_absent=1,
    timeout_cost=0.0,
    adaptive=0,
    warmup_slowdown=1.0,
    think_s=1.0,
    stops_s=30.0,
)


def extra_for(state, rules, *, processes=1, slowdown=None, added_s=0.0, warm_s=None):
    pool, places, size = state.first_s.size, state.worker_t.size, state.role.size
    extra = parts.Extra(
        rules=rules,
        ints=np.zeros(parts.EXTRA_INTS, dtype=np.int64),
        reals=np.array([added_s, 0.0]),
        warm_s=np.full(size, -math.inf) if warm_s is None else np.array(warm_s),
        slowdown=np.ones(places + 1) if slowdown is None else np.array(slowdown),
        worker_slot=np.zeros(places, dtype=np.int64),
        begin_s=np.zeros(pool),
        paid=np.zeros(pool),
        user=np.zeros(pool, dtype=np.int8),
        ghost=np.zeros(pool, dtype=np.int8),
        older=np.zeros(pool, dtype=np.int64),
        newer=np.zeros(pool, dtype=np.int64),
        demand_s=np.zeros(1),
        sent_s=np.zeros(4),
        rate=sending.start(0.0, processes),
    )
    extra.ints[[parts.OLDEST, parts.NEWEST]] = parts.NONE
    return extra


class Fed:
    """The kernel fed with small logs, chunks and time steps, as the engine does."""

    def __init__(self, params, instances, draws, days_per_s=1.0, batching=None, **more):
        self.params = params
        most = batching.most if batching else 1
        self.state = new_state(instances, params, np.random.default_rng(0), most)
        for number in range(instances):
            self.state.role[number] = parts.IN_SERVICE
            self.state.active[number] = number
            if params.least_outstanding:
                levels.enlist(self.state.member, self.state.members, self.state.place, number, 0)
        self.state.ints[parts.ACTIVE] = instances
        self.state = self.state._replace(spare=np.array(draws[0]))
        self.state.reals[parts.PER_S] = days_per_s
        self.extra = extra_for(self.state, **more)._replace(demand_s=np.array(draws[1]))
        self.batches = new_batches(batching, self.state) if batching else None
        self.log, self.rows, self.sent = new_log(max(5, 2 * most)), [], []

    def begin(self, users):
        n = len(users)
        self.state.ints[parts.FREE] -= n
        slots = self.state.free[self.state.ints[parts.FREE] :][:n].copy()
        self.state.retry_t[:n], self.state.retry_key[:n], self.state.attempt[slots] = sorted(users), slots, 0
        self.state.ints[parts.RETRYING] = n
        self.extra.user[slots] = 1

    def kill(self, now, number):
        state = self.state
        state.role[number] = parts.OFF
        place = int(np.flatnonzero(state.active[: state.ints[parts.ACTIVE]] == number)[0])
        state.ints[parts.ACTIVE] -= 1
        state.active[place] = state.active[state.ints[parts.ACTIVE]]
        if self.params.least_outstanding:
            in_work = self.batches.in_work if self.batches else state.busy
            level = int(in_work[number] + state.queued[number])
            levels.delist(state.member, state.members, state.place, number, level)
        while (code := loss.kill(self.state, self.params, self.extra, self.batches, self.log, number, now)) != OK:
            self.need(code)

    def need(self, code):
        assert code != NEED_SPARE, "the test gave too few draws"
        if code == LOG_FULL:
            self.flush()
        else:
            assert code == POOL_FULL
            self.state, self.extra = wider(self.state), wider_extra(self.extra)

    def flush(self):
        n = int(self.state.ints[parts.LOGGED])
        log = self.log
        columns = (log.arrival_s, log.retry_s, log.queue_s, log.service_s, log.fate, log.attempts)
        self.rows += zip(*(column[:n].tolist() for column in columns), strict=True)
        self.sent += self.extra.sent_s[: self.extra.ints[parts.SENT]].tolist()
        self.state.ints[parts.LOGGED] = self.extra.ints[parts.SENT] = 0

    def run(self, t, demand, u, *, kills=(), chunk=None, step=None):
        size = chunk or max(t.size, 1)
        pieces = [(False, (t[k : k + size], demand[k : k + size], u[k : k + size])) for k in range(0, t.size, size)]
        kills = sorted(kills)
        for final, piece in [*pieces, (True, (np.zeros(0),) * 3)]:
            i, until = 0, step or math.inf
            while True:
                stop = min(until, kills[0][0] if kills else math.inf)
                held = self.state, self.params, self.extra, self.batches, self.log
                i, code = kernel.advance(*held, *piece, i, stop, final)
                if code != OK:
                    self.need(code)
                elif not final and i == piece[0].size:
                    break
                elif kills and stop == kills[0][0]:
                    self.kill(*kills.pop(0))
                elif until < 300:
                    until += step
                else:
                    break
        self.flush()
        return self.rows


@st.composite
def full_cases(draw):
    params, instances, t, demand, u, _ = draw(cases())
    params = params._replace(limit_s=math.inf, max_attempts=draw(st.integers(1, 4)))
    rules = PLAIN._replace(
        deadline_s=draw(st.sampled_from([0.6, 1.7, 3.0, math.inf])),
        retry_timeout=draw(st.integers(0, 1)),
        retry_absent=draw(st.integers(0, 1)),
        timeout_cost=2 * params.retry_cost,
        adaptive=draw(st.integers(0, 1)),
        warmup_slowdown=draw(st.sampled_from([1.0, 2.5])),
        think_s=0.7,
    )
    batching = draw(st.none() | specs)
    seed = draw(st.integers(0, 2**16))
    rng = np.random.default_rng(seed)
    more = {
        "rules": rules,
        "processes": draw(st.sampled_from([1, 3])),
        "slowdown": [1.0, 1.0, 1.3, 1.9, 2.5, 3.0, 3.5][: params.workers * instances + 1] + [4.0] * 12,
        "added_s": draw(st.sampled_from([0.0, 0.3])),
        "warm_s": rng.choice([-math.inf, 2.0], instances),
    }
    users = np.sort(rng.random(draw(st.integers(0, 3)))).tolist()
    some = draw(st.lists(st.integers(0, instances - 1), max_size=instances, unique=True))
    kills = [(float(rng.uniform(0, 8)), number) for number in some]
    draws = (rng.random(20_000), rng.choice([0.25, 0.7, 1.5], 5_000))
    return params, instances, (t, demand, u), more, users, kills, draws, batching


@settings(deadline=None)
@given(full_cases(), st.sampled_from([None, 1, 7]), st.sampled_from([None, 0.4]), st.sampled_from([0.01, 1.0, 50.0]))
def test_the_full_kernel_is_its_twin(case, chunk, step, days_per_s):
    params, instances, requests, more, users, kills, draws, batching = case
    fed = Fed(params, instances, draws, days_per_s, batching, **more)
    fed.begin(users)
    rows = fed.run(*requests, kills=kills, chunk=chunk, step=step)
    twin = Endpoint(params, extra_for(fed.state, **more), instances, draws, more["processes"], batching)
    assert rows == twin.run(*requests, users=users, kills=kills)
    assert fed.sent == twin.sent
    assert fed.state.reals[parts.TOKENS] == twin.tokens
    held = fed.state.ints[[parts.BUSY, parts.QUEUED, parts.RETRYING]].tolist()
    assert [*held, fed.extra.ints[parts.HELD]] == [0, 0, 0, 0]
    assert fed.state.ints[parts.FREE] == fed.state.first_s.size


@settings(deadline=None)
@given(cases())
def test_extras_that_do_nothing_change_no_answer(case):
    """The same rows in another order, but a request that timed out has its work in a row of its own."""
    params, instances, t, demand, u, spare = case
    params = params._replace(retry_cost=0.0)
    plain = through(params, instances, t, demand, u, spare)
    rules = PLAIN._replace(deadline_s=params.limit_s)
    full = Fed(params, instances, (spare, np.zeros(1)), rules=rules).run(t, demand, u)
    answered = sorted(np.round(row, 9).tolist() for row in plain if row[4] != TIMED_OUT)
    assert sorted(np.round(row, 9).tolist() for row in full if row[4] != TIMED_OUT) == answered
    late = [row for row in full if row[4] == TIMED_OUT]
    assert sorted(row[0] for row in late if row[0] != BEFORE_S) == sorted(r[0] for r in plain if r[4] == TIMED_OUT)
    work = sum(row[3] for row in plain if row[4] == TIMED_OUT)
    np.testing.assert_allclose(sum(row[3] for row in late), work)


def test_more_places_change_nothing():
    params = PARAMS._replace(queue_size=50, workers=2)
    rng = np.random.default_rng(3)
    t, demand, u = np.sort(rng.uniform(0, 20, 300)), rng.lognormal(-2, 0.6, 300), rng.random(300)
    rules, rows = PLAIN._replace(deadline_s=1.0, retry_timeout=1), []
    for more in (False, True):
        fed = Fed(params, 2, (np.random.default_rng(1).random(4000), np.zeros(1)), rules=rules)
        half = t.size // 2
        i = 0
        while i < half:
            i, code = kernel.advance(
                fed.state, params, fed.extra, None, fed.log, t[:half], demand[:half], u[:half], i, math.inf, False
            )
            if code != OK:
                fed.need(code)
        if more:
            fed.state, fed.extra = larger(fed.state), larger_extra(fed.extra)
        rows.append(fed.run(t[half:], demand[half:], u[half:]))
    assert rows[0] == rows[1]
