"""What the fold makes of a log whose requests go through stages is what the twin makes of each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.accumulators import new_log
from simulator.engine.histogram import bucket
from simulator.engine.stage_sums import PLACES
from simulator.kernels import fold as kernel
from simulator.kernels.buckets import BUCKETS
from simulator.kernels.fates import FATES
from tests.reference import stages as twin

HORIZON_S, BIN_S = 100.0, 10.0
TIMES_S = st.sampled_from([0.0, 0.25, 1.0, 4.0])


@st.composite
def logs(draw):
    rows = draw(st.integers(1, 30))
    requests = [
        (
            draw(st.sampled_from([0.0, 5.0, 9.5, 99.0])),
            [draw(TIMES_S) for _ in range(4)],
            draw(st.sampled_from(FATES[:-1])),
            draw(st.integers(1, 5)),
        )
        for _ in range(rows)
    ]
    stages = [
        twin.Stage(
            times_s=[draw(TIMES_S) for _ in range(rows)],
            place=draw(st.sampled_from(PLACES)),
            each_attempt=draw(st.booleans()),
            limit_s=draw(st.sampled_from([np.inf, 0.5, 3.0, 9.0])),
        )
        for _ in range(draw(st.integers(1, 4)))
    ]
    return requests, stages, [draw(st.booleans()) for _ in range(rows)]


def folded(requests, stages, failing):
    log = new_log(len(requests))
    for i, (arrival, parts, fate, attempts) in enumerate(requests):
        log.arrival_s[i] = arrival
        log.retry_s[i], log.queue_s[i], log.setup_s[i], log.service_s[i] = parts
        log.fate[i], log.attempts[i] = FATES.index(fate), attempts
    bins = int(HORIZON_S / BIN_S)
    sums = kernel.Sums(
        histogram=np.zeros((bins, BUCKETS), dtype=np.int64),
        fates=np.zeros((bins, len(FATES)), dtype=np.int64),
        cold=np.zeros(bins, dtype=np.int64),
        attempts=np.zeros(kernel.MAX_ATTEMPTS + 1, dtype=np.int64),
        made=np.zeros(1, dtype=np.int64),
        parts=np.zeros(kernel.PARTS),
        work=np.zeros(bins),
        executed=np.zeros(3),
    )
    through = kernel.Stages(
        times_s=np.array([one.times_s for one in stages]),
        each_attempt=np.array([one.each_attempt for one in stages], dtype=np.int8),
        failed=np.array(failing, dtype=np.int8),
        place=np.array([PLACES.index(one.place) for one in stages], dtype=np.int8),
        limit_s=np.array([one.limit_s for one in stages]),
        sums_s=np.zeros(len(stages)),
        reached=np.zeros(len(stages), dtype=np.int64),
        late=np.zeros(1, dtype=np.int64),
    )
    kernel.fold(log, len(requests), sums, BIN_S, HORIZON_S, 0.0, through)
    return sums, through


@given(logs())
def test_stages_are_those_of_the_twin(case):
    requests, stages, failing = case
    sums, through = folded(requests, stages, failing)
    seen = twin.through([(sum(parts), parts[3], fate, tries) for _, parts, fate, tries in requests], stages, failing)
    counted = {name: int(number) for name, number in zip(FATES, sums.fates.sum(axis=0), strict=True) if number}
    assert counted == {name: seen.fates.count(name) for name in set(seen.fates)}
    answered = np.array([latency for latency in seen.latencies_s if latency is not None])
    expected = np.bincount(bucket(answered), minlength=BUCKETS) if answered.size else np.zeros(BUCKETS)
    np.testing.assert_array_equal(sums.histogram.sum(axis=0), expected)
    assert through.sums_s.tolist() == pytest.approx(seen.spent_s)
    assert sums.parts[3] == pytest.approx(seen.service_s)
    assert through.reached.tolist() == seen.calls
    assert int(through.late[0]) == seen.late


def test_one_that_took_just_as_long_as_somebody_waits_is_answered():
    sums, _ = folded([(0.0, [0.0, 1.0, 0.0, 2.0], "completed", 1)], [twin.Stage(times_s=[0.0], limit_s=3.0)], [False])
    assert sums.fates.sum(axis=0)[FATES.index("completed")] == 1
